/** The city's points on the map: dots near ({@link PointFrame}), density from afar or among too many ({@link DensityFrame}). */
import type { Cluster } from "./clusters";
import { DensityFrame } from "./densityFrame";
import { Framing, type FrameView } from "./framing";
import type { PointGrid } from "./grid";
import { pace } from "./pace";
import type { Palette } from "./palette";
import type { Placement } from "./placement";
import { IN_MEMORY, Plate } from "./plate";
import { PointFrame } from "./pointFrame";
import { CountPyramid } from "./pyramid";
import { common, few, holds, isEmpty, joined } from "./rects";
import { Shown } from "./shown";
import type { Rect } from "./stamp";

/** Dots from this zoom on, while no more than so many are in view. */
const DOTS_FROM = 13;
const MOST_DOTS = 250_000;
/** Farthest that a sign reaches from its point, CSS pixels. */
const REACH = 18;

export interface PointEvents {
  /** Drawn: how many points the city has. */
  painted(points: number): void;
  /** The signs that stand for several, in device pixels of the placement. */
  clustered(clusters: readonly Cluster[], ratio: number): void;
}

export class PointPlate extends Plate {
  readonly shown = new Shown();
  /** Whether what is far or crowded is drawn as density; without it only the signs that matter are. */
  density = true;
  readonly #events: PointEvents;
  #image: ImageData | null = null;
  #grid: PointGrid | null = null;
  #pyramid: CountPyramid | null = null;
  #dots: PointFrame | null = null;
  #colours: Palette;
  #cut = false;
  readonly #changed = new Set<number>();
  /** What the last drawing was made for: the margins are drawn when they are wanted. */
  #within: Rect = this.area;
  /** Something changed since the last beat. */
  #due = false;
  #beat: ReturnType<typeof setTimeout> | undefined;

  constructor(colours: Palette, events: PointEvents) {
    super();
    this.#colours = colours;
    this.#events = events;
  }

  setGrid(grid: PointGrid): void {
    this.#grid = grid;
    this.#pyramid = null;
    this.redraw();
  }

  /** `cut`: the desk's link is lost. */
  setPalette(colours: Palette, cut: boolean): void {
    this.#colours = colours;
    this.#cut = cut;
    this.redraw();
  }

  /** What is in `shown` changed. */
  filtered(): void {
    this.#pyramid = null;
    this.redraw();
  }

  /** These points' states changed in the grid. */
  changed(indices: readonly number[]): void {
    let counted = false;
    if (this.#pyramid) for (const index of indices) counted = this.#pyramid.change(index) || counted;
    if (this.#dots) for (const index of indices) this.#changed.add(index);
    else if (counted) this.whole = true;
    else return;
    this.#follow();
  }

  /** Nobody looks any more. */
  stop(): void {
    clearTimeout(this.#beat);
    this.#beat = undefined;
  }

  override paint(within: Rect): readonly Rect[] {
    this.#due = false;
    if (this.whole || !holds(this.#within, within)) return this.#draw(within);
    return this.#changed.size > 0 ? this.#restamp(within) : [];
  }

  /** Shows changes: the first at once, those after it together. */
  #follow(): void {
    this.#due = true;
    if (this.#beat !== undefined) return;
    this.ask();
    this.#beat = setTimeout(() => {
      this.#beat = undefined;
      if (this.#due) this.#follow();
    }, pace(this.spent));
  }

  #draw(within: Rect): readonly Rect[] {
    const grid = this.#grid;
    const at = this.at;
    if (!grid || !at) return [];
    this.#changed.clear();
    this.whole = false;
    const before = this.area;
    this.#within = within;
    this.area = common(reached(grid, at), within);
    this.#dots = null;
    if (isEmpty(this.area)) {
      this.#events.clustered([], at.ratio);
      this.#events.painted(grid.count);
      return [before];
    }
    this.resize();
    const context = this.canvas.getContext("2d", IN_MEMORY);
    if (!context) return [];
    if (this.#image?.width !== this.canvas.width || this.#image.height !== this.canvas.height) {
      this.#image = context.createImageData(this.canvas.width, this.canvas.height);
    }
    const frame = { width: this.#image.width, height: this.#image.height, pixels: new Uint32Array(this.#image.data.buffer) };
    const { left, top } = this.area;
    const view = { ...viewOf(at), worldX: at.world.x + left / at.ratio, worldY: at.world.y + top / at.ratio, cut: this.#cut };
    // With its margins, whatever is drawn of them: nothing turns into density because the map begins to move.
    const inView = (): number => {
      let count = 0;
      grid.runs(new Framing(grid, viewOf(at)).metres(at.whole, 0), (from, to) => (count += to - from));
      return count;
    };
    let clusters: Cluster[] = [];
    if (at.zoom >= DOTS_FROM && inView() <= MOST_DOTS) {
      this.#dots = new PointFrame(grid, frame, view, this.#colours, this.shown);
      this.#dots.drawAll();
    } else {
      this.#pyramid ??= new CountPyramid(grid, this.shown);
      clusters = new DensityFrame(grid, this.#pyramid, frame, view, this.#colours, this.shown).draw(this.density);
    }
    context.putImageData(this.#image, 0, 0);
    const several = clusters.filter(({ members }) => members.length > 1).map((each) => ({ ...each, x: each.x + left, y: each.y + top }));
    this.#events.clustered(several, at.ratio);
    this.#events.painted(grid.count);
    return [joined([before, this.area])];
  }

  #restamp(within: Rect): readonly Rect[] {
    const dots = this.#dots;
    if (!dots || dots.grid !== this.#grid || !this.#image) return this.#draw(within);
    const { left: x, top: y } = this.area;
    const seen = { left: within.left - x, top: within.top - y, right: within.right - x, bottom: within.bottom - y };
    const changed = [...this.#changed].filter((index) => dots.touches(index, seen));
    for (const index of changed) this.#changed.delete(index);
    const context = this.canvas.getContext("2d", IN_MEMORY);
    return few(dots.restamp(changed)).map(({ left, top, right, bottom }) => {
      context?.putImageData(this.#image!, 0, 0, left, top, right - left, bottom - top);
      return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
    });
  }
}

function viewOf({ zoom, ratio, world }: Placement): FrameView {
  return { zoom, ratio, worldX: world.x, worldY: world.y };
}

/** Of a placement, what the city's signs may touch: device pixels. */
function reached(grid: PointGrid, at: Placement): Rect {
  const { minX, minY, maxX, maxY } = grid.extent;
  const framing = new Framing(grid, viewOf(at));
  const reach = Math.ceil(REACH * at.ratio);
  const city = { left: framing.pixelX(minX) - reach, top: framing.pixelY(maxY) - reach, right: framing.pixelX(maxX) + reach + 1, bottom: framing.pixelY(minY) + reach + 1 };
  return grid.count === 0 ? { left: 0, top: 0, right: 0, bottom: 0 } : common(city, at.whole);
}
