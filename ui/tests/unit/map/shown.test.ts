import { describe, expect, it } from "vitest";
import { Shown } from "../../../src/map/shown";

const city = { kind: Uint8Array.of(0, 0, 2, 2), state: Uint8Array.of(0, 3, 0, 3) };

describe("what is shown", () => {
  it("is everything until something is chosen", () => {
    expect(new Shown().hidden(city, 4)).toBe(0);
  });

  it("fits the kind, the state and the points at once", () => {
    const shown = new Shown();
    shown.kinds.fill(0)[2] = 1;
    shown.states.fill(0)[3] = 1;
    expect([0, 1, 2, 3].filter((index) => shown.has(city, index))).toEqual([3]);
    shown.points = Uint8Array.of(1, 1, 1, 0);
    expect(shown.hidden(city, 4)).toBe(4);
  });

  it("keeps an alarm of priority 1 in sight whatever is chosen, and does not count it as hidden", () => {
    const shown = new Shown();
    shown.kinds.fill(0);
    shown.urgent = Uint8Array.of(0, 1, 0, 0);
    expect(shown.has(city, 1)).toBe(true);
    expect(shown.hidden(city, 4)).toBe(3);
  });
});
