/** Where what is drawn lies on the ground: a view of the map and a margin around it, so that dragging shows no blank edge. */
import { HALF_WORLD, pixelsPerMetre } from "./mercator";
import type { Rect } from "./stamp";

export interface Pixel {
  x: number;
  y: number;
}

export class Placement {
  /** CSS pixels per projected metre. */
  readonly scale: number;
  /** All of it, device pixels. */
  readonly whole: Rect;
  /** The view without its margin, device pixels. */
  readonly view: Rect;

  /**
   * `ratio`: device pixels per CSS pixel. `world`: world pixel (CSS) of its top left corner. `size`: of the whole, margins included, and
   * `margin`: on each side, both CSS pixels.
   */
  constructor(readonly zoom: number, readonly ratio: number, readonly world: Pixel, readonly size: Pixel, readonly margin: Pixel) {
    this.scale = pixelsPerMetre(zoom);
    const device = (css: number): number => Math.round(css * ratio);
    this.whole = { left: 0, top: 0, right: device(size.x), bottom: device(size.y) };
    const left = device(margin.x);
    const top = device(margin.y);
    this.view = { left, top, right: left + device(size.x - 2 * margin.x), bottom: top + device(size.y - 2 * margin.y) };
  }

  /** CSS pixels from the left of projected metres. */
  px(x: number): number {
    return (x + HALF_WORLD) * this.scale - this.world.x;
  }

  /** CSS pixels from the top of projected metres. */
  py(y: number): number {
    return (HALF_WORLD - y) * this.scale - this.world.y;
  }

  /** Whether what reaches `reach` CSS pixels from a pixel is out of sight. */
  outside(x: number, y: number, reach = 40): boolean {
    return x < -reach || y < -reach || x > this.size.x + reach || y > this.size.y + reach;
  }

  /** Whether a view, its top left corner a world pixel, lies within. */
  holds(corner: Pixel, size: Pixel): boolean {
    const left = corner.x - this.world.x;
    const top = corner.y - this.world.y;
    return left >= 0 && top >= 0 && left + size.x <= this.size.x && top + size.y <= this.size.y;
  }
}
