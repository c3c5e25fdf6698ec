/** Where a frame of pixels lies on the ground. */
import type { Extent, PointGrid } from "./grid";
import { HALF_WORLD, pixelsPerMetre } from "./mercator";
import type { Phase, Rect } from "./stamp";

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

/** From metres of a grid to device pixels of a frame, and back. */
export class Framing {
  /** Device pixels per metre. */
  readonly scale: number;
  readonly #offsetX: number;
  readonly #offsetY: number;

  constructor(grid: PointGrid, view: FrameView) {
    this.scale = pixelsPerMetre(view.zoom) * view.ratio;
    this.#offsetX = (grid.originX + HALF_WORLD) * this.scale - view.worldX * view.ratio;
    this.#offsetY = (HALF_WORLD - grid.originY) * this.scale - view.worldY * view.ratio;
  }

  pixelX(x: number): number {
    return Math.round(x * this.scale + this.#offsetX);
  }

  pixelY(y: number): number {
    return Math.round(this.#offsetY - y * this.scale);
  }

  /** The metres that can touch a rectangle of pixels, when what is drawn reaches `reach` pixels from its point. */
  metres(rect: Rect, reach: number): Extent {
    return {
      minX: (rect.left - reach - this.#offsetX) / this.scale,
      maxX: (rect.right + reach - this.#offsetX) / this.scale,
      minY: (this.#offsetY - rect.bottom - reach) / this.scale,
      maxY: (this.#offsetY - rect.top + reach) / this.scale,
    };
  }
}

/** A multiple of every hatch's period. */
const LONGEST_PERIOD = 8;

/** Keeps what is hatched still on the ground while the frame moves. */
export function hatchPhase({ worldX, worldY, ratio }: FrameView): Phase {
  const phase = (world: number): number => ((Math.round(world * ratio) % LONGEST_PERIOD) + LONGEST_PERIOD) % LONGEST_PERIOD;
  return { x: phase(worldX), y: phase(worldY) };
}
