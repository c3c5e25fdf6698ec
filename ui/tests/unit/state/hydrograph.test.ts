import { describe, expect, it } from "vitest";
import { draw, scaleOf } from "../../../src/state/hydrograph";

const HOUR = 3_600_000;
const heights = (...values: readonly (number | null)[]): { at: number; mm: number }[] => values.flatMap((mm, i) => (mm === null ? [] : [{ at: i * HOUR, mm }]));

describe("the scale of a gauge's chart", () => {
  it("holds what was measured and forecast, and the next threshold above", () => {
    const scale = scaleOf(heights(600, 900), [{ at: 5 * HOUR, low: 800, mean: 1_000, high: 1_100 }], [1_200, 9_000], 2 * HOUR)!;
    expect([scale.from, scale.to]).toEqual([0, 5 * HOUR]);
    expect(scale.low).toBeLessThan(600);
    expect(scale.high).toBeGreaterThan(1_200);
    expect(scale.high).toBeLessThan(2_000);
  });

  it("makes no mountain of a river that stands still, and takes heights below the zero", () => {
    const scale = scaleOf(heights(-120, -118), [], [], HOUR)!;
    expect(scale.high - scale.low).toBeGreaterThan(90);
    expect(scaleOf([], [], [500], 0)).toBeNull();
  });
});

describe("the drawing of a gauge's chart", () => {
  it("is broken where nobody knows what the water did", () => {
    const known = heights(600, 620, null, null, null, 700);
    const drawn = draw(known, [], scaleOf(known, [], [], 5 * HOUR)!, 100, 50);
    expect(drawn.course.match(/M/g)).toHaveLength(2);
    expect(drawn.y(700)).toBeLessThan(drawn.y(600));
    expect(drawn.mean + drawn.range).toBe("");
  });

  it("closes the range of a forecast", () => {
    const forecast = [1, 2].map((n) => ({ at: n * HOUR, low: 500, mean: 600, high: 700 }));
    const drawn = draw([], forecast, scaleOf([], forecast, [], 0)!, 100, 50);
    expect(drawn.range).toMatch(/^M.*Z$/);
    expect(drawn.range.match(/M/g)).toHaveLength(1);
  });
});
