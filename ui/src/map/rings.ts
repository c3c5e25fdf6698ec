/** A drawing as rings of corners that are not said twice, and back as GeoJSON. Corners are counted through all rings. Pure. */
import type { JsonValue } from "../host/bindings";

/** Longitude, latitude. */
export type Corner = readonly [number, number];
export type Ring = readonly Corner[];

export interface Drawing {
  rings: readonly Ring[];
  /** How many rings each polygon has: the outer one, then its holes. */
  parts: readonly number[];
  /** It came as several polygons, and goes as such. */
  several: boolean;
}

/** Fewest corners that enclose something. */
export const FEWEST = 3;

export const EMPTY: Drawing = { rings: [[]], parts: [1], several: false };

/** The drawing of a geometry; an empty one where it is none. */
export function drawingOf(outline: JsonValue): Drawing {
  const shape = outline as unknown as { type?: string; coordinates?: unknown } | null;
  const several = shape?.type === "MultiPolygon";
  if (!several && shape?.type !== "Polygon") return EMPTY;
  const polygons = (several ? shape.coordinates : [shape.coordinates]) as number[][][][];
  const open = (ring: number[][]): Ring => ring.slice(0, -1).map(([lon, lat]) => [lon ?? 0, lat ?? 0]);
  return { rings: polygons.flatMap((rings) => rings.map(open)), parts: polygons.map((rings) => rings.length), several };
}

/** The geometry of a drawing, its rings closed. */
export function outlineOf({ rings, parts, several }: Drawing): JsonValue {
  const closed = rings.map((ring) => (ring.length === 0 ? [] : [...ring, ring[0]!]).map(([lon, lat]) => [lon, lat]));
  let next = 0;
  const polygons = parts.map((count) => closed.slice(next, (next += count)));
  return several ? { type: "MultiPolygon", coordinates: polygons } : { type: "Polygon", coordinates: polygons[0] ?? [] };
}

export function cornerCount({ rings }: Drawing): number {
  return rings.reduce((sum, ring) => sum + ring.length, 0);
}

/** In which ring the nth corner stands, and where; null beyond the last. */
export function placeOfCorner({ rings }: Drawing, n: number): { ring: number; index: number } | null {
  let before = 0;
  for (const [ring, corners] of rings.entries()) {
    if (n >= before && n < before + corners.length) return { ring, index: n - before };
    before += corners.length;
  }
  return null;
}

export function cornerAt(drawing: Drawing, n: number): Corner | null {
  const at = placeOfCorner(drawing, n);
  return at && (drawing.rings[at.ring]?.[at.index] ?? null);
}

/** The corner that follows the nth in its ring. */
export function nextCorner(drawing: Drawing, n: number): Corner | null {
  const at = placeOfCorner(drawing, n);
  const ring = at && drawing.rings[at.ring];
  return ring?.[(at!.index + 1) % ring.length] ?? null;
}

function withRing(drawing: Drawing, ring: number, change: (ring: Ring) => Ring): Drawing {
  return { ...drawing, rings: drawing.rings.map((corners, at) => (at === ring ? change(corners) : corners)) };
}

export function moved(drawing: Drawing, n: number, to: Corner): Drawing {
  const at = placeOfCorner(drawing, n);
  return at ? withRing(drawing, at.ring, (ring) => ring.map((corner, index) => (index === at.index ? to : corner))) : drawing;
}

/** A corner more after the nth: in the middle of its side unless said. */
export function inserted(drawing: Drawing, n: number, to?: Corner): Drawing {
  const at = placeOfCorner(drawing, n);
  const place = to ?? middleAfter(drawing, n);
  return at && place ? withRing(drawing, at.ring, (ring) => [...ring.slice(0, at.index + 1), place, ...ring.slice(at.index + 1)]) : drawing;
}

/** Without the nth corner; the same drawing where its ring would enclose nothing any more. */
export function removed(drawing: Drawing, n: number): Drawing {
  const at = placeOfCorner(drawing, n);
  if (!at || drawing.rings[at.ring]!.length <= FEWEST) return drawing;
  return withRing(drawing, at.ring, (ring) => ring.filter((_, index) => index !== at.index));
}

/** A corner more at the end of the first ring, while it is drawn. */
export function appended(drawing: Drawing, to: Corner): Drawing {
  return withRing(drawing, 0, (ring) => [...ring, to]);
}

/** In the middle of the side that begins at the nth corner. */
export function middleAfter(drawing: Drawing, n: number): Corner | null {
  const [from, to] = [cornerAt(drawing, n), nextCorner(drawing, n)];
  return from && to && [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
}
