import { describe, expect, it } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import type { ActionView, ObjectSheet } from "../../../src/host/bindings";
import { Draft, lengths } from "../../../src/state/draft.svelte";

async function sheetOf(host: FakeHost, reference: string): Promise<ObjectSheet> {
  const { lines: [line] } = await host.call("search", { text: reference, limit: 1 });
  return host.call("object", { equipment_id: line!.equipment_id });
}

function action(sheet: ObjectSheet, verb: string): ActionView {
  return sheet.actions.find((offered) => offered.code.endsWith(`.${verb}`))!;
}

async function draft(reference: string, verb: string, host = new FakeHost({ lights: 48, pace: 0 })): Promise<Draft> {
  const sheet = await sheetOf(host, reference);
  return new Draft(host, sheet.line, action(sheet, verb));
}

describe("a command being made", () => {
  it("takes whole numbers within bounds, and nothing else", async () => {
    const level = await draft("L-00010", "set_level");
    for (const wrong of ["", " ", "101", "-1", "40.5", "4e1", "quarante"]) {
      level.value = wrong;
      expect(level.params, wrong).toBeNull();
    }
    level.value = " 40 ";
    expect(level.params).toEqual({ level: 40 });
  });

  it("takes a text that is neither empty nor too long, in characters", async () => {
    const text = await draft("PMV-001", "show_text");
    text.value = "é".repeat(61);
    expect(text.params).toBeNull();
    text.value = "🚧".repeat(60);
    expect(text.params).not.toBeNull();
    text.value = "   ";
    expect(text.params).toBeNull();
  });

  it("always has an end where the effect lasts, within the action's longest (R3)", async () => {
    expect((await draft("L-00010", "set_level")).minutes).toBe(60);
    expect((await draft("L-00010", "to_programme")).minutes).toBeNull();
    expect(lengths(60)).toEqual([15, 30, 60]);
    expect(lengths(10)).toEqual([10]);
  });

  it("cannot be operated before it is prepared, and goes back to the form without losing what was typed", async () => {
    const level = await draft("L-00010", "set_level");
    level.value = "40";
    level.reason = "appel d'un riverain";
    expect(level.ready).toBe(false);
    expect(await level.operate()).toBeNull();
    await level.prepare();
    expect([level.stage, level.ready, level.outcome]).toEqual(["prepared", true, "send"]);
    level.edit();
    expect([level.value, level.reason, level.preparation, level.ready]).toEqual(["40", "appel d'un riverain", null, false]);
  });

  it("does what its key said or nothing: when the link turned in between it is prepared anew, and says so", async () => {
    const host = new FakeHost({ lights: 48, pace: 0 });
    const level = await draft("L-00010", "set_level", host);
    level.value = "40";
    await level.prepare();
    expect(level.outcome).toBe("send");
    await host.call("training", { plugged: false, speed: null, scenario: null, second: null });
    expect(await level.operate()).toBeNull();
    expect([level.stage, level.outcome, level.error]).toEqual(["prepared", "queue", "link_turned"]);
    expect(await host.call("outbox", {})).toEqual([]);
    expect((await level.operate())?.state).toBe("queued");
  });

  it("without visibility, waits for both the word and the reason (R4)", async () => {
    const host = new FakeHost({ lights: 400, pace: 0 });
    const blind = await draft("L-00250", "set_level", host);
    blind.value = "40";
    await blind.prepare();
    expect([blind.preparation!.needs_without_visibility, blind.ready]).toEqual([true, false]);
    blind.withoutVisibility = true;
    expect(blind.ready).toBe(false);
    blind.reason = "  ";
    expect(blind.ready).toBe(false);
    blind.reason = "agent sur place";
    expect(blind.ready).toBe(true);
  });

  it("hands back what was seen, unchanged, when it is operated", async () => {
    const host = new FakeHost({ lights: 48, pace: 0 });
    const level = await draft("L-00010", "set_level", host);
    level.value = "40";
    await level.prepare();
    const seen = level.preparation!.seen;
    const command = await level.operate();
    expect(command!.seen).toEqual(seen);
    expect(command!.effect_until! - command!.issued_at).toBe(3_600_000);
  });

  it("asked again from an intent, takes over what was asked and says what it replaces", async () => {
    const host = new FakeHost({ lights: 48, pace: 0 });
    await host.call("training", { plugged: false, speed: null, scenario: null, second: null });
    const first = await draft("TL-001", "set_plan", host);
    first.value = "5";
    first.minutes = 120;
    first.reason = "match";
    await first.prepare();
    expect(first.outcome).toBe("keep");
    const intent = (await first.operate())!;
    expect([intent.state, intent.word]).toEqual(["intent", "to_send"]);
    const again = await draft("TL-001", "set_plan", host);
    again.prefill(intent);
    expect([again.value, again.minutes, again.reason, again.replaces!.id]).toEqual(["5", 120, "match", intent.command_id]);
  });
});
