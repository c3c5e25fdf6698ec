/** Signs that would cover each other: the worst stands for those it hides, and knows them. */

/** A sign on the screen, device pixels. */
export interface Sign {
  index: number;
  x: number;
  y: number;
  urgency: number;
}

/** A sign, with all that it stands for, itself included. */
export interface Cluster {
  worst: number;
  x: number;
  y: number;
  urgency: number;
  /** Indices in the grid, the worst first. */
  members: number[];
}

/** Within this of the worst, a sign is hidden by it; CSS pixels. */
const NEAR = 30;

/** Gathers signs, the worst first; each is in exactly one cluster. */
export function gathered(signs: readonly Sign[], ratio: number): Cluster[] {
  const near = NEAR * ratio;
  const cells = new Map<number, Cluster[]>();
  const clusters: Cluster[] = [];
  for (const sign of [...signs].sort((a, b) => b.urgency - a.urgency || a.index - b.index)) {
    const column = Math.floor(sign.x / near);
    const row = Math.floor(sign.y / near);
    const host = nearest(cells, column, row, sign, near);
    if (host) {
      host.members.push(sign.index);
      continue;
    }
    const made = { worst: sign.index, x: sign.x, y: sign.y, urgency: sign.urgency, members: [sign.index] };
    clusters.push(made);
    const at = key(column, row);
    const there = cells.get(at);
    if (there) there.push(made);
    else cells.set(at, [made]);
  }
  return clusters;
}

function key(column: number, row: number): number {
  return (row + 0x4000) * 0x8000 + column + 0x4000;
}

function nearest(cells: ReadonlyMap<number, Cluster[]>, column: number, row: number, sign: Sign, near: number): Cluster | null {
  let best: Cluster | null = null;
  let bestSquare = near * near;
  for (let dr = -1; dr <= 1; dr++) {
    for (let dc = -1; dc <= 1; dc++) {
      for (const cluster of cells.get(key(column + dc, row + dr)) ?? []) {
        const square = (cluster.x - sign.x) ** 2 + (cluster.y - sign.y) ** 2;
        if (square < bestSquare) {
          best = cluster;
          bestSquare = square;
        }
      }
    }
  }
  return best;
}
