import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { HostError } from "../../../src/host/host";
import { encodeChanges } from "../../../src/map/points";
import { CityState } from "../../../src/state/city.svelte";
import { estimate } from "../../../src/state/clock.svelte";
import { Desk } from "../../../src/state/desk.svelte";
import type { Draft } from "../../../src/state/draft.svelte";

const desks: Desk[] = [];

async function opened(host = new FakeHost({ lights: 96, pace: 0 })): Promise<Desk> {
  const desk = new Desk(host);
  desks.push(desk);
  await desk.start();
  await vi.waitFor(() => expect(desk.list.loaded).toBe(true));
  return desk;
}

async function begin(desk: Desk, reference: string, verb: string): Promise<Draft> {
  const { lines: [line] } = await desk.host.call("search", { text: reference, limit: 1 });
  await desk.sheet.show(line!.equipment_id);
  const action = desk.sheet.sheet!.actions.find((offered) => offered.code.endsWith(`.${verb}`))!;
  desk.begin(desk.sheet.sheet!.line, action);
  return desk.draft!;
}

const plug = (desk: Desk, plugged: boolean): Promise<unknown> => desk.host.call("training", { plugged, speed: null, scenario: null, second: null });

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

describe("the desk", () => {
  it("opens on the city, the worst first", async () => {
    const desk = await opened();
    expect(desk.city.grid!.count).toBe(desk.city.city!.counts.reduce((a, b) => a + b, 0));
    expect(desk.list.line(0)!.look).toBe("danger");
  });

  it("a host that does not answer is a failure that says so, and trying again repairs it", async () => {
    const host = new FakeHost({ lights: 24, pace: 0 });
    const call = vi.spyOn(host, "call").mockRejectedValueOnce(new HostError({ code: "host_unreachable", message: "" }));
    const desk = new Desk(host);
    desks.push(desk);
    await desk.start();
    expect(desk.hostLost).toBe("host_unreachable");
    call.mockRestore();
    await desk.start();
    expect(desk.hostLost).toBeNull();
  });

  it("a core that stops answering is not shown as up to date, and is found again by itself", async () => {
    vi.useFakeTimers();
    try {
      const host = new FakeHost({ lights: 24, pace: 0 });
      const desk = new Desk(host);
      desks.push(desk);
      await desk.start();
      const call = vi.spyOn(host, "call").mockImplementation(() => new Promise(() => undefined));
      await vi.advanceTimersByTimeAsync(14_000);
      expect([desk.hostLost, desk.link, desk.cut]).toEqual(["host_unreachable", "lost", true]);
      call.mockRestore();
      await vi.advanceTimersByTimeAsync(6000);
      expect([desk.hostLost, desk.link]).toEqual([null, "live"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("a lost link is said at once, and the map is drawn as of the past", async () => {
    const desk = await opened();
    expect(desk.cut).toBe(false);
    await plug(desk, false);
    expect(desk.cut).toBe(true);
    expect(desk.announcer.urgent).toMatch(/perdue/);
  });

  it("what is typed outlives leaving, another object, and coming back", async () => {
    const desk = await opened();
    const draft = await begin(desk, "L-00010", "set_level");
    draft.value = "35";
    draft.reason = "riverain";
    expect(desk.back()).toBe(true);
    expect(desk.draft).toBeNull();
    await begin(desk, "TL-001", "set_plan");
    const again = await begin(desk, "L-00010", "set_level");
    expect([again.value, again.reason]).toEqual(["35", "riverain"]);
  });

  it("a read goes without a form; anything else never does", async () => {
    const desk = await opened();
    await begin(desk, "L-00010", "read");
    await vi.waitFor(() => expect(desk.commands.outbox[0]?.action).toBe("street_light.read"));
    const before = desk.commands.outbox.length;
    const draft = await begin(desk, "L-00010", "to_programme");
    await draft.prepare();
    await desk.commands.read();
    expect(desk.commands.outbox).toHaveLength(before);
  });

  it("says what became of a command, in the five words (R18)", async () => {
    const desk = await opened();
    await desk.commands.read();
    const draft = await begin(desk, "L-00010", "set_level");
    draft.value = "40";
    await draft.prepare();
    await desk.operate(draft);
    expect(desk.draft).toBeNull();
    await vi.waitFor(() => expect(desk.announcer.notices.some((notice) => notice.tone === "good")).toBe(true));
  });

  it("an outcome that nobody heard stays on the screen until it is closed", async () => {
    const desk = await opened();
    await desk.commands.read();
    const draft = await begin(desk, "L-00012", "set_level");
    draft.value = "40";
    draft.reason = "silence";
    await draft.prepare();
    await desk.operate(draft);
    await vi.waitFor(() => expect(desk.announcer.notices.at(-1)).toMatchObject({ tone: "open" }));
  });

  it("the return puts what waits before the operator, and sends nothing by itself (R5)", async () => {
    const desk = await opened();
    await plug(desk, false);
    for (const [reference, verb, value] of [["TL-001", "set_plan", "4"], ["L-00010", "set_level", "40"]] as const) {
      const draft = await begin(desk, reference, verb);
      draft.value = value;
      await draft.prepare();
      await desk.operate(draft);
    }
    await plug(desk, true);
    await vi.waitFor(() => expect(desk.reviewOpen).toBe(true));
    expect(desk.commands.review.cards.map((card) => card.command.state)).toEqual(["intent", "awaiting_key"]);
    expect(desk.commands.outbox.every((command) => command.events.every((event) => event.event !== "submit"))).toBe(true);
  });

  it("does not put the review over a command that is being made", async () => {
    const desk = await opened();
    await plug(desk, false);
    const kept = await begin(desk, "TL-001", "set_plan");
    kept.value = "4";
    await kept.prepare();
    await desk.operate(kept);
    await begin(desk, "L-00010", "set_level");
    await plug(desk, true);
    await vi.waitFor(() => expect(desk.decisions).toBe(1));
    expect(desk.reviewOpen).toBe(false);
  });

  it("a danger out of reach is noted, with the phone, and nothing leaves (R1)", async () => {
    const desk = await opened();
    await plug(desk, false);
    const draft = await begin(desk, "TL-001", "all_red");
    await draft.prepare();
    expect([draft.outcome, draft.preparation!.phone]).toEqual(["note", "03 53 01 12 34"]);
    await desk.operate(draft);
    expect([draft.stage, desk.draft]).toEqual(["noted", draft]);
  });
});

describe("changes of points", () => {
  it("that come while points are on their way are applied after them, in order", async () => {
    const host = new FakeHost({ lights: 24, pace: 0 });
    const city = new CityState(host);
    const loading = city.load();
    for (const state of [3, 4]) city.hear(encodeChanges({ generation: 1, ids: Uint32Array.of(5), state: Uint8Array.of(state) }));
    await loading;
    expect(city.grid!.state[city.grid!.indexOf(5)]).toBe(4);
  });

  it("of another generation mean nothing here", async () => {
    const city = new CityState(new FakeHost({ lights: 24, pace: 0 }));
    await city.load();
    const before = city.grid!.state.slice();
    city.hear(encodeChanges({ generation: 9, ids: Uint32Array.of(5), state: Uint8Array.of(4) }));
    expect(city.grid!.state).toEqual(before);
  });
});

describe("the metropolis's clock", () => {
  const heard = { now: 1_000_000, rate: 1, monotonic: 100, wall: 5_000 };

  it("runs on at its own rate", () => {
    expect(estimate({ ...heard, rate: 60 }, 1100, 6_000)).toBe(1_060_000);
  });

  it("runs through a sleep that only the wall clock saw, and is not set back by it", () => {
    expect(estimate(heard, 200, 3_605_000)).toBe(4_600_000);
    expect(estimate(heard, 1100, 0)).toBe(1_001_000);
  });
});

describe("signing in", () => {
  it("opens on the city, and a refusal keeps its code", async () => {
    const desk = new Desk(new FakeHost({ lights: 24, pace: 0, phase: "sign_in" }));
    desks.push(desk);
    await desk.start();
    expect(desk.status!.phase).toBe("sign_in");
    await expect(desk.signIn("demo", "wrong")).rejects.toMatchObject({ code: "sign_in_refused" });
    await desk.signIn("demo", "right");
    await vi.waitFor(() => expect(desk.city.grid).not.toBeNull());
  });
});

describe("one desk for several people", () => {
  it("what the former one had open is gone when another sits down", async () => {
    const desk = await opened();
    const draft = await begin(desk, "L-00012", "set_level");
    draft.value = "40";
    await desk.signOut();
    expect([desk.status!.phase, desk.draft, desk.sheet.open]).toEqual(["sign_in", null, false]);
    await desk.signIn("a.diallo", "right");
    expect((await begin(desk, "L-00012", "set_level")).value).not.toBe("40");
  });

  it("nobody looks without an account while the metropolis answers, and during a cut nothing is offered to do", async () => {
    const desk = await opened();
    await desk.signOut();
    await expect(desk.look()).rejects.toMatchObject({ code: "metropolis_answers" });
    await plug(desk, false);
    await desk.look();
    expect([desk.status!.phase, desk.status!.shared, desk.status!.role]).toEqual(["ready", true, null]);
    await desk.signIn("a.diallo", "right");
    expect([desk.status!.shared, desk.status!.login]).toEqual([false, "a.diallo"]);
  });
});

describe("closing an unknown command", () => {
  it("needs a reason, keeps what is typed, and forgets it once closed", async () => {
    const desk = await opened();
    const draft = await begin(desk, "L-00012", "set_level");
    draft.value = "40";
    draft.reason = "silence";
    await draft.prepare();
    await desk.operate(draft);
    await vi.waitFor(() => expect(desk.commands.outbox[0]?.state).toBe("unknown"));
    const id = desk.commands.outbox[0]!.command_id;
    desk.commands.typeClosing(id, "  ");
    await desk.commands.close(id);
    expect(desk.commands.closing.has(id)).toBe(true);
    desk.commands.typeClosing(id, "vu éteint sur place");
    await desk.commands.close(id);
    await vi.waitFor(() => expect(desk.commands.outbox[0]?.state).toBe("closed"));
    expect(desk.commands.closing.has(id)).toBe(false);
  });
});
