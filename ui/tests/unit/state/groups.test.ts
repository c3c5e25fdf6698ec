import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Desk } from "../../../src/state/desk.svelte";
import { GroupDraft } from "../../../src/state/groupDraft.svelte";
import { outcomeText } from "../../../src/state/groups.svelte";

const desks: Desk[] = [];

async function opened(pace = 0): Promise<Desk> {
  const desk = new Desk(new FakeHost({ lights: 96, pace }));
  desks.push(desk);
  await desk.start();
  await vi.waitFor(() => expect(desk.list.loaded).toBe(true));
  return desk;
}

async function lights(desk: Desk, count: number): Promise<string[]> {
  const { lines } = await desk.host.call("search", { text: "L-", limit: 200 });
  const kept = [];
  for (const line of lines.filter(({ kind, freshness }) => kind === "street_light" && freshness !== "unreachable")) kept.push(line.equipment_id);
  return kept.slice(0, count);
}

async function draft(desk: Desk, objects: string[], level = "40"): Promise<GroupDraft> {
  const made = new GroupDraft(desk.host, { by: "hand", objects }, null);
  await made.begin();
  made.choose("street_light.set_level");
  made.value = level;
  await made.prepare();
  return made;
}

const plug = (desk: Desk, plugged: boolean): Promise<unknown> => desk.host.call("training", { plugged, speed: null, scenario: null, second: null });

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

describe("what is chosen", () => {
  it("goes in and out by itself, and in by the dozen", async () => {
    const desk = await opened();
    const [one, two, three] = [0, 1, 2].map((i) => desk.list.line(i)!);
    desk.groups.pick([one!]);
    desk.groups.pick([one!]);
    expect(desk.groups.picked.size).toBe(0);
    desk.groups.pick([one!, two!, three!]);
    desk.groups.pick([two!, three!]);
    expect([...desk.groups.picked.keys()]).toEqual([one, two, three].map((line) => line!.equipment_id));
    desk.groups.beginPicked();
    expect(desk.groups.shown).toMatchObject({ type: "choose", choice: { by: "hand" } });
  });

  it("an area needs three corners, and Escape leaves the drawing before anything else", async () => {
    const desk = await opened();
    desk.groups.draw();
    desk.groups.corner([5, 47]);
    desk.groups.corner([5.1, 47]);
    desk.groups.finish();
    expect(desk.groups.shown).toBeNull();
    desk.groups.corner([5.1, 47.4]);
    desk.groups.corner([5.2, 47.4]);
    desk.groups.uncorner();
    desk.groups.finish();
    expect(desk.groups.shown).toMatchObject({ choice: { by: "area", ring: [[5, 47], [5.1, 47], [5.1, 47.4]] } });
    desk.groups.draw();
    desk.back();
    expect(desk.groups.drawing).toBeNull();
  });
});

describe("a command on many", () => {
  it("is prepared with its class by count, and nothing is operated without one", async () => {
    const desk = await opened();
    const few = await draft(desk, await lights(desk, 4));
    expect([few.preparation!.class, few.ready]).toEqual(["B", true]);
    const many = await draft(desk, await lights(desk, 14));
    expect([many.preparation!.class, many.ready]).toEqual(["C", true]);
    const wrong = new GroupDraft(desk.host, { by: "hand", objects: await lights(desk, 4) }, null);
    await wrong.begin();
    wrong.choose("street_light.set_level");
    wrong.value = "140";
    await wrong.prepare();
    expect([wrong.params, wrong.preparation]).toEqual([null, null]);
  });

  it("over fifty objects it is not operated by one person alone", async () => {
    const desk = await opened();
    const many = await draft(desk, await lights(desk, 60));
    expect(many.proceeds).toBe(true);
    expect([await many.operate(), many.error]).toEqual([null, "needs_second_person"]);
    expect(await many.second.ask()).toBe(true);
    await desk.procedures.read();
    const request = desk.procedures.find(many.second.requestId);
    expect([request?.stage, request?.objects, request?.group?.chosen]).toEqual(["select", many.preparation!.members.length, "hand"]);
    expect(await many.select()).toBe(true);
    expect(many.second.selectedUntil).not.toBeNull();
    expect((await many.operate())?.total).toBe(many.preparation!.members.length);
  });

  it("begins anew with a second person when it is frozen anew", async () => {
    const desk = await opened();
    const many = await draft(desk, await lights(desk, 60));
    await many.second.ask();
    await many.leaveOut([many.preparation!.members[0]!.equipment_id]);
    expect([many.second.requestId, many.second.selectedUntil]).toEqual([null, null]);
  });

  it("what its author leaves out is left out by name, and freezes another group", async () => {
    const desk = await opened();
    const made = await draft(desk, await lights(desk, 4));
    const before = made.preparation!.group_id;
    await made.leaveOut([made.preparation!.members[0]!.equipment_id]);
    expect(made.preparation!.group_id).not.toBe(before);
    expect([made.preparation!.members.length, made.preparation!.excluded.map(({ reason }) => reason)]).toEqual([3, ["left_out"]]);
  });

  it("is told in the words that operators see, and is not among the commands on single objects", async () => {
    const desk = await opened();
    const made = await draft(desk, await lights(desk, 5));
    const group = await made.operate();
    desk.groups.follow(group!.group_id);
    await desk.groups.read();
    expect(desk.groups.list[0]).toMatchObject({ total: 5 });
    await desk.commands.read();
    expect(desk.commands.outbox).toEqual([]);
    expect(outcomeText({ total: 40, to_send: 0, under_way: 0, done: 37, refused: 2, unknown: 1 })).toBe("37 faits sur 40, 2 refusés, 1 sans compte rendu");
  });

  it("one key stops the rest of it", async () => {
    const desk = await opened(60_000);
    const made = await draft(desk, await lights(desk, 5));
    const group = await made.operate();
    expect(await desk.groups.decide("group_stop", group!.group_id)).toBe(true);
    expect(desk.groups.list[0]).toMatchObject({ refused: 5, can_stop: false });
    expect(desk.groups.list[0]!.stopped_at).not.toBeNull();
  });

  it("without a link a service is one order noted, decided as a whole when the link is back", async () => {
    const desk = await opened();
    await plug(desk, false);
    const made = await draft(desk, await lights(desk, 14));
    expect(made.outcome).toBe("keep");
    await made.operate();
    await plug(desk, true);
    await vi.waitFor(() => expect(desk.reviewOpen).toBe(true));
    expect([desk.decisions, desk.commands.review.cards.length]).toEqual([1, 0]);
    const { group, objects } = desk.commands.review.groups[0]!;
    const again = new GroupDraft(desk.host, { by: "hand", objects }, group);
    await again.begin();
    expect([again.code, again.value]).toEqual(["street_light.set_level", "40"]);
    await desk.groups.decide("group_abandon", group.group_id);
    await desk.commands.read();
    expect(desk.decisions).toBe(0);
  });
});
