/** Rectangles of whole pixels, right and bottom excluded. */
import type { Rect } from "./stamp";

/** Beyond so many, one that holds them all costs less. */
const MOST = 1000;

export function isEmpty(rect: Rect): boolean {
  return rect.left >= rect.right || rect.top >= rect.bottom;
}

/** What two have in common; may be empty. */
export function common(a: Rect, b: Rect): Rect {
  return { left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom) };
}

/** Whether all of `b` lies in `a`. */
export function holds(a: Rect, b: Rect): boolean {
  return a.left <= b.left && a.top <= b.top && a.right >= b.right && a.bottom >= b.bottom;
}

/** The least that holds all that are not empty. */
export function joined(rects: readonly Rect[]): Rect {
  const all = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const rect of rects) {
    if (isEmpty(rect)) continue;
    all.left = Math.min(all.left, rect.left);
    all.top = Math.min(all.top, rect.top);
    all.right = Math.max(all.right, rect.right);
    all.bottom = Math.max(all.bottom, rect.bottom);
  }
  return all;
}

/** These, or one that holds them where they are many. */
export function few(rects: readonly Rect[]): readonly Rect[] {
  return rects.length > MOST ? [joined(rects)] : rects;
}
