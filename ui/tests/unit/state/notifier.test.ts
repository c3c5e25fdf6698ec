import { describe, expect, it } from "vitest";
import type { AlarmSummary, AlarmView } from "../../../src/host/bindings";
import type { Machine } from "../../../src/host/host";
import { Notifier } from "../../../src/state/notifier";

function asking(priority: number, id = "a", askedAt = 1): AlarmSummary {
  const top = { alarm_id: id, priority, asked_at: askedAt, name: "École 003 Haute", reference: "BAT-003" } as unknown as AlarmView;
  return { top, sounds: priority } as unknown as AlarmSummary;
}

function desk(looking = false): { notifier: Notifier; said: string[] } {
  const said: string[] = [];
  const machine = { notify: async (title: string, text: string) => void said.push(`${title} ${text}`) } as unknown as Machine;
  return { notifier: new Notifier(machine, () => looking), said };
}

describe("notifications of the system", () => {
  it("tell of a priority 1 once, and again when it asks anew", () => {
    const { notifier, said } = desk();
    for (const summary of [asking(1), asking(1), asking(1, "a", 2), asking(1, "b", 2)]) notifier.hear(summary);
    expect(said.length).toBe(3);
  });

  it("do not tell of a lower priority, nor of what is taken, nor whoever looks at the window", () => {
    const { notifier, said } = desk();
    notifier.hear(asking(2));
    notifier.hear({ ...asking(1), sounds: null });
    const watched = desk(true);
    watched.notifier.hear(asking(1));
    expect([...said, ...watched.said]).toEqual([]);
  });

  it("say neither where nor of whom: they stay on lock screens", () => {
    const { notifier, said } = desk();
    notifier.hear(asking(1));
    expect(said[0]).not.toMatch(/École|BAT-003/);
  });
});
