/** Stamps: small pictures made once per kind, state and size, then copied into the frame by the thousand. */
import { coverage, type Shape } from "./shapes";
import type { Rgb } from "./palette";

/** Pixels as `0xAABBGGRR`, the order of a little-endian view of an `ImageData`. */
export interface Stamp {
  width: number;
  height: number;
  /** From the stamp's left to the point. */
  left: number;
  /** From the stamp's top to the point. */
  top: number;
  pixels: Uint32Array;
  /** Of each row, the first column that has ink and the one after the last. */
  from: Uint16Array;
  to: Uint16Array;
}

/** One coat of a stamp. */
export interface Coat {
  shape: Shape;
  colour: Rgb;
  alpha?: number;
}

/** A frame to stamp into. */
export interface Frame {
  width: number;
  height: number;
  pixels: Uint32Array;
}

/** Whole pixels, right and bottom excluded. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Makes a stamp of coats, later ones over earlier ones. `reach` is the farthest any of them goes from the point. */
export function makeStamp(coats: readonly Coat[], reach: number): Stamp {
  const radius = Math.max(1, Math.ceil(reach + 0.5));
  const size = 2 * radius + 1;
  const pixels = new Uint32Array(size * size);
  const from = new Uint16Array(size).fill(size);
  const to = new Uint16Array(size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let pixel = 0;
      for (const { shape, colour, alpha } of coats) {
        const share = coverage(shape, column - radius, row - radius) * (alpha ?? 1);
        if (share > 0) pixel = over(pack(colour, share), pixel);
      }
      if (pixel === 0) continue;
      pixels[row * size + column] = pixel;
      from[row] = Math.min(from[row]!, column);
      to[row] = column + 1;
    }
  }
  return { width: size, height: size, left: radius, top: radius, pixels, from, to };
}

export function pack([r, g, b]: Rgb, alpha: number): number {
  return ((Math.round(alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** `top` over `under`, neither premultiplied. */
export function over(top: number, under: number): number {
  const topAlpha = top >>> 24;
  const underAlpha = under >>> 24;
  if (topAlpha === 255 || underAlpha === 0) return top;
  if (topAlpha === 0) return under;
  const rest = (underAlpha * (255 - topAlpha)) / 255;
  const alpha = topAlpha + rest;
  const mix = (shift: number): number =>
    Math.round((((top >>> shift) & 255) * topAlpha + ((under >>> shift) & 255) * rest) / alpha) << shift;
  return ((Math.round(alpha) << 24) | mix(16) | mix(8) | mix(0)) >>> 0;
}

/** Copies a stamp with its point at (`x`, `y`), only inside `clip`. */
export function press(frame: Frame, stamp: Stamp, x: number, y: number, clip: Rect): void {
  const left = x - stamp.left;
  const top = y - stamp.top;
  const fromColumn = Math.max(0, clip.left - left);
  const toColumn = Math.min(stamp.width, clip.right - left);
  const fromRow = Math.max(0, clip.top - top);
  const toRow = Math.min(stamp.height, clip.bottom - top);
  const { pixels, width } = frame;
  const ink = stamp.pixels;
  for (let row = fromRow; row < toRow; row++) {
    const first = Math.max(fromColumn, stamp.from[row]!);
    const last = Math.min(toColumn, stamp.to[row]!);
    let source = row * stamp.width + first;
    let target = (top + row) * width + left + first;
    for (let column = first; column < last; column++, source++, target++) {
      const pixel = ink[source]!;
      const under = pixels[target]!;
      pixels[target] = pixel >>> 24 === 255 || under === 0 ? pixel : over(pixel, under);
    }
  }
}

/** Which pixels a hatch inks: lines that rise, lines that fall, or both where they cross. */
export interface Hatching {
  period: number;
  rising: boolean;
  falling: boolean;
}

/** More than a frame is high, and a multiple of every period: keeps the remainder of a difference positive. */
const FAR = 1 << 20;

/** Where the frame lies on the ground: keeps hatches still while it moves. Whole pixels. */
export interface Phase {
  x: number;
  y: number;
}

/**
 * Hatches a disc around (`x`, `y`). The lines run on a common phase, so that neighbours that are all too old make one hatched
 * area instead of a crowd of marks.
 */
export function hatch(frame: Frame, x: number, y: number, radius: number, pixel: number, { period, rising, falling }: Hatching, phase: Phase, clip: Rect): void {
  const square = radius * radius;
  const top = Math.max(clip.top, Math.ceil(y - radius));
  const bottom = Math.min(clip.bottom, Math.floor(y + radius) + 1);
  const left = Math.max(clip.left, Math.ceil(x - radius));
  const right = Math.min(clip.right, Math.floor(x + radius) + 1);
  const { pixels, width } = frame;
  for (let row = top; row < bottom; row++) {
    const dy = row - y;
    const half = Math.floor(Math.sqrt(square - dy * dy));
    const first = Math.max(left, x - half);
    const last = Math.min(right, x + half + 1);
    const south = row + phase.y;
    // One column in a period is inked; where lines cross, those of the rising ones that are on a falling one too.
    const due = rising ? first + phase.x + south : first + phase.x - south + FAR;
    for (let column = first + ((period - (due % period)) % period); column < last; column += period) {
      if (rising && falling && (column + phase.x - south + FAR) % period !== 0) continue;
      const target = row * width + column;
      if (pixels[target] === 0) pixels[target] = pixel;
    }
  }
}

/** Empties a rectangle. */
export function wipe(frame: Frame, rect: Rect): void {
  for (let row = rect.top; row < rect.bottom; row++) {
    frame.pixels.fill(0, row * frame.width + rect.left, row * frame.width + rect.right);
  }
}
