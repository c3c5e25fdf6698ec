/** The city's points on the map: a thin layer around {@link PointFrame}. */
import { CanvasLayer } from "./canvasLayer";
import type { PointGrid } from "./grid";
import type { Palette } from "./palette";
import { PointFrame } from "./pointFrame";
import { KINDS } from "./state";

export class PointLayer extends CanvasLayer {
  readonly hidden = new Uint8Array(KINDS.length);
  readonly #context: CanvasRenderingContext2D | null;
  #image: ImageData | null = null;
  #grid: PointGrid | null = null;
  #frame: PointFrame | null = null;
  #colours: Palette;
  #cut = false;
  #changed: number[] = [];
  #whole = true;
  readonly #onPaint: (points: number) => void;

  constructor(pane: string, colours: Palette, onPaint: (points: number) => void) {
    super(pane);
    this.#colours = colours;
    this.#onPaint = onPaint;
    // Written whole and never read back by the page: kept in memory rather than on a graphics card that may not be there.
    this.#context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  setGrid(grid: PointGrid): void {
    this.#grid = grid;
    this.redraw();
  }

  /** `cut`: the desk's link is lost. */
  setPalette(colours: Palette, cut: boolean): void {
    this.#colours = colours;
    this.#cut = cut;
    this.redraw();
  }

  /** These points' states changed in the grid. */
  changed(indices: readonly number[]): void {
    for (const index of indices) this.#changed.push(index);
    this.soon();
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
    if (!this.#grid || !context || this.canvas.width === 0 || this.canvas.height === 0) return;
    if (this.#image?.width !== this.canvas.width || this.#image.height !== this.canvas.height) {
      this.#image = context.createImageData(this.canvas.width, this.canvas.height);
    }
    const frame = { width: this.#image.width, height: this.#image.height, pixels: new Uint32Array(this.#image.data.buffer) };
    const view = { zoom: this.zoom, ratio: this.ratio, worldX: this.world.x, worldY: this.world.y, cut: this.#cut };
    this.#frame = new PointFrame(this.#grid, frame, view, this.#colours, this.hidden);
    this.#changed = [];
    this.#whole = false;
    this.#frame.drawAll();
    context.putImageData(this.#image, 0, 0);
    this.#onPaint(this.#grid.count);
  }

  #restamp(): void {
    const changed = this.#changed;
    this.#changed = [];
    if (!this.#frame || this.#frame.grid !== this.#grid || !this.#image) {
      this.draw();
      return;
    }
    const rect = this.#frame.restamp(changed);
    if (!rect) return;
    this.#context?.putImageData(this.#image, 0, 0, rect.left, rect.top, rect.right - rect.left, rect.bottom - rect.top);
  }
}
