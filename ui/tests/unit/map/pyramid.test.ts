import { describe, expect, it } from "vitest";
import { random } from "../../../src/host/fake/random";
import { gathered, type Sign } from "../../../src/map/clusters";
import { DensityFrame } from "../../../src/map/densityFrame";
import { PointGrid } from "../../../src/map/grid";
import { HALF_WORLD, pixelsPerMetre } from "../../../src/map/mercator";
import { CountPyramid } from "../../../src/map/pyramid";
import { Shown } from "../../../src/map/shown";
import { STALE } from "../../../src/map/state";
import { cloud } from "./grid.test";
import { NIGHT } from "./pointFrame.test";

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0);

describe("the counts", () => {
  it("are the same kept by increments as counted anew, at every level", () => {
    const grid = new PointGrid(cloud(4000));
    const shown = new Shown();
    shown.kinds[2] = 0;
    shown.states[0] = 0;
    const chance = random(4);
    const kept = new CountPyramid(grid, shown);
    for (let n = 0; n < 20_000; n++) {
      const index = Math.floor(chance() * grid.count);
      grid.kind[index] = Math.floor(chance() * 4);
      grid.state[index] = Math.floor(chance() * 6) | (chance() < 0.4 ? STALE : 0);
      kept.change(index);
    }
    const anew = new CountPyramid(grid, shown);
    expect(kept.levels.length).toBeGreaterThan(5);
    kept.levels.forEach((level, k) => {
      for (const column of ["points", "faults", "silent"] as const) expect(level[column]).toEqual(anew.levels[k]![column]);
    });
  });

  it("hold every point at every level, and say when a change moved none of them", () => {
    const grid = new PointGrid(cloud(3000));
    const pyramid = new CountPyramid(grid, new Shown());
    for (const level of pyramid.levels) expect(sum(level.points)).toBe(3000);
    grid.state[5] = 1;
    expect(pyramid.change(5)).toBe(false);
    grid.state[5] = 4;
    expect(pyramid.change(5)).toBe(true);
    for (const level of pyramid.levels) expect(sum(level.faults)).toBe(1);
  });

  it("stand an empty city, and one where everything is in one place", () => {
    expect(sum(new CountPyramid(new PointGrid(cloud(0)), new Shown()).levels[0]!.points)).toBe(0);
    expect(sum(new CountPyramid(new PointGrid(cloud(70, 0)), new Shown()).levels[0]!.points)).toBe(70);
  });
});

function density(grid: PointGrid, shown = new Shown()): { pixels: Uint32Array; clusters: ReturnType<DensityFrame["draw"]> } {
  const frame = { width: 500, height: 400, pixels: new Uint32Array(500 * 400) };
  const scale = pixelsPerMetre(11);
  const view = { zoom: 11, ratio: 1, worldX: (grid.originX + HALF_WORLD) * scale - 250, worldY: (HALF_WORLD - grid.originY) * scale - 200 };
  const clusters = new DensityFrame(grid, new CountPyramid(grid, shown), frame, view, NIGHT, shown).draw();
  return { pixels: frame.pixels, clusters };
}

/** How much redder than blue the inked pixels are, on average. */
function warmth(pixels: Uint32Array): number {
  const inked = pixels.filter((pixel) => pixel !== 0);
  return inked.reduce((total, pixel) => total + (pixel & 255) - ((pixel >> 16) & 255), 0) / inked.length;
}

describe("density", () => {
  it("stays nearly neutral with two faults in a hundred, and warms with their share", () => {
    const warmths = [0, 0.02, 0.1, 0.3].map((share) => {
      const grid = new PointGrid(cloud(200_000));
      const chance = random(2);
      for (let i = 0; i < grid.count; i++) grid.state[i] = chance() < share ? 3 : 0;
      return warmth(density(grid).pixels);
    });
    const [none, few, some, many] = warmths as [number, number, number, number];
    expect(few - none).toBeLessThan((many - none) * 0.5);
    expect(few).toBeGreaterThan(none);
    expect(some).toBeGreaterThan(few);
    expect(many).toBeGreaterThan(some);
  });

  it("draws a danger whole among a hundred thousand lamps, and nothing of what is filtered out", () => {
    const grid = new PointGrid(cloud(100_000));
    const index = grid.count >> 1;
    grid.state[index] = 4;
    const [r, g, b] = NIGHT.p1;
    const red = (b << 16) | (g << 8) | r;
    const reds = (pixels: Uint32Array): number => pixels.filter((pixel) => (pixel & 0xffffff) === red).length;
    expect(reds(density(grid).pixels)).toBeGreaterThan(60);
    const none = new Shown();
    none.kinds[0] = 0;
    expect(density(grid, none).pixels.some((pixel) => pixel !== 0)).toBe(false);
  });
});

describe("clusters", () => {
  const sign = (index: number, x: number, y: number, urgency: number): Sign => ({ index, x, y, urgency });

  it("stand at their worst, hold every sign once, and leave what lies apart alone", () => {
    const made = gathered([sign(1, 100, 100, 3), sign(2, 110, 104, 4), sign(3, 105, 95, 2), sign(4, 300, 100, 3)], 1);
    expect(made.map(({ worst, members }) => [worst, [...members].sort()])).toEqual([[2, [1, 2, 3]], [4, [4]]]);
    expect(made[0]).toMatchObject({ x: 110, y: 104, urgency: 4 });
  });

  it("lose nobody in a crowd, whatever the crowd", () => {
    const chance = random(6);
    const crowd = Array.from({ length: 800 }, (_, i) => sign(i, chance() * 900 - 100, chance() * 700 - 100, 2 + Math.floor(chance() * 3)));
    const made = gathered(crowd, 2);
    expect(made.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(crowd.map(({ index }) => index));
    for (const { urgency, members } of made) {
      for (const member of members) expect(crowd[member]!.urgency).toBeLessThanOrEqual(urgency);
    }
  });
});
