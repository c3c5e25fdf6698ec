/** The ground as paths in projected metres, from GeoJSON in degrees. */
import type { City, JsonValue } from "../host/bindings";
import { area } from "./geodesy";
import { toMercator } from "./mercator";

/** Drawn in this order, first under last. */
export const GROUND_KINDS = ["commune", "lake", "river", "canal", "street", "road", "rail", "tram", "motorway"] as const;
export type GroundKind = (typeof GROUND_KINDS)[number];

export interface GroundPath {
  kind: GroundKind;
  /** An area, rings closed; else a line. */
  area: boolean;
  /** Each a run of x, y. */
  rings: Float64Array[];
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

interface Geometry {
  type: string;
  coordinates?: unknown;
  geometries?: Geometry[];
}

/** Every path of a city, in drawing order. A kind that is not known here is drawn as a road: better shown than lost. */
export function groundPaths(city: Pick<City, "communes" | "ground">): GroundPath[] {
  const paths = [
    ...city.communes.flatMap((commune) => pathsOf("commune", commune.outline)),
    ...city.ground.flatMap((ground) => pathsOf(known(ground.kind), ground.geometry)),
  ];
  return paths.sort((a, b) => GROUND_KINDS.indexOf(a.kind) - GROUND_KINDS.indexOf(b.kind));
}

function known(kind: string): GroundKind {
  return (GROUND_KINDS as readonly string[]).includes(kind) ? (kind as GroundKind) : "road";
}

/** The paths of one geometry: each line of a multi-line stands alone, so that a tile draws only those that cross it. */
export function pathsOf(kind: GroundKind, geometry: JsonValue): GroundPath[] {
  const shape = geometry as unknown as Geometry | null;
  switch (shape?.type) {
    case "LineString": return [path(kind, false, [shape.coordinates as number[][]])];
    case "MultiLineString": return (shape.coordinates as number[][][]).map((line) => path(kind, false, [line]));
    case "Polygon": return [path(kind, true, shape.coordinates as number[][][])];
    case "MultiPolygon": return (shape.coordinates as number[][][][]).map((rings) => path(kind, true, rings));
    case "GeometryCollection": return (shape.geometries ?? []).flatMap((g) => pathsOf(kind, g as unknown as JsonValue));
    case "Feature": return pathsOf(kind, (shape as unknown as { geometry: JsonValue }).geometry);
    default: return [];
  }
}

function path(kind: GroundKind, area: boolean, lines: number[][][]): GroundPath {
  const bounds = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  const rings = lines.map((line) => {
    const run = new Float64Array(line.length * 2);
    line.forEach(([lon, lat], i) => {
      const { x, y } = toMercator(lon ?? 0, lat ?? 0);
      run[2 * i] = x;
      run[2 * i + 1] = y;
      bounds.minX = Math.min(bounds.minX, x);
      bounds.maxX = Math.max(bounds.maxX, x);
      bounds.minY = Math.min(bounds.minY, y);
      bounds.maxY = Math.max(bounds.maxY, y);
    });
    return run;
  });
  return { kind, area, rings, ...bounds };
}

/** Adds a path to what a context draws next, an area's rings closed. */
export function trace(context: CanvasRenderingContext2D, path: GroundPath, px: (x: number) => number, py: (y: number) => number): void {
  for (const ring of path.rings) {
    for (let i = 0; i < ring.length; i += 2) {
      if (i === 0) context.moveTo(px(ring[0]!), py(ring[1]!));
      else context.lineTo(px(ring[i]!), py(ring[i + 1]!));
    }
    if (path.area) context.closePath();
  }
}

/** Square metres of a geometry's areas, their holes left out. */
export function outlineArea(geometry: JsonValue): number {
  const ringArea = (ring: number[][]): number => area(ring.map(([lon, lat]) => ({ lon: lon ?? 0, lat: lat ?? 0 })));
  const polygon = (rings: number[][][]): number => rings.reduce((sum, ring, i) => sum + (i === 0 ? ringArea(ring) : -ringArea(ring)), 0);
  const shape = geometry as unknown as Geometry | null;
  if (shape?.type === "Polygon") return polygon(shape.coordinates as number[][][]);
  if (shape?.type === "MultiPolygon") return (shape.coordinates as number[][][][]).reduce((sum, rings) => sum + polygon(rings), 0);
  return 0;
}
