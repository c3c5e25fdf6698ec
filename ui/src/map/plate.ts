/**
 * What the map is composed of: plates, each a picture as large as its placement that is never on the page. The sheet lays them over
 * each other ({@link Sheet}). A plate that changes says so and is drawn again at the next frame, once however often it is asked.
 */
import { css, type Palette, type Rgb } from "./palette";
import type { Placement } from "./placement";
import type { Rect } from "./stamp";

/** Drawn now and then, read when composed: kept in memory rather than on a graphics card that may not be there. */
export const IN_MEMORY: CanvasRenderingContext2DSettings = { willReadFrequently: true };

export abstract class Plate {
  canvas = document.createElement("canvas");
  /** Where its canvas lies in the placement, device pixels. */
  area: Rect = { left: 0, top: 0, right: 0, bottom: 0 };
  /** Asks for the next frame; the sheet's. */
  ask: () => void = () => undefined;
  /** How long it took to show what changed last, ms; the sheet's. */
  spent = 0;
  protected at: Placement | null = null;
  protected whole = true;

  /** Lies elsewhere from now on, and is due as a whole. */
  place(at: Placement): void {
    this.at = at;
    this.whole = true;
  }

  /** Draws all of it at the next frame. */
  redraw(): void {
    this.whole = true;
    this.ask();
  }

  /**
   * Draws what is due, at least what touches a rectangle: the rectangles that changed. All in device pixels of the placement. What it
   * leaves out it draws when asked for more.
   */
  abstract paint(within: Rect): readonly Rect[];

  /** Gives the canvas the size of its area. True when that emptied it. */
  protected resize(): boolean {
    const width = Math.max(1, this.area.right - this.area.left);
    const height = Math.max(1, this.area.bottom - this.area.top);
    if (this.canvas.width === width && this.canvas.height === height) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    return true;
  }
}

/** Something drawn with lines and letters on a {@link CoatPlate}. */
export abstract class Coat {
  /** Its plate's. */
  redraw: () => void = () => undefined;
  protected colours: Palette;

  constructor(colours: Palette) {
    this.colours = colours;
  }

  setPalette(colours: Palette): void {
    this.colours = colours;
    this.redraw();
  }

  abstract draw(context: CanvasRenderingContext2D, at: Placement): void;
}

/** A plate of coats, the later over the earlier, on a colour or on nothing. */
export class CoatPlate extends Plate {
  readonly #coats: readonly Coat[];
  #background: Rgb | null = null;

  constructor(...coats: readonly Coat[]) {
    super();
    this.#coats = coats;
    for (const coat of coats) coat.redraw = () => this.redraw();
  }

  /** Whether nothing shows through. */
  get opaque(): boolean {
    return this.#background !== null;
  }

  /** What it lies on; null: what is under the sheet shows through. */
  setBackground(colour: Rgb | null): void {
    // A canvas that has no transparency is copied where another is blended, and cannot become one.
    if ((colour === null) !== (this.#background === null)) this.canvas = document.createElement("canvas");
    this.#background = colour;
    this.redraw();
  }

  override paint(): readonly Rect[] {
    const at = this.at;
    if (!this.whole || !at) return [];
    this.whole = false;
    this.area = at.whole;
    this.resize();
    const context = this.canvas.getContext("2d", { ...IN_MEMORY, alpha: !this.opaque });
    if (!context) return [];
    context.setTransform(at.ratio, 0, 0, at.ratio, 0, 0);
    if (this.#background) {
      context.fillStyle = css(this.#background);
      context.fillRect(0, 0, at.size.x, at.size.y);
    } else context.clearRect(0, 0, at.size.x, at.size.y);
    for (const coat of this.#coats) coat.draw(context, at);
    return [at.whole];
  }
}
