/**
 * How many points lie in each cell, and how many of them are faults or silent, at halving resolutions. A change of one point
 * moves one count per level, so that a city of a million is never counted again while it lives.
 */
import type { PointGrid } from "./grid";
import type { Shown } from "./shown";
import { AGEING, FRESHNESS, urgency } from "./state";

/** Cells of one size, row by row from the south-west. */
export interface Level {
  /** Side of a cell, metres. */
  cell: number;
  columns: number;
  rows: number;
  points: Uint32Array;
  /** Of these, faults and dangers. */
  faults: Uint32Array;
  /** Of these, without a fresh value. */
  silent: Uint32Array;
  /** What a well-filled cell of this level holds. */
  full: number;
}

const FINEST = 16;
const MOST_CELLS = 2_000_000;
const CELLS_PER_POINT = 16;
const FAULT = 3;

const COUNTED = 1;
const FAULTY = 2;
const SILENT = 4;

export class CountPyramid {
  /** Finest first. */
  readonly levels: readonly Level[];
  readonly #grid: PointGrid;
  readonly #shown: Shown;
  /** As what each point is counted. */
  readonly #counted: Uint8Array;

  constructor(grid: PointGrid, shown: Shown) {
    this.#grid = grid;
    this.#shown = shown;
    const { minX, minY, maxX, maxY } = grid.extent;
    const width = Math.max(1, maxX - minX);
    const height = Math.max(1, maxY - minY);
    const most = Math.min(MOST_CELLS, Math.max(65_536, CELLS_PER_POINT * grid.count));
    let cell = Math.max(FINEST, Math.sqrt((width * height) / most), Math.max(width, height) / most);
    const finest = level(cell, Math.floor(width / cell) + 1, Math.floor(height / cell) + 1);
    this.#counted = new Uint8Array(grid.count);
    for (let i = 0; i < grid.count; i++) {
      const is = this.#classOf(i);
      this.#counted[i] = is;
      if (is !== 0) count(finest, this.#cellOf(i, finest), is, 1);
    }
    const levels = [finest];
    for (let below = finest; below.columns > 1 || below.rows > 1; ) {
      cell *= 2;
      const above = level(cell, (below.columns + 1) >> 1, (below.rows + 1) >> 1);
      gather(below, above);
      levels.push(above);
      below = above;
    }
    for (const made of levels) made.full = filled(made);
    this.levels = levels;
  }

  /** A point's state changed in the grid. Returns whether any count moved. */
  change(index: number): boolean {
    const before = this.#counted[index]!;
    const now = this.#classOf(index);
    if (now === before) return false;
    this.#counted[index] = now;
    const finest = this.levels[0]!;
    const at = this.#cellOf(index, finest);
    const column = at % finest.columns;
    const row = (at - column) / finest.columns;
    this.levels.forEach((each, k) => {
      const cell = (row >> k) * each.columns + (column >> k);
      if (before !== 0) count(each, cell, before, -1);
      if (now !== 0) count(each, cell, now, 1);
    });
    return true;
  }

  /** The finest level whose cells are at least `metres` wide. */
  level(metres: number): Level {
    return this.levels.find((each) => each.cell >= metres) ?? this.levels[this.levels.length - 1]!;
  }

  #classOf(index: number): number {
    const grid = this.#grid;
    if (!this.#shown.has(grid, index)) return 0;
    const state = grid.state[index]!;
    // A value that is merely due is not missing.
    const silent = (state & FRESHNESS) > AGEING;
    return COUNTED | (urgency(state) >= FAULT ? FAULTY : 0) | (silent ? SILENT : 0);
  }

  #cellOf(index: number, { cell, columns, rows }: Level): number {
    const { extent, x, y } = this.#grid;
    const column = Math.min(columns - 1, Math.floor((x[index]! - extent.minX) / cell));
    const row = Math.min(rows - 1, Math.floor((y[index]! - extent.minY) / cell));
    return row * columns + column;
  }
}

function level(cell: number, columns: number, rows: number): Level {
  const cells = columns * rows;
  return {
    cell, columns, rows, points: new Uint32Array(cells), faults: new Uint32Array(cells), silent: new Uint32Array(cells), full: 1,
  };
}

function count(to: Level, cell: number, is: number, by: number): void {
  to.points[cell]! += by;
  if (is & FAULTY) to.faults[cell]! += by;
  if (is & SILENT) to.silent[cell]! += by;
}

function gather(below: Level, above: Level): void {
  for (let row = 0; row < below.rows; row++) {
    for (let column = 0; column < below.columns; column++) {
      const from = row * below.columns + column;
      if (below.points[from] === 0) continue;
      const to = (row >> 1) * above.columns + (column >> 1);
      above.points[to]! += below.points[from]!;
      above.faults[to]! += below.faults[from]!;
      above.silent[to]! += below.silent[from]!;
    }
  }
}

/** Twice the mean of the cells that are not empty. */
function filled({ points }: Level): number {
  let sum = 0;
  let cells = 0;
  for (const each of points) {
    if (each === 0) continue;
    sum += each;
    cells++;
  }
  return cells === 0 ? 1 : Math.max(1, (2 * sum) / cells);
}
