import { describe, expect, it } from "vitest";
import type { CommandState, EventView } from "../../../src/host/bindings";
import { isOpen, steps } from "../../../src/state/steps";

function way(state: CommandState, ...passed: CommandState[]): string {
  const events: EventView[] = [...passed, state].map((to, i) => ({ at: 1000 + i, event: null, to, actor: "desk", detail: null }));
  return steps({ state, issued_at: 1000, events }).map((step) => step.state).join(" ");
}

describe("the steps of a command", () => {
  it("asked, sent, accepted, executed and confirmed are five different things", () => {
    expect(way("submitted")).toBe("past past next ahead ahead");
    expect(way("accepted", "submitted")).toBe("past past past next ahead");
    expect(way("dispatched", "submitted", "accepted", "dispatching")).toBe("past past past next ahead");
    expect(way("executed", "submitted", "accepted", "dispatched")).toBe("past past past past next");
    expect(way("confirmed", "submitted", "accepted", "dispatched", "executed")).toBe("past past past past past");
  });

  it("what was not heard is drawn as not heard where it stopped", () => {
    expect(way("unknown", "submitted", "accepted", "dispatching", "dispatched")).toBe("past past past missing never");
    expect(way("unknown", "submitted", "accepted", "dispatched", "executed")).toBe("past past past past missing");
    expect(way("unsettled", "submitted")).toBe("past past missing never never");
  });

  it("what was refused goes no further, and what waits has only been asked", () => {
    expect(way("rejected", "submitted")).toBe("past past never never never");
    expect(way("queued")).toBe("past next ahead ahead ahead");
    expect(way("intent")).toBe("past never never never never");
  });

  it("each step has the hour it was reached", () => {
    const reached = steps({ state: "accepted", issued_at: 500, events: [{ at: 700, event: "submit", to: "submitted", actor: "desk", detail: null }, { at: 900, event: "accept", to: "accepted", actor: "metropolis", detail: null }] });
    expect(reached.map((step) => step.at)).toEqual([500, 700, 900, null, null]);
  });
});

describe("a command asks for attention", () => {
  const command = { can_close: false, effect: null };

  it("while it waits, moves, or nobody knows; not once it is done, refused or closed", () => {
    expect(isOpen({ ...command, word: "to_send", state: "intent" })).toBe(true);
    expect(isOpen({ ...command, word: "under_way", state: "executed" })).toBe(true);
    expect(isOpen({ ...command, word: "unknown", state: "unknown" })).toBe(true);
    expect(isOpen({ ...command, word: "unknown", state: "closed" })).toBe(false);
    expect(isOpen({ ...command, word: "done", state: "confirmed" })).toBe(false);
    expect(isOpen({ ...command, word: "refused", state: "expired" })).toBe(false);
    expect(isOpen({ ...command, word: "done", state: "confirmed", effect: "overdue" })).toBe(true);
  });
});
