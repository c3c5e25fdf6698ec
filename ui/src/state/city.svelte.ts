/** The city on the map: ground, zones, cameras, and the points with their states kept up to date in place. */
import type { City, ZoneView } from "../host/bindings";
import type { Host } from "../host/host";
import { PointGrid } from "../map/grid";
import { decodeChanges, decodePoints, type PackedChanges } from "../map/points";

/** Told when states changed: indices in the grid, and identifiers of points. */
export type ChangeListener = (indices: readonly number[], points: Uint32Array) => void;

const TRIES = 5;

export class CityState {
  city = $state.raw<City | null>(null);
  grid = $state.raw<PointGrid | null>(null);
  /** Its zones as they are now: they change while the city stays. */
  zones = $state.raw<readonly ZoneView[]>([]);
  readonly #host: Host;
  readonly #listeners = new Set<ChangeListener>();
  #loading = false;
  #again = false;
  /** Changes that came while points were on their way: applied after them, in order. */
  #early: PackedChanges[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads ground and points until both are of the same generation. */
  async load(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        this.#again = false;
        const [city, bytes] = await Promise.all([this.#host.call("city", {}), this.#host.points()]);
        const points = decodePoints(bytes);
        if (points.generation !== city.generation || this.#again) continue;
        this.grid = new PointGrid(points);
        this.city = city;
        // Read apart once, they are kept up to date apart: this reading may be the older of the two.
        if (this.zones.length === 0) this.zones = city.zones;
        break;
      }
    } finally {
      this.#loading = false;
      const early = this.#early;
      this.#early = [];
      for (const changes of early) this.#apply(changes);
    }
  }

  /** Packed changes arrived. */
  hear(bytes: ArrayBuffer): void {
    const changes = decodeChanges(bytes);
    if (this.#loading) this.#early.push(changes);
    else this.#apply(changes);
  }

  #apply(changes: PackedChanges): void {
    const grid = this.grid;
    if (!grid || changes.generation !== grid.generation) return;
    const indices: number[] = [];
    changes.ids.forEach((id, i) => {
      const index = grid.indexOf(id);
      if (index < 0 || grid.state[index] === changes.state[i]) return;
      grid.state[index] = changes.state[i]!;
      indices.push(index);
    });
    for (const listener of this.#listeners) listener(indices, changes.ids);
  }
}
