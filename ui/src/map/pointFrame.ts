/**
 * The city as pixels: every point of a view stamped into one frame, the worst last; a change restamps only what it touches.
 * No DOM here: the layer gives the pixels of an `ImageData`.
 */
import type { Extent, PointGrid } from "./grid";
import type { Freshness } from "../host/bindings";
import { HALF_WORLD, pixelsPerMetre } from "./mercator";
import { hatch, pack, press, wipe, type Frame, type Hatching, type Phase, type Rect } from "./stamp";
import { StampSet } from "./symbols";
import { freshnessOf, urgency, withoutLink } from "./state";
import type { Palette } from "./palette";

/** Where the frame lies in the world. */
export interface FrameView {
  zoom: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** World pixel (CSS) of the frame's top left corner. */
  worldX: number;
  worldY: number;
  /** The desk's link is lost: nothing on it is live. */
  cut?: boolean;
}

/** Above so many changes at once, the whole frame is stamped again: it costs less than many small rectangles. */
const REDRAW_FROM = 300;
/** Each age has a hatch of its own: the denser the older, the other way for what does not answer, dots for what never did. */
const HATCHES: Record<Exclude<Freshness, "live">, Hatching> = {
  ageing: { period: 8, rising: true, falling: false },
  stale: { period: 4, rising: true, falling: false },
  unreachable: { period: 4, rising: false, falling: true },
  never: { period: 4, rising: true, falling: true },
};
const LONGEST_PERIOD = 8;
const LAMP = 0;
/** More than any index: urgency and index are sorted as one number. */
const INDEX = 0x4000000;

export class PointFrame {
  readonly grid: PointGrid;
  readonly frame: Frame;
  readonly #stamps: StampSet;
  readonly #hidden: Uint8Array;
  readonly #scale: number;
  readonly #offsetX: number;
  readonly #offsetY: number;
  readonly #phase: Phase;
  readonly #cut: boolean;
  readonly #hatchPixel: number;
  readonly #hatchRadius: number;
  readonly #reach: number;

  /** `hidden[kind]` is 1 for kinds that are filtered out. */
  constructor(grid: PointGrid, frame: Frame, view: FrameView, colours: Palette, hidden: Uint8Array) {
    this.grid = grid;
    this.frame = frame;
    this.#hidden = hidden;
    this.#stamps = new StampSet(view.zoom, view.ratio, colours);
    this.#scale = pixelsPerMetre(view.zoom) * view.ratio;
    this.#offsetX = (grid.originX + HALF_WORLD) * this.#scale - view.worldX * view.ratio;
    this.#offsetY = (HALF_WORLD - grid.originY) * this.#scale - view.worldY * view.ratio;
    const phase = (world: number): number => ((Math.round(world * view.ratio) % LONGEST_PERIOD) + LONGEST_PERIOD) % LONGEST_PERIOD;
    this.#phase = { x: phase(view.worldX), y: phase(view.worldY) };
    this.#cut = view.cut ?? false;
    this.#hatchPixel = pack(colours["text-3"], 0.55);
    this.#hatchRadius = Math.max(4, Math.min(14, 3 + 2.2 * (view.zoom - 11))) * view.ratio;
    this.#reach = Math.ceil(16 * view.ratio);
  }

  /** Device pixel of a point. */
  pixelX(index: number): number {
    return Math.round(this.grid.x[index]! * this.#scale + this.#offsetX);
  }

  pixelY(index: number): number {
    return Math.round(this.#offsetY - this.grid.y[index]! * this.#scale);
  }

  /** Stamps everything. Returns how many points lie in the frame. */
  drawAll(): number {
    const whole = { left: 0, top: 0, right: this.frame.width, bottom: this.frame.height };
    wipe(this.frame, whole);
    return this.#stampInside(whole);
  }

  /** Stamps again what these points touch. Returns the rectangle to show, null for none in the frame. */
  restamp(indices: readonly number[]): Rect | null {
    if (indices.length > REDRAW_FROM) {
      this.drawAll();
      return { left: 0, top: 0, right: this.frame.width, bottom: this.frame.height };
    }
    let shown: Rect | null = null;
    for (const index of indices) {
      if (this.#hidden[this.grid.kind[index]!]) continue;
      const rect = this.#around(index);
      if (rect.left >= rect.right || rect.top >= rect.bottom) continue;
      wipe(this.frame, rect);
      this.#stampInside(rect);
      shown = shown === null ? rect : joined(shown, rect);
    }
    return shown;
  }

  #around(index: number): Rect {
    const x = this.pixelX(index);
    const y = this.pixelY(index);
    return {
      left: Math.max(0, x - this.#reach),
      top: Math.max(0, y - this.#reach),
      right: Math.min(this.frame.width, x + this.#reach + 1),
      bottom: Math.min(this.frame.height, y + this.#reach + 1),
    };
  }

  #stampInside(clip: Rect): number {
    const { grid, frame } = this;
    const worse: number[] = [];
    let count = 0;
    const area = this.#metres(clip);
    grid.runs(area, (from, to) => {
      for (let i = from; i < to; i++) {
        if (this.#hidden[grid.kind[i]!]) continue;
        const state = this.#state(i);
        const level = urgency(state);
        if (level > 0) {
          // Of the same urgency, lamps come under the rest: a camera or a junction must not be lost among them.
          worse.push((2 * level + (grid.kind[i] === LAMP ? 0 : 1)) * INDEX + i);
          continue;
        }
        count++;
        const x = this.pixelX(i);
        const y = this.pixelY(i);
        press(frame, this.#stamps.stamp(grid.kind[i]!, state), x, y, clip);
        this.#hatch(state, x, y, clip);
      }
    });
    worse.sort((a, b) => a - b);
    for (const packed of worse) {
      const i = packed % INDEX;
      const state = this.#state(i);
      const x = this.pixelX(i);
      const y = this.pixelY(i);
      this.#hatch(state, x, y, clip);
      press(frame, this.#stamps.stamp(grid.kind[i]!, state), x, y, clip);
    }
    return count + worse.length;
  }

  #state(index: number): number {
    const state = this.grid.state[index]!;
    return this.#cut ? withoutLink(state) : state;
  }

  #hatch(state: number, x: number, y: number, clip: Rect): void {
    const age = freshnessOf(state);
    if (age !== "live") hatch(this.frame, x, y, this.#hatchRadius, this.#hatchPixel, HATCHES[age], this.#phase, clip);
  }

  /** The metres that can touch a rectangle of pixels. */
  #metres(rect: Rect): Extent {
    return {
      minX: (rect.left - this.#reach - this.#offsetX) / this.#scale,
      maxX: (rect.right + this.#reach - this.#offsetX) / this.#scale,
      minY: (this.#offsetY - rect.bottom - this.#reach) / this.#scale,
      maxY: (this.#offsetY - rect.top + this.#reach) / this.#scale,
    };
  }
}

function joined(a: Rect, b: Rect): Rect {
  return {
    left: Math.min(a.left, b.left), top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom),
  };
}
