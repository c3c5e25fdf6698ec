/** A command's way in five steps. Asked, sent, accepted, executed and confirmed are five different things (R18). */
import type { CommandState, CommandView } from "../host/bindings";

export const STEPS = ["asked", "sent", "accepted", "executed", "confirmed"] as const;
export type StepName = (typeof STEPS)[number];

/** `past` was reached, `next` is waited for, `missing` was not heard of, `ahead` is not there yet, `never` will not be. */
export type StepState = "past" | "next" | "missing" | "ahead" | "never";

export interface Step {
  name: StepName;
  state: StepState;
  at: number | null;
}

/** How far each state went: the number of steps behind it. */
const REACHED: Partial<Record<CommandState, number>> = {
  drafted: 0, noted: 1, intent: 1, queued: 1, awaiting_key: 1, submitted: 2, unsettled: 2,
  accepted: 3, dispatching: 3, dispatched: 3, executed: 4, confirmed: 5, late_done: 5,
};

/** States in which the next step is still waited for. */
const MOVING: readonly CommandState[] = ["queued", "awaiting_key", "submitted", "accepted", "dispatching", "dispatched", "executed"];
/** States in which nobody knows. */
const UNHEARD: readonly CommandState[] = ["unsettled", "unknown", "closed"];

export function steps(command: Pick<CommandView, "state" | "issued_at" | "events">): Step[] {
  const times = new Map<number, number>([[1, command.issued_at]]);
  let farthest = 1;
  for (const event of command.events) {
    const reached = REACHED[event.to] ?? 0;
    if (reached > 0 && !times.has(reached)) times.set(reached, event.at);
    farthest = Math.max(farthest, reached);
  }
  const reached = Math.max(farthest, REACHED[command.state] ?? 0);
  return STEPS.map((name, i) => {
    const number = i + 1;
    const at = times.get(number) ?? null;
    if (number <= reached) return { name, state: "past", at };
    if (number > reached + 1) return { name, state: MOVING.includes(command.state) ? "ahead" : "never", at: null };
    if (MOVING.includes(command.state)) return { name, state: "next", at: null };
    return { name, state: UNHEARD.includes(command.state) ? "missing" : "never", at: null };
  });
}

/** Whether a command still asks for attention: it moves, waits, nobody knows what became of it, or its effect did not end. */
export function isOpen(command: Pick<CommandView, "word" | "state" | "can_close" | "effect">): boolean {
  return command.effect === "overdue" || command.word === "to_send" || command.word === "under_way" || command.can_close || command.state === "unsettled" || command.state === "unknown";
}
