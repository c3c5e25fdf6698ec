import { afterEach, describe, expect, it, vi } from "vitest";
import type { AlarmSummary, AlarmView } from "../../../src/host/bindings";
import { FakeHost } from "../../../src/host/fake/host";
import { HostError } from "../../../src/host/host";
import { holderText, onlyHere } from "../../../src/i18n/alarms";
import { Desk } from "../../../src/state/desk.svelte";
import { SHOWN } from "../../../src/state/alarms.svelte";
import { AlarmSpeech, REST } from "../../../src/state/alarmSpeech";

const desks: Desk[] = [];

async function opened(host = new FakeHost({ lights: 96, pace: 0 })): Promise<Desk> {
  const desk = new Desk(host);
  desks.push(desk);
  await desk.start();
  desk.openAlarms();
  await vi.waitFor(() => expect(desk.alarms.pages.loaded).toBe(true));
  await vi.waitFor(() => expect(desk.alarms.summary).not.toBeNull());
  return desk;
}

/** The line has been on the screen for `ms`. */
function shownFor(desk: Desk, ms: number): number {
  desk.alarms.show(undefined, 0);
  desk.alarms.show(desk.alarms.active, 1000);
  return 1000 + ms;
}

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

describe("taking an alarm", () => {
  it("takes the line that has been shown for a second, at the priority that was seen", async () => {
    const desk = await opened();
    const alarm = desk.alarms.active!;
    const call = vi.spyOn(desk.host, "call");
    expect(await desk.alarms.take(shownFor(desk, SHOWN))).toBe("taken");
    expect(call).toHaveBeenCalledWith("acknowledge_alarm", { alarm_id: alarm.alarm_id, priority: alarm.priority });
    expect(desk.announcer.notices.at(-1)!.tone).toBe("good");
  });

  it("takes nothing that was shown for less, and says why", async () => {
    const desk = await opened();
    const call = vi.spyOn(desk.host, "call");
    expect(await desk.alarms.take(shownFor(desk, SHOWN - 1))).toBe("too_soon");
    expect(desk.alarms.hint).toBe("too_soon");
    expect(call).not.toHaveBeenCalledWith("acknowledge_alarm", expect.anything());
  });

  it("counts the second anew when the line becomes another alarm, or a more urgent one", async () => {
    const desk = await opened();
    desk.alarms.show(desk.alarms.active, 0);
    desk.alarms.show({ ...desk.alarms.active!, priority: 2 }, 1500);
    expect(await desk.alarms.take(1500)).toBe("too_soon");
    desk.alarms.show(desk.alarms.active, 1600);
    desk.alarms.pages.active = 1;
    expect(await desk.alarms.take(5000)).toBe("too_soon");
  });

  it("does not take what somebody has, nor twice", async () => {
    const desk = await opened();
    await desk.alarms.take(shownFor(desk, SHOWN));
    expect(await desk.alarms.take(shownFor(desk, SHOWN))).toBe("cannot");
  });

  it("a refusal is said, and the list read again", async () => {
    const desk = await opened();
    const call = vi.spyOn(desk.host, "call");
    const real = call.getMockImplementation();
    call.mockImplementation(((name: string, args: never) => {
      if (name === "acknowledge_alarm") return Promise.reject(new HostError({ code: "more_urgent", message: "" }));
      return real ? real(name as never, args) : FakeHost.prototype.call.call(desk.host, name as never, args);
    }) as never);
    expect(await desk.alarms.take(shownFor(desk, SHOWN))).toBe("refused");
    expect(desk.announcer.notices.at(-1)!.tone).toBe("bad");
  });

  it("without a link it says that it silences this desk only, until it is confirmed", async () => {
    const desk = await opened();
    await desk.host.call("training", { plugged: false, speed: null, scenario: null, second: null });
    await vi.waitFor(() => expect(desk.cut).toBe(true));
    await vi.waitFor(() => expect(desk.alarms.active).toBeDefined());
    await desk.alarms.take(shownFor(desk, SHOWN));
    expect(desk.announcer.notices.at(-1)!.text).toMatch(/ce poste seulement, non confirmée/);
    const pending = { acknowledged: false, pending: [{ kind: "acknowledge", state: "queued" }] } as unknown as AlarmView;
    expect(onlyHere(pending)).toBe(true);
    expect(holderText(pending, 0)).toMatch(/ce poste seulement/);
  });
});

