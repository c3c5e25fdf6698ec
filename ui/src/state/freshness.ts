/** What the age of a value makes of it, as the desk may show it. */
import type { Freshness } from "../host/bindings";

/** The core says it from its own link; a page that no longer reaches the core knows that nothing is live. */
export function shown(freshness: Freshness, cut: boolean): Freshness {
  return cut && freshness === "live" ? "ageing" : freshness;
}

/**
 * Stretches of a history, newest first, in which nothing was recorded for longer than was promised: between line `i` and the
 * next. They stay empty: what was not measured is not drawn.
 */
export function gaps(times: readonly number[], freshForMs: number): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  times.forEach((at, i) => {
    const before = times[i + 1];
    if (before !== undefined && at - before > freshForMs) found.set(i, at - before);
  });
  return found;
}
