/** What is spoken of alarms: a priority 1 once, at once; the rest counted together, so that a flood is not a litany. */
import type { AlarmCount, AlarmSummary, AlarmView } from "../host/bindings";

/** The rest is said at most this often, ms. */
export const REST = 10_000;

export interface Speech {
  /** A priority 1 that was not spoken yet. */
  urgent: AlarmView | null;
  /** How many more are to be taken of each priority since it was last said. */
  more: { priority: number; n: number }[];
  /** A flood began or ended. */
  flood: "begun" | "over" | null;
}

export class AlarmSpeech {
  readonly #spoken = new Set<string>();
  #said: ReadonlyMap<number, number> | null = null;
  #saidAt = -Infinity;
  #flooded = false;

  /** What to say of a summary at `now` (the page's own clock, ms). */
  hear(summary: AlarmSummary, now: number): Speech {
    const first = this.#said === null;
    const speech: Speech = { urgent: this.#urgent(summary.top), more: [], flood: null };
    const flooded = summary.flood !== null;
    if (flooded !== this.#flooded) speech.flood = flooded ? "begun" : "over";
    this.#flooded = flooded;
    const untaken = new Map(summary.counts.map((count) => [count.priority, count.untaken]));
    const before = this.#said ?? new Map<number, number>();
    const more = summary.counts.map((count) => moreOf(count, before, speech.urgent)).filter(({ n }) => n > 0);
    if (first || (more.length > 0 && now - this.#saidAt >= REST)) {
      speech.more = more;
      this.#saidAt = now;
      this.#said = untaken;
    } else if (more.length === 0) {
      // Those that were taken are not said again when they come back.
      this.#said = untaken;
    }
    return speech;
  }

  /** Someone else sits down: what was said was said to another. */
  forget(): void {
    this.#spoken.clear();
    this.#said = null;
    this.#saidAt = -Infinity;
    this.#flooded = false;
  }

  #urgent(top: AlarmView | null): AlarmView | null {
    if (top?.priority !== 1) return null;
    if (this.#spoken.has(top.alarm_id)) return null;
    this.#spoken.add(top.alarm_id);
    return top;
  }
}

function moreOf(count: AlarmCount, before: ReadonlyMap<number, number>, urgent: AlarmView | null): { priority: number; n: number } {
  const own = urgent?.priority === count.priority ? 1 : 0;
  return { priority: count.priority, n: count.untaken - (before.get(count.priority) ?? 0) - own };
}