describe("the list of alarms", () => {
  it("opens what is under a cause, and comes back to the cause", async () => {
    const desk = await opened();
    const { alarms } = desk;
    const at = [0, 1, 2, 3, 4].find((i) => (alarms.pages.line(i)?.under ?? 0) > 0)!;
    alarms.pages.active = at;
    const cause = alarms.active!;
    expect(alarms.openGroup(cause)).toBe(true);
    await vi.waitFor(() => expect(alarms.pages.loaded).toBe(true));
    expect(alarms.pages.total).toBe(cause.under);
    expect(alarms.openGroup(alarms.active!)).toBe(false);
    expect(desk.back()).toBe(true);
    await vi.waitFor(() => expect(alarms.pages.loaded).toBe(true));
    expect([desk.panel, alarms.active!.alarm_id]).toEqual(["alarms", cause.alarm_id]);
  });

  it("its key leads to the most urgent one whatever was open or filtered, and no typing is lost", async () => {
    const desk = await opened();
    desk.alarms.choose({ list: "shelved", priorities: [3] });
    desk.helpOpen = true;
    desk.compose();
    desk.log.text = "Le carrefour est éteint";
    desk.openAlarms();
    await vi.waitFor(() => expect(desk.alarms.pages.loaded).toBe(true));
    expect([desk.helpOpen, desk.log.composing, desk.log.text]).toEqual([false, false, "Le carrefour est éteint"]);
    expect(desk.alarms.active!.alarm_id).toBe(desk.alarms.summary!.top!.alarm_id);
  });

  it("a shelved alarm leaves the list, is counted, and stands in its own list with end and reason", async () => {
    const desk = await opened();
    const alarm = desk.alarms.active!;
    const until = desk.clock.now + 900_000;
    expect(await desk.alarms.shelve(alarm, until, "known_fault")).toBe(true);
    await vi.waitFor(() => expect(desk.alarms.summary!.shelved).toBe(1));
    expect(desk.alarms.pages.find(alarm.alarm_id)).toBe(-1);
    desk.alarms.choose({ list: "shelved" });
    await vi.waitFor(() => expect(desk.alarms.pages.loaded).toBe(true));
    expect(desk.alarms.active).toMatchObject({ alarm_id: alarm.alarm_id, suspended_until: until, suspended_reason: "known_fault" });
  });

  it("the bar shows what is held when nothing asks any more", async () => {
    const desk = await opened();
    for (let i = 0; i < 10 && desk.alarms.summary!.top; i++) {
      desk.alarms.toTop();
      await vi.waitFor(() => expect(desk.alarms.pages.loaded).toBe(true));
      await desk.alarms.take(shownFor(desk, SHOWN));
    }
    expect(desk.alarms.summary!.top).toBeNull();
    await vi.waitFor(() => expect(desk.alarms.top?.priority).toBe(1));
    expect(holderText(desk.alarms.top!, desk.clock.now)).toMatch(/^prise par/);
  });
});

function bar(untaken: [number, number, number], top: { id: string; priority: number } | null, flood = false): AlarmSummary {
  return {
    top: top ? ({ alarm_id: top.id, priority: top.priority, asks: true } as AlarmView) : null,
    counts: untaken.map((n, i) => ({ priority: i + 1, untaken: n, taken: 0, under: 0 })),
    shelved: 0, sounds: top?.priority ?? null, every_desk: false, flood: flood ? { since: 0, raised: 200, desks: 1 } : null, load: [], notices: [],
  };
}

describe("what is spoken of alarms", () => {
  it("a priority 1 once, at once", () => {
    const speech = new AlarmSpeech();
    speech.hear(bar([0, 0, 0], null), 0);
    expect(speech.hear(bar([1, 0, 0], { id: "a", priority: 1 }), 1).urgent!.alarm_id).toBe("a");
    expect(speech.hear(bar([1, 3, 0], { id: "a", priority: 1 }), 2).urgent).toBeNull();
    expect(speech.hear(bar([1, 3, 0], { id: "b", priority: 1 }), 3).urgent!.alarm_id).toBe("b");
  });

  it("the rest counted together, and not more often than one can listen", () => {
    const speech = new AlarmSpeech();
    expect(speech.hear(bar([0, 2, 1], { id: "x", priority: 2 }), 0).more).toEqual([{ priority: 2, n: 2 }, { priority: 3, n: 1 }]);
    let said = 0;
    for (let i = 1; i <= 400; i++) if (speech.hear(bar([0, 2 + i, 1], { id: "x", priority: 2 }), i * 1500).more.length > 0) said++;
    expect(said).toBeLessThanOrEqual((400 * 1500) / REST + 1);
    expect(speech.hear(bar([0, 402, 1], { id: "x", priority: 2 }), 700_000).more.reduce((sum, { n }) => sum + n, 0)).toBeLessThan(8);
  });

  it("what was taken is not said again, and a flood once at its beginning and once at its end", () => {
    const speech = new AlarmSpeech();
    speech.hear(bar([0, 5, 0], { id: "x", priority: 2 }), 0);
    expect(speech.hear(bar([0, 1, 0], { id: "y", priority: 2 }), 20_000).more).toEqual([]);
    expect(speech.hear(bar([0, 2, 0], { id: "y", priority: 2 }, true), 40_000)).toMatchObject({ more: [{ priority: 2, n: 1 }], flood: "begun" });
    expect(speech.hear(bar([0, 2, 0], { id: "y", priority: 2 }, true), 60_000).flood).toBeNull();
    expect(speech.hear(bar([0, 0, 0], null), 80_000).flood).toBe("over");
  });
});
