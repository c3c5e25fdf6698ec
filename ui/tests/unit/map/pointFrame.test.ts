import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { random } from "../../../src/host/fake/random";
import { PointGrid } from "../../../src/map/grid";
import { HALF_WORLD, pixelsPerMetre } from "../../../src/map/mercator";
import { desaturated, greyed, palette, type Palette } from "../../../src/map/palette";
import { PointFrame } from "../../../src/map/pointFrame";
import { Shown } from "../../../src/map/shown";
import type { Frame } from "../../../src/map/stamp";
import { AGEING, STALE } from "../../../src/map/state";
import { cloud } from "./grid.test";

const CSS = readFileSync(new URL("../../../src/styles/tokens.css", import.meta.url), "utf8");
export const NIGHT: Palette = palette((name) => new RegExp(`${name}: (#[0-9a-f]+)`).exec(CSS)![1]!);

function framed(count: number, zoom = 15, spread = 1500): { grid: PointGrid; frame: Frame; drawing: PointFrame } {
  const grid = new PointGrid(cloud(count, spread));
  const frame = { width: 500, height: 400, pixels: new Uint32Array(500 * 400) };
  const scale = pixelsPerMetre(zoom);
  const view = { zoom, ratio: 1, worldX: (grid.originX + HALF_WORLD) * scale - 250, worldY: (HALF_WORLD - grid.originY) * scale - 200 };
  return { grid, frame, drawing: new PointFrame(grid, frame, view, NIGHT, new Shown()) };
}

describe("the city as pixels", () => {
  it("a change restamped is the frame drawn anew, pixel for pixel", () => {
    const { grid, frame, drawing } = framed(400);
    const chance = random(3);
    for (let i = 0; i < grid.count; i++) { grid.kind[i] = Math.floor(chance() * 9); grid.state[i] = Math.floor(chance() * 6); }
    drawing.drawAll();
    for (let n = 0; n < 40; n++) {
      const index = Math.floor(chance() * grid.count);
      grid.state[index] = Math.floor(chance() * 6) | (chance() < 0.3 ? 128 : 0);
      drawing.restamp([index]);
    }
    const restamped = frame.pixels.slice();
    drawing.drawAll();
    const differing = restamped.reduce((sum, pixel, i) => sum + (pixel === frame.pixels[i] ? 0 : 1), 0);
    expect(differing).toBe(0);
  });

  it("tells which pixels changed, and nothing for a point out of the frame or filtered out", () => {
    const { drawing } = framed(1, 15, 0);
    drawing.drawAll();
    drawing.grid.state[0] = 3;
    const rect = drawing.restamp([0])[0]!;
    expect(rect.left).toBeLessThan(250);
    expect(rect.right).toBeGreaterThan(250);
    expect(framed(1, 15, 1e6).drawing.restamp([0])).toEqual([]);
    const lampsHidden = new Shown();
    lampsHidden.kinds[0] = 0;
    const lampless = new PointFrame(drawing.grid, drawing.frame, { zoom: 15, ratio: 1, worldX: 0, worldY: 0 }, NIGHT, lampsHidden);
    expect(lampless.drawAll()).toBe(0);
    expect(lampless.restamp([0])).toEqual([]);
  });

  it("draws the worst over the rest", () => {
    const { grid, frame, drawing } = framed(40, 15, 0);
    grid.state.fill(3);
    grid.state[7] = 4;
    drawing.drawAll();
    // Beside the cross, inside the octagon.
    const [r, g, b] = NIGHT.p1;
    expect(frame.pixels[200 * 500 + 250 + 7]! & 0xffffff).toBe((b << 16) | (g << 8) | r);
  });

  it("fades and hatches what is too old, and no more once it is fresh", () => {
    const { grid, frame, drawing } = framed(1, 15, 0);
    const inked = (): number => frame.pixels.reduce((sum, pixel) => sum + (pixel === 0 ? 0 : 1), 0);
    drawing.drawAll();
    const fresh = inked();
    grid.state[0]! |= AGEING;
    drawing.restamp([0]);
    const ageing = inked();
    expect(ageing).toBeGreaterThan(fresh);
    grid.state[0] = STALE;
    drawing.restamp([0]);
    expect(inked()).toBeGreaterThan(ageing);
    grid.state[0] = 0;
    drawing.restamp([0]);
    expect(inked()).toBe(fresh);
  });

  it("stamps thirty-six thousand points well within a frame's patience", () => {
    const { drawing, grid } = framed(36_000, 14);
    expect(drawing.drawAll()).toBe(grid.count);
    const before = performance.now();
    for (let n = 0; n < 5; n++) drawing.drawAll();
    // A budget with room for a loaded machine: it takes a few milliseconds on a quiet one.
    expect((performance.now() - before) / 5).toBeLessThan(120);
  });
});

describe("a lost link", () => {
  it("takes the colour out of the map and leaves the desk's own marks", () => {
    const lost = desaturated(NIGHT);
    const spread = ([r, g, b]: readonly [number, number, number]): number => Math.max(r, g, b) - Math.min(r, g, b);
    for (const name of ["p1", "p2", "p3", "map-water"] as const) expect(spread(lost[name])).toBeLessThan(spread(NIGHT[name]) * 0.25);
    expect(lost.select).toEqual(NIGHT.select);
    expect(greyed([10, 200, 30], 1)).toEqual([147, 147, 147]);
  });
});
