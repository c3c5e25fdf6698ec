import { describe, expect, it } from "vitest";
import type { Quality } from "../../../src/host/bindings";
import { chartedKey, course, draw, height, scaleOf, type Report, type Span } from "../../../src/state/course";

const MINUTE = 60_000;
const at = (minute: number, level: number | string | boolean | null, quality: Quality = "good"): Report => ({ observed_at: minute * MINUTE, reading: { level }, quality });
const minutes = (spans: readonly Span[]): unknown[] => spans.map(({ from, to, value }) => [from / MINUTE, to / MINUTE, value]);

describe("the course of a value", () => {
  it("holds each report until the next one, whatever order they come in", () => {
    expect(minutes(course([at(20, 40), at(0, 70), at(10, 70)], "level", 15 * MINUTE, 30 * MINUTE))).toEqual([[0, 20, 70], [20, 30, 40]]);
  });

  it("is unknown from the moment a value was no longer promised to hold until the next report", () => {
    expect(minutes(course([at(0, 70), at(60, 40)], "level", 15 * MINUTE, 70 * MINUTE))).toEqual([[0, 15, 70], [15, 60, null], [60, 70, 40]]);
  });

  it("ends in a gap when nothing was heard for too long", () => {
    expect(minutes(course([at(0, 70)], "level", 15 * MINUTE, 90 * MINUTE))).toEqual([[0, 15, 70], [15, 90, null]]);
  });

  it("does not draw what was not measured, or not well", () => {
    const spans = course([at(0, 70), at(10, null), at(20, 60, "bad"), at(30, 0)], "level", 60 * MINUTE, 40 * MINUTE);
    expect(minutes(spans)).toEqual([[0, 10, 70], [10, 30, null], [30, 40, 0]]);
    expect(minutes(course([{ observed_at: 0, reading: {}, quality: "good" }], "level", MINUTE, MINUTE))).toEqual([[0, 1, null]]);
  });

  it("covers its time without a hole and without overlap", () => {
    const spans = course([at(0, 1), at(7, 2), at(8, 2), at(50, null), at(51, 3)], "level", 5 * MINUTE, 77 * MINUTE);
    expect(spans[0]?.from).toBe(0);
    expect(spans.at(-1)?.to).toBe(77 * MINUTE);
    spans.slice(1).forEach((span, i) => expect(span.from).toBe(spans[i]?.to));
  });

  it("says nothing of what lies ahead, nor of an empty history", () => {
    expect(course([], "level", MINUTE, MINUTE)).toEqual([]);
    expect(course([at(10, 5)], "level", MINUTE, 5 * MINUTE)).toEqual([]);
  });

  it("follows the telling value of each kind, as it is reported", () => {
    expect(chartedKey("street_light")).toBe("level");
    expect(chartedKey("signal_junction")).toBe("aspect");
  });
});

describe("the scale of a chart", () => {
  const spans = (...values: Span["value"][]): Span[] => values.map((value, i) => ({ from: i, to: i + 1, value }));

  it("shows a level against its whole, and another measure between its extremes", () => {
    expect(scaleOf(spans(40, null, 70), "level")).toEqual({ type: "measure", low: 0, high: 100 });
    expect(scaleOf(spans(1240, 1310), "height_mm")).toEqual({ type: "measure", low: 1240, high: 1310 });
  });

  it("has room for a value that never changed, and for every threshold", () => {
    expect(scaleOf(spans(19), "heating_c")).toEqual({ type: "measure", low: 18, high: 20 });
    expect(scaleOf(spans(1240, 1310), "height_mm", [2000])).toEqual({ type: "measure", low: 1240, high: 2000 });
  });

  it("gives each word a row, and none to what is unknown", () => {
    const scale = scaleOf(spans("normal", null, "dark", "normal"), "aspect");
    expect(scale).toEqual({ type: "rows", rows: ["normal", "dark"] });
    expect(scale && [height(scale, "normal"), height(scale, "dark")]).toEqual([1, 0]);
    expect(scaleOf(spans(null), "aspect")).toBeNull();
  });
});

describe("the drawing of a course", () => {
  const spans: Span[] = [{ from: 0, to: 50, value: 100 }, { from: 50, to: 60, value: 0 }, { from: 60, to: 80, value: null }, { from: 80, to: 100, value: 50 }];
  const scale = scaleOf(spans, "level");

  it("steps between known values and never across a gap", () => {
    const { path, gaps } = draw(spans, scale, 200, 80);
    expect(path).toBe("M0 0H100V80H120M160 40H200");
    expect(gaps).toEqual([{ x: 120, width: 40 }]);
  });

  it("keeps a stretch in sight that is shorter than a pixel", () => {
    const short = draw([{ from: 0, to: 1, value: 100 }, { from: 1, to: 2, value: null }, { from: 2, to: 10_000, value: 0 }], scale, 200, 80);
    expect(short.path.startsWith("M0 0H1M")).toBe(true);
    expect(short.gaps[0]?.width).toBe(1);
  });

  it("of nothing that is known is a gap alone", () => {
    expect(draw([{ from: 0, to: 10, value: null }], null, 200, 80)).toMatchObject({ path: "", gaps: [{ x: 0, width: 200 }] });
  });
});
