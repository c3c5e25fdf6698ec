/** Points sorted by grid cell, so that a view, a rectangle or a click reads a few runs of neighbours. */
import type { PackedPoints } from "./points";

/** A rectangle in metres from the points' origin. */
export interface Extent {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

const CELL = 200;
const MAX_CELLS = 4_000_000;

export class PointGrid {
  readonly generation: number;
  readonly originX: number;
  readonly originY: number;
  readonly count: number;
  readonly ids: Uint32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly kind: Uint8Array;
  readonly state: Uint8Array;
  readonly extent: Extent;

  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  /** Where each cell's run starts; one more than there are cells. */
  readonly #start: Uint32Array;
  readonly #byId: Lookup;

  constructor(points: PackedPoints) {
    const n = points.ids.length;
    this.generation = points.generation;
    this.originX = points.originX;
    this.originY = points.originY;
    this.count = n;
    this.extent = extentOf(points);
    const width = this.extent.maxX - this.extent.minX;
    const height = this.extent.maxY - this.extent.minY;
    this.#cell = Math.max(CELL, Math.sqrt((width * height) / MAX_CELLS));
    this.#columns = Math.max(1, Math.floor(width / this.#cell) + 1);
    this.#rows = Math.max(1, Math.floor(height / this.#cell) + 1);

    // A counting sort: two passes, no comparison.
    const cellOf = new Uint32Array(n);
    const start = new Uint32Array(this.#columns * this.#rows + 1);
    for (let i = 0; i < n; i++) {
      const cell = this.#row(points.y[i]!) * this.#columns + this.#column(points.x[i]!);
      cellOf[i] = cell;
      start[cell + 1]!++;
    }
    for (let c = 1; c < start.length; c++) start[c]! += start[c - 1]!;
    const next = start.slice();
    this.ids = new Uint32Array(n);
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    this.kind = new Uint8Array(n);
    this.state = new Uint8Array(n);
    this.#byId = lookup(points.ids);
    for (let i = 0; i < n; i++) {
      const at = next[cellOf[i]!]!++;
      this.ids[at] = points.ids[i]!;
      this.x[at] = points.x[i]!;
      this.y[at] = points.y[i]!;
      this.kind[at] = points.kind[i]!;
      this.state[at] = points.state[i]!;
      this.#byId.set(points.ids[i]!, at);
    }
    this.#start = start;
  }

  /** Where a point stands in the columns; -1 when it is not of this generation. */
  indexOf(id: number): number {
    return this.#byId.get(id);
  }

  /** 1 for each point of these runs of identifiers, `[first, last]` both in them. */
  marked(runs: readonly (readonly [number, number])[]): Uint8Array {
    const marks = new Uint8Array(this.count);
    for (const [first, last] of runs) {
      for (let id = first; id <= last; id++) {
        const index = this.indexOf(id);
        if (index >= 0) marks[index] = 1;
      }
    }
    return marks;
  }

  /** Calls `run(from, to)` for runs of points that cover the rectangle (and may reach beyond it by a cell). */
  runs(area: Extent, run: (from: number, to: number) => void): void {
    if (area.maxX < this.extent.minX || area.minX > this.extent.maxX) return;
    if (area.maxY < this.extent.minY || area.minY > this.extent.maxY) return;
    const firstColumn = this.#column(area.minX);
    const lastColumn = this.#column(area.maxX);
    const lastRow = this.#row(area.maxY);
    for (let row = this.#row(area.minY); row <= lastRow; row++) {
      const from = this.#start[row * this.#columns + firstColumn]!;
      const to = this.#start[row * this.#columns + lastColumn + 1]!;
      if (to > from) run(from, to);
    }
  }

  #column(x: number): number {
    return clamp(Math.floor((x - this.extent.minX) / this.#cell), this.#columns - 1);
  }

  #row(y: number): number {
    return clamp(Math.floor((y - this.extent.minY) / this.#cell), this.#rows - 1);
  }
}

/** From identifier to index. */
interface Lookup {
  get(id: number): number;
  set(id: number, index: number): void;
}

/** Identifiers that run on are looked up in an array: a `Map` of a million entries takes longer to fill than the city to draw. */
function lookup(ids: Uint32Array): Lookup {
  let highest = 0;
  for (const id of ids) if (id > highest) highest = id;
  if (highest > 4 * ids.length + 1024) {
    const map = new Map<number, number>();
    return { get: (id) => map.get(id) ?? -1, set: (id, index) => void map.set(id, index) };
  }
  const array = new Int32Array(highest + 1).fill(-1);
  return { get: (id) => array[id] ?? -1, set: (id, index) => void (array[id] = index) };
}

function clamp(value: number, max: number): number {
  return Math.max(0, Math.min(max, value));
}

function extentOf(points: PackedPoints): Extent {
  const extent = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let i = 0; i < points.ids.length; i++) {
    const x = points.x[i]!;
    const y = points.y[i]!;
    if (x < extent.minX) extent.minX = x;
    if (x > extent.maxX) extent.maxX = x;
    if (y < extent.minY) extent.minY = y;
    if (y > extent.maxY) extent.maxY = y;
  }
  return points.ids.length === 0 ? { minX: 0, minY: 0, maxX: 0, maxY: 0 } : extent;
}
