/** The course of the water at a gauge as a drawing: what was measured, what is forecast, and the lines that mean something. */
import type { ForecastPointView, HeightView } from "../host/bindings";

/** Where more time lies between two measures, nobody knows what the water did. */
const GAP = 2 * 3_600_000;

export interface Scale {
  from: number;
  to: number;
  low: number;
  high: number;
}

/** What the drawing must hold: all that was measured and is forecast, and of the lines those that are near. */
export function scaleOf(heights: readonly HeightView[], forecast: readonly ForecastPointView[], lines: readonly number[], now: number): Scale | null {
  const values = [...heights.map(({ mm }) => mm), ...forecast.flatMap(({ low, high }) => [low, high])];
  const times = [...heights.map(({ at }) => at), ...forecast.map(({ at }) => at), now];
  if (values.length === 0) return null;
  let low = Math.min(...values);
  let high = Math.max(...values);
  // A river that stands still is no mountain.
  const span = Math.max(200, high - low);
  // The next line above is always in sight: it is what the water is measured against. Those far above would flatten the rest.
  const above = lines.filter((line) => line > high).sort((a, b) => a - b)[0];
  if (above !== undefined && above - high < span * 3) high = above;
  for (const line of lines) if (line < low && low - line < span / 2) low = line;
  const margin = Math.max(50, (high - low) * 0.06);
  return { from: Math.min(...times), to: Math.max(...times), low: low - margin, high: high + margin };
}

export interface Drawing {
  /** The measured course, broken where nobody knows. */
  course: string;
  /** The forecast's middle, and its range as an area. */
  mean: string;
  range: string;
  x: (at: number) => number;
  y: (mm: number) => number;
}

export function draw(heights: readonly HeightView[], forecast: readonly ForecastPointView[], scale: Scale, width: number, tall: number): Drawing {
  const wide = Math.max(1, scale.to - scale.from);
  const x = (at: number): number => Math.round(((at - scale.from) / wide) * width * 10) / 10;
  const y = (mm: number): number => Math.round((1 - (mm - scale.low) / (scale.high - scale.low)) * tall * 10) / 10;
  let course = "";
  heights.forEach(({ at, mm }, i) => {
    const before = heights[i - 1];
    course += `${before === undefined || at - before.at > GAP ? "M" : "L"}${x(at)} ${y(mm)}`;
  });
  const line = (value: (point: ForecastPointView) => number, points: readonly ForecastPointView[]): string => points.map((point, i) => `${i === 0 ? "M" : "L"}${x(point.at)} ${y(value(point))}`).join("");
  const back = [...forecast].reverse();
  const range = forecast.length < 2 ? "" : `${line(({ high }) => high, forecast)}${line(({ low }) => low, back).replace("M", "L")}Z`;
  return { course, mean: line(({ mean }) => mean, forecast), range, x, y };
}
