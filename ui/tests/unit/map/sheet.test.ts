import { describe, expect, it } from "vitest";
import { toMercator } from "../../../src/map/mercator";
import { pace } from "../../../src/map/pace";
import { Placement } from "../../../src/map/placement";
import { Recent } from "../../../src/map/recent";
import { common, few, isEmpty, joined } from "../../../src/map/rects";

/** A view of 800 by 600 with a quarter more on each side, its corner at a world pixel. */
function placed(ratio: number): Placement {
  return new Placement(12, ratio, { x: 1000, y: 2000 }, { x: 1200, y: 900 }, { x: 200, y: 150 });
}

describe("a placement", () => {
  it("knows the view within its margins, in device pixels", () => {
    expect(placed(1).whole).toEqual({ left: 0, top: 0, right: 1200, bottom: 900 });
    expect(placed(1).view).toEqual({ left: 200, top: 150, right: 1000, bottom: 750 });
    expect(placed(2).view).toEqual({ left: 400, top: 300, right: 2000, bottom: 1500 });
    const { view } = placed(1.25);
    expect([view.right - view.left, view.bottom - view.top]).toEqual([1000, 750]);
  });

  it("lays the ground where the map has it", () => {
    const at = placed(1);
    const { x, y } = toMercator(0, 0);
    // The middle of the world at zoom 12 is pixel 524,288.
    expect(at.px(x)).toBeCloseTo(524_288 - 1000, 3);
    expect(at.py(y)).toBeCloseTo(524_288 - 2000, 3);
  });

  it("holds a view until its margin is used up on any side", () => {
    const at = placed(1);
    const view = { x: 800, y: 600 };
    expect(at.holds({ x: 1200, y: 2150 }, view)).toBe(true);
    expect(at.holds({ x: 1000, y: 2000 }, view)).toBe(true);
    for (const corner of [{ x: 999, y: 2150 }, { x: 1401, y: 2150 }, { x: 1200, y: 1999 }, { x: 1200, y: 2301 }]) expect(at.holds(corner, view)).toBe(false);
  });
});

describe("what changed", () => {
  it("is laid again only where it is in view", () => {
    const view = { left: 10, top: 10, right: 20, bottom: 20 };
    expect(common({ left: 5, top: 12, right: 15, bottom: 40 }, view)).toEqual({ left: 10, top: 12, right: 15, bottom: 20 });
    expect(isEmpty(common({ left: 0, top: 0, right: 10, bottom: 9 }, view))).toBe(true);
  });

  it("is one rectangle that holds them all where they are many, and leaves none out", () => {
    const rects = Array.from({ length: 1500 }, (_, i) => ({ left: i, top: 2 * i, right: i + 3, bottom: 2 * i + 3 }));
    expect(few(rects.slice(0, 7))).toHaveLength(7);
    expect(few(rects)).toEqual([{ left: 0, top: 0, right: 1502, bottom: 3001 }]);
    expect(joined([{ left: 3, top: 3, right: 3, bottom: 9 }, rects[5]!])).toEqual(rects[5]);
    expect(isEmpty(joined([]))).toBe(true);
  });
});

describe("what lives", () => {
  it("is drawn five times a second, seldomer where that would take too much of the machine, and never less than once", () => {
    expect([0, 4, 10].map(pace)).toEqual([200, 200, 200]);
    expect(pace(30)).toBe(600);
    expect(pace(500)).toBe(1000);
  });
});

describe("what is kept", () => {
  it("is what was used last", () => {
    const kept = new Recent<string, number>(2);
    kept.set("a", 1);
    kept.set("b", 2);
    expect(kept.get("a")).toBe(1);
    kept.set("c", 3);
    expect([kept.get("a"), kept.get("b"), kept.get("c")]).toEqual([1, undefined, 3]);
  });
});
