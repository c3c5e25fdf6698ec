import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Desk } from "../../../src/state/desk.svelte";
import { LockForm } from "../../../src/state/locks.svelte";

const desks: Desk[] = [];

async function opened(): Promise<Desk> {
  const desk = new Desk(new FakeHost({ lights: 96, pace: 0 }));
  desks.push(desk);
  await desk.start();
  await vi.waitFor(() => expect(desk.list.loaded).toBe(true));
  const { lines: [line] } = await desk.host.call("search", { text: "L-00010", limit: 1 });
  await desk.sheet.show(line!.equipment_id);
  return desk;
}

function filled(desk: Desk, byHolder = false): LockForm {
  desk.locks.begin(desk.sheet.sheet!.line, byHolder);
  const form = desk.locks.form!;
  [form.holder, form.phone, form.place, form.reason] = ["Karim", "06 12", "Armoire", "Contrôleur"];
  return form;
}

const plug = (desk: Desk, plugged: boolean): Promise<unknown> => desk.host.call("training", { plugged, speed: null, scenario: null, second: null });

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

describe("a crew lock", () => {
  it("r10 is asked once everything that a crew needs to be called is there", async () => {
    const desk = await opened();
    const form = filled(desk);
    form.phone = " ";
    expect(form.ready).toBe(false);
    expect(await desk.locks.ask(form, desk.clock.now)).toBe(false);
    form.phone = "06 12";
    expect(await desk.locks.ask(form, desk.clock.now)).toBe(true);
    expect(desk.locks.form).toBeNull();
    await desk.locks.read();
    expect(desk.locks.all.map(({ state }) => state)).toEqual(["in_force"]);
  });

  it("names instants in whole milliseconds, whatever the clock of the page says", async () => {
    const desk = await opened();
    const call = vi.spyOn(desk.host, "call");
    await desk.locks.ask(filled(desk), 1_795_467_600_000.4);
    expect(call).toHaveBeenCalledWith("ask_lock", expect.objectContaining({ expected_end: 1_795_474_800_000 }));
    await desk.locks.read();
    await desk.locks.force(desk.locks.all[0]!, { at: 1_795_467_600_000.6, number: "06", said: "clear", words: "vu" });
    expect(call).toHaveBeenCalledWith("force_lift_lock", expect.objectContaining({ called_at: 1_795_467_600_001 }));
  });

  it("r10 asked without a link is not in force, and counts as something to look at", async () => {
    const desk = await opened();
    await plug(desk, false);
    await desk.locks.ask(filled(desk), desk.clock.now);
    await desk.locks.read();
    expect(desk.locks.all.map(({ state, waiting }) => [state, waiting])).toEqual([["asked", "queued"]]);
    expect(desk.locks.troubled).toBe(1);
  });

  it("r10 is said to be asked until it is in force, and then that is said instead", async () => {
    const desk = await opened();
    await plug(desk, false);
    await desk.locks.ask(filled(desk), desk.clock.now);
    await desk.locks.read();
    const said = (words: RegExp): number => desk.announcer.notices.filter(({ text }) => words.test(text)).length;
    expect([said(/^Blocage demandé/), said(/^Blocage en vigueur/)]).toEqual([1, 0]);
    await plug(desk, true);
    await desk.locks.read();
    expect([said(/^Blocage demandé/), said(/^Blocage en vigueur/)]).toEqual([0, 1]);
    await desk.locks.read();
    expect(said(/^Blocage en vigueur/)).toBe(1);
  });

  it("keeps what is typed when the form is left, and forgets it once it is filed", async () => {
    const desk = await opened();
    const form = filled(desk);
    desk.locks.keep(form);
    expect(desk.back()).toBe(true);
    expect(desk.locks.form).toBeNull();
    desk.locks.begin(desk.sheet.sheet!.line, false);
    expect(desk.locks.form!.place).toBe("Armoire");
    await desk.locks.ask(desk.locks.form!, desk.clock.now);
    desk.locks.begin(desk.sheet.sheet!.line, false);
    expect(desk.locks.form!.place).toBe("");
  });

  it("r10 shows the lock before the click: what it stops is refused while it is prepared", async () => {
    const desk = await opened();
    await desk.locks.ask(filled(desk), desk.clock.now);
    await desk.sheet.show(desk.sheet.equipmentId!);
    const action = desk.sheet.sheet!.actions.find(({ code }) => code.endsWith(".set_level"))!;
    desk.begin(desk.sheet.sheet!.line, action);
    await desk.draft!.prepare();
    expect([desk.draft!.refused, desk.draft!.ready]).toEqual(["crew_lock", false]);
    expect(desk.draft!.preparation!.lock!.phone).toBe("06 12");
  });

  it("r10 is lifted by its holder at once, and by others in two steps only", async () => {
    const desk = await opened();
    await desk.locks.ask(filled(desk), desk.clock.now);
    await desk.locks.read();
    const lock = desk.locks.all[0]!;
    expect([lock.can_lift, lock.can_force]).toEqual([false, true]);
    expect(await desk.locks.lift(lock)).toBe(false);
    expect(await desk.locks.force(lock, { at: desk.clock.now, number: lock.phone, said: "clear", words: "vu par le gardien" })).toBe(true);
    await desk.locks.read();
    expect([desk.locks.all[0]!.state, desk.locks.all[0]!.can_confirm]).toEqual(["in_force", false]);
  });

  it("takes up of a kept draft only what a form has", async () => {
    const desk = await opened();
    const form = new LockForm(desk.sheet.sheet!.line);
    form.restore({ holder: 3, place: "Armoire", hours: -1, by_holder: "yes" });
    expect([form.holder, form.place, form.hours, form.byHolder]).toEqual(["", "Armoire", 2, false]);
    form.restore("text");
    expect(form.place).toBe("Armoire");
  });
});

describe("the safe direction", () => {
  it("r17 is prepared by one key and sent by one confirmation", async () => {
    const desk = await opened();
    desk.beginSafe();
    await vi.waitFor(() => expect(desk.draft!.stage).toBe("prepared"));
    expect([desk.draft!.ready, desk.draft!.preparation!.safe]).toEqual([true, true]);
    await desk.operate(desk.draft!);
    expect(desk.draft).toBeNull();
  });

  it("r17 that does not exist for an object is said, and nothing opens", async () => {
    const desk = await opened();
    const { lines: [camera] } = await desk.host.call("search", { text: "CAM-001", limit: 1 });
    await desk.sheet.show(camera!.equipment_id);
    desk.beginSafe();
    expect(desk.draft).toBeNull();
  });
});

describe("what is in force now", () => {
  it("r3 is read while somebody looks, and the focus stays with its line", async () => {
    const desk = await opened();
    const call = vi.spyOn(desk.host, "call");
    desk.effects.touched();
    expect(call).not.toHaveBeenCalled();
    const away = desk.effects.show();
    await vi.waitFor(() => expect(desk.effects.loaded).toBe(true));
    away();
    expect(desk.effects.active).toBe(0);
  });
});
