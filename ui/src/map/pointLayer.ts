/** The city's points on the map: dots near ({@link PointFrame}), density from afar or among too many ({@link DensityFrame}). */
import { CanvasLayer, IN_MEMORY } from "./canvasLayer";
import type { Cluster } from "./clusters";
import { DensityFrame } from "./densityFrame";
import { Framing } from "./framing";
import type { PointGrid } from "./grid";
import type { Palette } from "./palette";
import { PointFrame } from "./pointFrame";
import { CountPyramid } from "./pyramid";
import { Shown } from "./shown";

/** Dots from this zoom on, while no more than so many are in view. */
const DOTS_FROM = 13;
const MOST_DOTS = 250_000;
/** Density lives at this pace, ms: faster, no eye follows it. */
const BEAT = 200;
/** Beyond so many rectangles, one that holds them all costs less. */
const MOST_RECTANGLES = 400;

export interface PointEvents {
  /** Drawn: how many points the city has. */
  painted(points: number): void;
  /** The signs that stand for several. */
  clustered(clusters: readonly Cluster[], ratio: number): void;
}

export class PointLayer extends CanvasLayer {
  readonly shown = new Shown();
  /** Whether what is far or crowded is drawn as density; without it only the signs that matter are. */
  density = true;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #events: PointEvents;
  #image: ImageData | null = null;
  #grid: PointGrid | null = null;
  #pyramid: CountPyramid | null = null;
  #dots: PointFrame | null = null;
  #colours: Palette;
  #cut = false;
  #changed: number[] = [];
  #whole = true;
  #beat: ReturnType<typeof setTimeout> | undefined;

  constructor(pane: string, colours: Palette, events: PointEvents) {
    super(pane);
    this.#colours = colours;
    this.#events = events;
    this.#context = this.canvas.getContext("2d", IN_MEMORY);
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
    if (this.#dots) {
      for (const index of indices) this.#changed.push(index);
      this.soon();
    } else if (counted && this.#beat === undefined) {
      this.#beat = setTimeout(() => {
        this.#beat = undefined;
        this.redraw();
      }, BEAT);
    }
  }

  override onRemove(): this {
    clearTimeout(this.#beat);
    this.#beat = undefined;
    return super.onRemove();
  }

  override redraw(): void {
    this.#whole = true;
    super.redraw();
  }

  protected override paint(): void {
    if (this.#whole) this.draw();
    else this.#restamp();
  }

  protected override draw(): void {
    const context = this.#context;
    const grid = this.#grid;
    if (!grid || !context || this.canvas.width === 0 || this.canvas.height === 0) return;
    if (this.#image?.width !== this.canvas.width || this.#image.height !== this.canvas.height) {
      this.#image = context.createImageData(this.canvas.width, this.canvas.height);
    }
    const frame = { width: this.#image.width, height: this.#image.height, pixels: new Uint32Array(this.#image.data.buffer) };
    const view = { zoom: this.zoom, ratio: this.ratio, worldX: this.world.x, worldY: this.world.y, cut: this.#cut };
    this.#changed = [];
    this.#whole = false;
    const inView = (): number => {
      let count = 0;
      const area = new Framing(grid, view).metres({ left: 0, top: 0, right: frame.width, bottom: frame.height }, 0);
      grid.runs(area, (from, to) => (count += to - from));
      return count;
    };
    let clusters: Cluster[] = [];
    if (this.zoom >= DOTS_FROM && inView() <= MOST_DOTS) {
      this.#dots = new PointFrame(grid, frame, view, this.#colours, this.shown);
      this.#dots.drawAll();
    } else {
      this.#dots = null;
      this.#pyramid ??= new CountPyramid(grid, this.shown);
      clusters = new DensityFrame(grid, this.#pyramid, frame, view, this.#colours, this.shown).draw(this.density);
    }
    context.putImageData(this.#image, 0, 0);
    this.#events.clustered(clusters.filter(({ members }) => members.length > 1), this.ratio);
    this.#events.painted(grid.count);
  }

  #restamp(): void {
    const changed = this.#changed;
    this.#changed = [];
    if (!this.#dots || this.#dots.grid !== this.#grid || !this.#image) {
      this.draw();
      return;
    }
    const rects = this.#dots.restamp(changed);
    for (const { left, top, right, bottom } of rects.length > MOST_RECTANGLES ? [joined(rects)] : rects) {
      this.#context?.putImageData(this.#image, 0, 0, left, top, right - left, bottom - top);
    }
  }
}

function joined(rects: readonly { left: number; top: number; right: number; bottom: number }[]) {
  const all = { left: Infinity, top: Infinity, right: 0, bottom: 0 };
  for (const rect of rects) {
    all.left = Math.min(all.left, rect.left);
    all.top = Math.min(all.top, rect.top);
    all.right = Math.max(all.right, rect.right);
    all.bottom = Math.max(all.bottom, rect.bottom);
  }
  return all;
}
