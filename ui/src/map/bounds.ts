/** The box around a GeoJSON geometry. */
import type { JsonValue } from "../host/bindings";

/** West, south, east, north, degrees. */
export type Bounds = [number, number, number, number];

/** The box around every position of a geometry; null when it has none. */
export function boundsOf(geometry: JsonValue): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (value: JsonValue | undefined): void => {
    if (!Array.isArray(value)) return;
    const [lon, lat] = value;
    if (typeof lon === "number" && typeof lat === "number") {
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    } else value.forEach(visit);
  };
  if (typeof geometry === "object" && geometry !== null && !Array.isArray(geometry)) visit(geometry.coordinates);
  return box[0] === Infinity ? null : box;
}

/** Whether two boxes share any place. */
export function overlap(one: Bounds, other: Bounds): boolean {
  return one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3];
}
