import { describe, expect, it } from "vitest";
import { random } from "../../../src/host/fake/random";
import { PointGrid, type Extent } from "../../../src/map/grid";
import { hit } from "../../../src/map/hit";
import type { PackedPoints } from "../../../src/map/points";

export function cloud(count: number, spread = 8000, seed = 1): PackedPoints {
  const chance = random(seed);
  return {
    generation: 1, originX: 500_000, originY: 6_000_000,
    ids: Uint32Array.from({ length: count }, (_, i) => i + 1),
    x: Float32Array.from({ length: count }, () => (chance() - 0.5) * spread),
    y: Float32Array.from({ length: count }, () => (chance() - 0.5) * spread),
    kind: new Uint8Array(count), state: new Uint8Array(count),
  };
}

function inside(grid: PointGrid, area: Extent): Set<number> {
  const found = new Set<number>();
  grid.runs(area, (from, to) => {
    for (let i = from; i < to; i++) {
      const [x, y] = [grid.x[i]!, grid.y[i]!];
      if (x >= area.minX && x <= area.maxX && y >= area.minY && y <= area.maxY) found.add(grid.ids[i]!);
    }
  });
  return found;
}

describe("the grid", () => {
  it("finds exactly the points of a rectangle, whatever the rectangle", () => {
    const points = cloud(3000);
    const grid = new PointGrid(points);
    const chance = random(5);
    for (let n = 0; n < 60; n++) {
      const [x, y, w, h] = [(chance() - 0.5) * 12_000, (chance() - 0.5) * 12_000, chance() * 4000, chance() * 4000];
      const area = { minX: x, maxX: x + w, minY: y, maxY: y + h };
      const expected = [...points.ids].filter((_, i) => points.x[i]! >= area.minX && points.x[i]! <= area.maxX && points.y[i]! >= area.minY && points.y[i]! <= area.maxY);
      expect(inside(grid, area)).toEqual(new Set(expected));
    }
  });

  it("keeps each point's bytes together while sorting", () => {
    const points = cloud(500);
    points.ids.forEach((id, i) => { points.kind[i] = id % 9; points.state[i] = id % 251; });
    const grid = new PointGrid(points);
    for (let id = 1; id <= 500; id++) {
      const at = grid.indexOf(id);
      expect([grid.ids[at], grid.kind[at], grid.state[at], grid.x[at]]).toEqual([id, id % 9, id % 251, points.x[id - 1]]);
    }
    expect(grid.indexOf(9999)).toBe(-1);
  });

  it("stands a point far from all others, and no point at all", () => {
    const points = cloud(10);
    points.x[3] = 4_000_000;
    expect(new PointGrid(points).indexOf(4)).toBeGreaterThanOrEqual(0);
    const none = new PointGrid(cloud(0));
    expect(inside(none, { minX: -1e9, minY: -1e9, maxX: 1e9, maxY: 1e9 }).size).toBe(0);
  });
});

describe("a click", () => {
  const all = (): boolean => true;

  it("takes the nearest point within reach, and nothing beyond", () => {
    const points = cloud(2000);
    const grid = new PointGrid(points);
    const chance = random(8);
    for (let n = 0; n < 50; n++) {
      const [x, y] = [(chance() - 0.5) * 8000, (chance() - 0.5) * 8000];
      const found = hit(grid, x, y, 90, all);
      const distances = [...points.ids].map((_, i) => Math.hypot(points.x[i]! - x, points.y[i]! - y));
      const nearest = Math.min(...distances);
      if (nearest > 90) expect(found).toBe(-1);
      else expect(grid.ids[found]).toBe(distances.indexOf(nearest) + 1);
    }
  });

  it("takes the danger among the lamps around it, and a junction before a lamp", () => {
    const points = { ...cloud(3), x: Float32Array.of(0, 6, 3), y: Float32Array.of(0, 0, 0), kind: Uint8Array.of(0, 1, 0), state: Uint8Array.of(1, 4, 1) };
    const grid = new PointGrid(points);
    expect(grid.ids[hit(grid, 1, 0, 10, all)]).toBe(2);
    grid.state[grid.indexOf(2)] = 0;
    expect(grid.ids[hit(grid, 4.6, 0, 10, all)]).toBe(2);
    expect(grid.ids[hit(grid, 5, 0, 10, (index) => grid.kind[index] === 0)]).toBe(3);
  });
});
