/** A town of any size, from a seed: streets of lamps, objects of other kinds among them, cones, zones, and changes to come. */
import type { City, JsonValue } from "../../../src/host/bindings";
import { random, type Random } from "../../../src/host/fake/random";
import { toDegrees, toMercator } from "../../../src/map/mercator";
import { encodeChanges, encodePoints } from "../../../src/map/points";
import { KINDS, stateByte } from "../../../src/map/state";

const CENTRE = toMercator(5.0415, 47.322);
/** Half the side of the town, projected metres: a metropolis of some 400 km². */
const HALF = 15_000;
const STREET = 40;
const GENERATION = 1;

export interface Town {
  count: number;
  city: City;
  points: ArrayBuffer;
  /** Longitude and latitude of each point. */
  places: Float64Array;
  states: Uint8Array;
  /** So many points with a new state each: packed as the core packs them. */
  changes(n: number): ArrayBuffer;
}

/** 2 faults in a hundred, one danger in a thousand among what is not a lamp, some values that age. */
function state(kind: number, chance: Random): number {
  const dice = chance();
  const age = chance() < 0.03 ? "stale" : chance() < 0.05 ? "ageing" : "live";
  if (kind !== 0 && dice < 0.001) return stateByte("danger", age, []);
  if (dice < 0.02) return stateByte("fault", age, []);
  return stateByte(dice < 0.03 ? "notice" : dice < 0.6 ? "active" : "normal", age, []);
}

export function town(count: number, cones: number, zones: number): Town {
  const chance = random(11);
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  const kind = new Uint8Array(count);
  const states = new Uint8Array(count);
  const places = new Float64Array(2 * count);
  for (let i = 0; i < count; ) {
    // Denser towards the middle, as towns are.
    const reach = HALF * Math.sqrt(chance()) * (0.3 + 0.7 * chance());
    const turn = 2 * Math.PI * chance();
    const [fromX, fromY] = [reach * Math.cos(turn), reach * Math.sin(turn)];
    const way = Math.PI * chance();
    for (let n = 0; n < STREET && i < count; n++, i++) {
      x[i] = fromX + Math.cos(way) * n * 28;
      y[i] = fromY + Math.sin(way) * n * 28;
      kind[i] = chance() < 0.04 ? 1 + Math.floor(chance() * (KINDS.length - 1)) : 0;
      states[i] = state(kind[i]!, chance);
      const { lon, lat } = toDegrees(CENTRE.x + x[i]!, CENTRE.y + y[i]!);
      places[2 * i] = lon;
      places[2 * i + 1] = lat;
    }
  }
  const ids = Uint32Array.from({ length: count }, (_, i) => i + 1);
  const points = encodePoints({ generation: GENERATION, originX: CENTRE.x, originY: CENTRE.y, ids, x, y, kind, state: states });
  const at = (i: number): { lon: number; lat: number } => ({ lon: places[2 * i]!, lat: places[2 * i + 1]! });
  const city: City = {
    generation: GENERATION, communes: [], ground: [], services: [], schematic: true, counts: KINDS.map((_, k) => kind.filter((each) => each === k).length),
    cameras: Array.from({ length: cones }, (_, n) => {
      const point = Math.floor(chance() * count);
      return { equipment_id: String(n), point: point + 1, ...at(point), heading: 360 * chance(), fov: n % 6 === 0 ? 360 : 70, range_m: 60 };
    }),
    zones: Array.from({ length: zones }, (_, n) => ({
      zone_id: String(n), reference: `Z-${n}`, name: `Zone ${n}`, kind: ["cctv", "flood", "closed_building"][n % 3]!, outline: around(at(Math.floor(chance() * count)), 0.004 + 0.01 * chance()), revision: 0, changed_by: "", changed_at: null,
    })),
  };
  return {
    count, city, points, places, states,
    changes(n) {
      const which = Uint32Array.from({ length: n }, () => Math.floor(chance() * count));
      return encodeChanges({ generation: GENERATION, ids: which.map((i) => i + 1), state: Uint8Array.from(which, (i) => state(kind[i]!, chance)) });
    },
  };
}

/** A polygon of twelve corners. */
function around({ lon, lat }: { lon: number; lat: number }, radius: number): JsonValue {
  const ring = Array.from({ length: 13 }, (_, i) => [lon + radius * Math.cos((i % 12) * (Math.PI / 6)), lat + 0.7 * radius * Math.sin((i % 12) * (Math.PI / 6))]);
  return { type: "Polygon", coordinates: [ring] };
}
