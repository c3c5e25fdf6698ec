import { describe, expect, it } from "vitest";
import { gaps, shown } from "../../../src/state/freshness";

const HOUR = 3_600_000;

describe("freshness on the desk", () => {
  it("is never live without the core, and never better than the core says", () => {
    expect(shown("live", true)).toBe("ageing");
    expect(shown("live", false)).toBe("live");
    for (const age of ["ageing", "stale", "unreachable", "never"] as const) expect(shown(age, true)).toBe(age);
  });
});

describe("a history", () => {
  it("keeps its gaps: as long as they were, and where they were", () => {
    const times = [20, 19, 15, 14.5, 3].map((hour) => hour * HOUR);
    expect([...gaps(times, 2 * HOUR)]).toEqual([[1, 4 * HOUR], [3, 11.5 * HOUR]]);
  });

  it("of one point, or of none, has no gap", () => {
    expect(gaps([HOUR], 1).size).toBe(0);
    expect(gaps([], 1).size).toBe(0);
  });
});
