/** The course of one value over a history, and its drawing: steps where it was known, gaps where nobody knew. Nothing is invented. */
import type { EquipmentKind, Quality, Reading } from "../host/bindings";

export type Value = number | string | boolean;

/** One state of a history, as far as its course needs it. */
export interface Report {
  /** When it was measured, ms. */
  observed_at: number;
  reading: Reading;
  quality: Quality;
}

/** A stretch of time over which one value was known, or none. */
export interface Span {
  from: number;
  to: number;
  /** Null: unknown. */
  value: Value | null;
}

/** What is drawn of each kind: the value that tells how it is. Of a kind that is not here there is no chart. */
const CHARTED: Partial<Record<EquipmentKind, string>> = {
  street_light: "level", signal_junction: "aspect", camera: "picture", gauge: "height_mm", container: "fill", bollard: "position",
  building: "heating_c", message_sign: "text", pump: "running", cabinet: "supply", substation: "supply",
};

export function chartedKey(kind: EquipmentKind): string | null {
  return CHARTED[kind] ?? null;
}

/**
 * The course of the value `key` from the first of these reports until `now`, without holes and without overlap, oldest first.
 * A report holds until the next one, and no longer than it was promised to be fresh; what it did not measure, or measured badly, is unknown.
 */
export function course(reports: readonly Report[], key: string, freshForMs: number, now: number): Span[] {
  const order = [...reports].filter((report) => report.observed_at < now).sort((a, b) => a.observed_at - b.observed_at);
  const spans: Span[] = [];
  order.forEach((report, i) => {
    const next = Math.min(order[i + 1]?.observed_at ?? now, now);
    const good = Math.min(next, report.observed_at + freshForMs);
    extend(spans, report.observed_at, good, known(report, key));
    extend(spans, good, next, null);
  });
  return spans;
}

function known({ reading, quality }: Report, key: string): Value | null {
  const value = reading[key];
  if (quality === "bad" || quality === "never") return null;
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : null;
}

function extend(spans: Span[], from: number, to: number, value: Value | null): void {
  if (to <= from) return;
  const last = spans.at(-1);
  if (last && last.value === value && last.to === from) last.to = to;
  else spans.push({ from, to, value });
}

/** How values go up the chart: along a measure, or each in a row of its own. */
export type Scale = { type: "measure"; low: number; high: number } | { type: "rows"; rows: Value[] };

/** Measures that have a whole: they are seen against it. */
const WHOLE: Readonly<Record<string, readonly [number, number]>> = { level: [0, 100], fill: [0, 100] };

/** The scale on which every known value, and every threshold, has its place. Null when nothing is known. */
export function scaleOf(spans: readonly Span[], key: string, thresholds: readonly number[] = []): Scale | null {
  const values = spans.map(({ value }) => value).filter((value) => value !== null);
  if (values.length === 0) return null;
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return { type: "rows", rows: [...new Set(values)] };
  const [low, high] = WHOLE[key] ?? [Infinity, -Infinity];
  const least = Math.min(low, ...numbers, ...thresholds);
  const most = Math.max(high, ...numbers, ...thresholds);
  return least < most ? { type: "measure", low: least, high: most } : { type: "measure", low: least - 1, high: most + 1 };
}

/** How high a value stands: 0 at the foot of the chart, 1 at its head. The first row is the highest. */
export function height(scale: Scale, value: Value): number {
  if (scale.type === "measure") return typeof value === "number" ? (value - scale.low) / (scale.high - scale.low) : 0;
  return scale.rows.length < 2 ? 0.5 : 1 - scale.rows.indexOf(value) / (scale.rows.length - 1);
}

/** A chart in pixels of its own box. */
export interface Drawing {
  /** The steps, as the path of a line that stops at every gap. */
  path: string;
  /** Where nothing is known, from the left. */
  gaps: { x: number; width: number }[];
  x: (at: number) => number;
  y: (value: Value) => number;
}

/** Draws a course into a box. A span that is too short for a pixel is still seen. */
export function draw(spans: readonly Span[], scale: Scale | null, width: number, tall: number): Drawing {
  const from = spans[0]?.from ?? 0;
  const length = Math.max(1, (spans.at(-1)?.to ?? 1) - from);
  const x = (at: number): number => round(((at - from) / length) * width);
  const y = (value: Value): number => (scale === null ? tall : round((1 - height(scale, value)) * tall));
  let path = "";
  let pen = false;
  for (const { from: start, to, value } of spans) {
    if (value === null) {
      pen = false;
      continue;
    }
    // Within known time the line goes up and down; over a gap it does not go at all.
    path += pen ? `V${y(value)}` : `M${x(start)} ${y(value)}`;
    path += `H${Math.max(x(to), x(start) + 1)}`;
    pen = true;
  }
  const gaps = spans.filter(({ value }) => value === null).map((gap) => ({ x: x(gap.from), width: Math.max(1, round(x(gap.to) - x(gap.from))) }));
  return { path, gaps, x, y };
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
