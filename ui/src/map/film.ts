/**
 * The map while it moves: one picture of all of it, margins included, which the browser only has to lay elsewhere. A canvas that is
 * drawn on is copied by some browsers at every frame that moves it; a picture handed over as a bitmap is not.
 */
export class Film {
  readonly canvas = document.createElement("canvas");
  readonly #opaque: boolean;
  readonly #bitmaps: ImageBitmapRenderingContext | null;

  /** `opaque`: nothing shows through. */
  constructor(opaque: boolean) {
    this.#opaque = opaque;
    this.canvas.className = "leaflet-zoom-animated";
    this.canvas.setAttribute("aria-hidden", "true");
    this.#bitmaps = typeof OffscreenCanvas === "undefined" ? null : this.canvas.getContext("bitmaprenderer", { alpha: !opaque });
    this.clear();
  }

  /** Takes the picture and shows it. Sizes in device pixels. */
  shoot(width: number, height: number, draw: (context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D) => void): void {
    const options = { alpha: !this.#opaque, willReadFrequently: true };
    if (this.#bitmaps) {
      const off = new OffscreenCanvas(width, height);
      const context = off.getContext("2d", options);
      if (!context) return;
      draw(context);
      this.#bitmaps.transferFromImageBitmap(off.transferToImageBitmap());
    } else {
      this.canvas.width = width;
      this.canvas.height = height;
      const context = this.canvas.getContext("2d", options) as CanvasRenderingContext2D | null;
      if (context) draw(context);
    }
    this.canvas.style.display = "";
  }

  /** Puts it away, and what it held. */
  clear(): void {
    this.canvas.style.display = "none";
    this.#bitmaps?.transferFromImageBitmap(null);
    this.canvas.width = this.canvas.height = 1;
  }
}
