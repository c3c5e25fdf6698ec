/** What a ground of tiles is turned into before it is shown: its credit into words, its pictures into the colours of the map. */
import type { Rgb } from "./palette";

/** The text of an attribution, which may be written as HTML: never put into the page as such. */
export function creditOf(metadata: unknown): string {
  const said = typeof metadata === "object" && metadata !== null ? (metadata as { attribution?: unknown }).attribution : null;
  return typeof said === "string" ? said.replace(/<[^>]*>/g, "").replace(/&copy;/g, "©").replace(/&amp;/g, "&").replace(/\s+/g, " ").trim().slice(0, 200) : "";
}

/** The pixel of each brightness, from what stands out to the ground. */
export function tones(ground: Rgb, ink: Rgb): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, brightness) => {
    const share = (255 - brightness) / 255;
    const mix = (k: 0 | 1 | 2): number => Math.round(ground[k] + (ink[k] - ground[k]) * share);
    return ((255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0)) >>> 0;
  });
}

/** Writes the tone of each pixel in its place; what is clear stays clear. */
export function tone(data: Uint8ClampedArray, of: Uint32Array): void {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
  for (let i = 0; i < pixels.length; i++) {
    if (data[4 * i + 3] === 0) continue;
    pixels[i] = of[Math.round(0.2126 * data[4 * i]! + 0.7152 * data[4 * i + 1]! + 0.0722 * data[4 * i + 2]!)]!;
  }
}
