/**
 * The city as pixels: every point of a view stamped into one frame, the worst last; a change restamps only what it touches.
 * No DOM here: the layer gives the pixels of an `ImageData`.
 */
import type { Freshness } from "../host/bindings";
import { Framing, hatchPhase, type FrameView } from "./framing";
import type { PointGrid } from "./grid";
import type { Palette } from "./palette";
import { isEmpty } from "./rects";
import type { Shown } from "./shown";
import { hatch, pack, press, wipe, type Frame, type Hatching, type Phase, type Rect } from "./stamp";
import { FRESHNESS, freshnessOf, LAMP, LOOK, urgency, withoutLink } from "./state";
import { StampSet } from "./symbols";

/** Restamping one change costs about as much as this many dots: beyond, the whole frame is stamped again. */
const DOTS_PER_CHANGE = 20;
/** A frame costs no less than so many dots, however few it has: it is emptied and shown as a whole. */
const LEAST = 20_000;
/** Each age has a hatch of its own: the denser the older, the other way for what does not answer, dots for what never did. */
const HATCHES: Record<Exclude<Freshness, "live">, Hatching> = {
  ageing: { period: 8, rising: true, falling: false },
  stale: { period: 4, rising: true, falling: false },
  unreachable: { period: 4, rising: false, falling: true },
  never: { period: 4, rising: true, falling: true },
};
/** More than any index: urgency and index are sorted as one number. */
const INDEX = 0x4000000;
/** What of a state makes another stamp. */
const STAMPED = LOOK | FRESHNESS;

export class PointFrame {
  readonly grid: PointGrid;
  readonly frame: Frame;
  readonly #framing: Framing;
  readonly #stamps: StampSet;
  readonly #shown: Shown;
  readonly #phase: Phase;
  readonly #cut: boolean;
  readonly #hatchPixel: number;
  readonly #hatchRadius: number;
  readonly #reach: number;
  /** What of each point's state was stamped, plus one; 0 for none. */
  readonly #drawn: Uint8Array;
  #count = 0;

  constructor(grid: PointGrid, frame: Frame, view: FrameView, colours: Palette, shown: Shown) {
    this.grid = grid;
    this.frame = frame;
    this.#framing = new Framing(grid, view);
    this.#shown = shown;
    this.#stamps = StampSet.of(view.zoom, view.ratio, colours);
    this.#phase = hatchPhase(view);
    this.#cut = view.cut ?? false;
    this.#hatchPixel = pack(colours["text-3"], 0.55);
    this.#hatchRadius = Math.max(4, Math.min(14, 3 + 2.2 * (view.zoom - 11))) * view.ratio;
    this.#reach = Math.ceil(16 * view.ratio);
    this.#drawn = new Uint8Array(grid.count);
  }

  /** Stamps everything. Returns how many points lie in the frame. */
  drawAll(): number {
    const whole = { left: 0, top: 0, right: this.frame.width, bottom: this.frame.height };
    wipe(this.frame, whole);
    this.#drawn.fill(0);
    this.#count = this.#stampInside(whole, true);
    return this.#count;
  }

  /** Whether what is stamped of a point may touch a rectangle. */
  touches(index: number, { left, top, right, bottom }: Rect): boolean {
    const x = this.#framing.pixelX(this.grid.x[index]!);
    const y = this.#framing.pixelY(this.grid.y[index]!);
    return x + this.#reach >= left && x - this.#reach < right && y + this.#reach >= top && y - this.#reach < bottom;
  }

  /** Stamps again what these points touch. Returns the rectangles to show: none when no pixel changed. */
  restamp(indices: readonly number[]): Rect[] {
    const touched = indices.filter((index) => this.#drawn[index] !== this.#due(index) && !isEmpty(this.#around(index, this.#reach)));
    if (touched.length * DOTS_PER_CHANGE > Math.max(LEAST, this.#count)) {
      this.drawAll();
      return [{ left: 0, top: 0, right: this.frame.width, bottom: this.frame.height }];
    }
    const shown: Rect[] = [];
    for (const index of touched) {
      const before = this.#drawn[index]!;
      const now = this.#due(index);
      this.#drawn[index] = now;
      const rect = this.#around(index, Math.max(this.#extent(index, before), this.#extent(index, now)));
      if (isEmpty(rect)) continue;
      wipe(this.frame, rect);
      this.#stampInside(rect, false);
      shown.push(rect);
    }
    return shown;
  }

  /** What `#drawn` will say of a point. */
  #due(index: number): number {
    return this.#shown.has(this.grid, index) ? (this.#state(index) & STAMPED) + 1 : 0;
  }

  /** Pixels from the point that what was stamped may reach. */
  #extent(index: number, drawn: number): number {
    if (drawn === 0) return 0;
    const state = drawn - 1;
    const { left } = this.#stamps.stamp(this.grid.kind[index]!, state);
    return freshnessOf(state) !== "live" ? Math.max(left, Math.ceil(this.#hatchRadius)) : left;
  }

  #around(index: number, extent: number): Rect {
    const x = this.#framing.pixelX(this.grid.x[index]!);
    const y = this.#framing.pixelY(this.grid.y[index]!);
    return {
      left: Math.max(0, x - extent),
      top: Math.max(0, y - extent),
      right: Math.min(this.frame.width, x + extent + 1),
      bottom: Math.min(this.frame.height, y + extent + 1),
    };
  }

  #stampInside(clip: Rect, keep: boolean): number {
    const { grid, frame } = this;
    const framing = this.#framing;
    const worse: number[] = [];
    let count = 0;
    grid.runs(framing.metres(clip, this.#reach), (from, to) => {
      for (let i = from; i < to; i++) {
        if (!this.#shown.has(grid, i)) continue;
        const state = this.#state(i);
        if (keep) this.#drawn[i] = (state & STAMPED) + 1;
        const level = urgency(state);
        if (level > 0) {
          // Of the same urgency, lamps come under the rest: a camera or a junction must not be lost among them.
          worse.push((2 * level + (grid.kind[i] === LAMP ? 0 : 1)) * INDEX + i);
          continue;
        }
        count++;
        const x = framing.pixelX(grid.x[i]!);
        const y = framing.pixelY(grid.y[i]!);
        press(frame, this.#stamps.stamp(grid.kind[i]!, state), x, y, clip);
        this.#hatch(state, x, y, clip);
      }
    });
    worse.sort((a, b) => a - b);
    for (const packed of worse) {
      const i = packed % INDEX;
      const state = this.#state(i);
      const x = framing.pixelX(grid.x[i]!);
      const y = framing.pixelY(grid.y[i]!);
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
}
