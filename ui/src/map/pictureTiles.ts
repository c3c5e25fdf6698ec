/** A ground of pictures, each toned once to the map's own: dark there is what stands out here. */
import * as L from "leaflet";
import type { Palette } from "./palette";
import { tone, tones } from "./tone";

export interface Picture {
  /** Null where there is none. */
  bytes: ArrayBuffer | null;
  /** Whether it is as its source has it now; else it is of before, and asked for anew later. */
  current: boolean;
}

/** A picture by zoom, column and row. Rejects where it cannot be had now. */
export type Pictures = (z: number, x: number, y: number) => Promise<Picture>;

/** One that could not be had is asked for again after this, ms; when it comes, all are. */
const AGAIN = 25_000;

/** How every ground of tiles lies under the map. */
export function tileOptions(pane: string) {
  return { pane, minZoom: 9, maxZoom: 20, updateWhenZooming: false, keepBuffer: 1 };
}

export class PictureTiles extends L.GridLayer {
  readonly #pictures: Pictures;
  readonly #tones: Uint32Array;
  #again: ReturnType<typeof setTimeout> | undefined;
  #shown = false;

  /** `zooms`: the farthest and the nearest that there are pictures of; beyond them they are scaled. */
  constructor(pictures: Pictures, [minNativeZoom, maxNativeZoom]: readonly [number, number], options: L.GridLayerOptions, colours: Palette) {
    super({ ...options, minNativeZoom, maxNativeZoom });
    this.#pictures = pictures;
    this.#tones = tones(colours["map-in"], colours["map-name"]);
    this.on("tileerror", ({ coords }) => this.#later(coords));
  }

  override onAdd(map: L.Map): this {
    this.#shown = true;
    return super.onAdd(map);
  }

  override onRemove(map: L.Map): this {
    this.#shown = false;
    clearTimeout(this.#again);
    this.#again = undefined;
    return super.onRemove(map);
  }

  protected override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement("canvas");
    void this.#draw(canvas, coords).then(() => done(undefined, canvas), (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), canvas));
    return canvas;
  }

  #later(coords: L.Coords): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      void this.#pictures(coords.z, coords.x, coords.y).then(({ current }) => current, () => false).then((current) => {
        if (!this.#shown) return;
        if (current) this.redraw();
        else this.#later(coords);
      });
    }, AGAIN);
  }

  async #draw(canvas: HTMLCanvasElement, coords: L.Coords): Promise<void> {
    const { bytes, current } = await this.#pictures(coords.z, coords.x, coords.y);
    if (!current) this.#later(coords);
    if (!bytes) return;
    const picture = await createImageBitmap(new Blob([bytes]));
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(picture, 0, 0);
    const image = context?.getImageData(0, 0, canvas.width, canvas.height);
    if (!image) return;
    tone(image.data, this.#tones);
    context?.putImageData(image, 0, 0);
  }
}
