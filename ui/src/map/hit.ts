/** What is under the pointer: the worst first, then what is not a lamp, then the nearest. */
import type { PointGrid } from "./grid";
import { urgency } from "./state";

/**
 * Index of the point picked within `radius` metres of (`x`, `y`), both from the points' origin; -1 for none.
 * A danger is worth `radius` more than its distance says, so that it is not lost among the lamps around it.
 */
export function hit(grid: PointGrid, x: number, y: number, radius: number, shown: (index: number) => boolean): number {
  let best = -1;
  let bestScore = Infinity;
  const square = radius * radius;
  grid.runs({ minX: x - radius, minY: y - radius, maxX: x + radius, maxY: y + radius }, (from, to) => {
    for (let i = from; i < to; i++) {
      const dx = grid.x[i]! - x;
      const dy = grid.y[i]! - y;
      const distance = dx * dx + dy * dy;
      if (distance > square || !shown(i)) continue;
      const bonus = urgency(grid.state[i]!) * 0.25 + (grid.kind[i] === 0 ? 0 : 0.2);
      const score = Math.sqrt(distance) - bonus * radius;
      if (score < bestScore) {
        best = i;
        bestScore = score;
      }
    }
  });
  return best;
}
