import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Activity } from "../../../src/state/activity";
import { Desk } from "../../../src/state/desk.svelte";
import { viewOf, wasReloaded } from "../../../src/state/view";

const desks: Desk[] = [];

async function opened(host = new FakeHost({ lights: 96, pace: 0 })): Promise<Desk> {
  const desk = new Desk(host);
  desks.push(desk);
  await desk.start();
  await vi.waitFor(() => expect(desk.list.loaded).toBe(true));
  return desk;
}

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

describe("a suspended session", () => {
  it("keeps what is being typed, to the last letter, and gives it back", async () => {
    const desk = await opened();
    desk.compose();
    desk.log.text = "Fil tombé rue";
    desk.log.typed();
    await desk.suspend();
    expect([desk.suspended, desk.log.composing]).toEqual([true, false]);
    await desk.resume("right");
    expect(desk.suspended).toBe(false);
    expect(await desk.host.call("drafts", {})).toMatchObject([{ key: "log", content: { text: "Fil tombé rue" } }]);
    expect(desk.log.text).toBe("Fil tombé rue");
  });

  it("puts the command away that was being made, and shows sheets without commands", async () => {
    const desk = await opened();
    const { lines: [line] } = await desk.host.call("search", { text: "TL-", limit: 1 });
    await desk.sheet.show(line!.equipment_id);
    desk.begin(desk.sheet.sheet!.line, desk.sheet.sheet!.actions[1]!);
    await desk.suspend();
    expect(desk.draft).toBeNull();
    await vi.waitFor(() => expect(desk.sheet.sheet!.actions).toEqual([]));
    await desk.resume("right");
    await vi.waitFor(() => expect(desk.sheet.sheet!.actions.length).toBeGreaterThan(0));
  });

  it("stays suspended after a wrong password, which the form is told", async () => {
    const desk = await opened();
    await desk.suspend();
    await expect(desk.resume("wrong")).rejects.toMatchObject({ code: "sign_in_refused" });
    expect(desk.suspended).toBe(true);
  });
});

describe("several windows of one desk", () => {
  it("look at the same object, and what one closes the others close", async () => {
    const host = new FakeHost({ lights: 96, pace: 0 });
    const [main, wall] = [await opened(host), await opened(host)];
    const { lines: [line, next] } = await host.call("search", { text: "L-0", limit: 2 });
    for (const shown of [line!, next!]) {
      await main.sheet.show(shown.equipment_id);
      main.selection.share(main.sheet.equipmentId);
      await vi.waitFor(() => expect(wall.sheet.equipmentId).toBe(shown.equipment_id));
      // What was heard is not told again: windows that answer each other never end.
      wall.selection.share(wall.sheet.equipmentId);
    }
    const later = await opened(host);
    await vi.waitFor(() => expect(later.sheet.equipmentId).toBe(next!.equipment_id));
    wall.sheet.close();
    wall.selection.share(null);
    await vi.waitFor(() => expect(main.sheet.open).toBe(false));
  });

  it("are told apart by their address, and any other address is the main one", () => {
    expect(["?view=map", "?view=alarms", "?view=sheet", "?view=other", ""].map(viewOf)).toEqual(["map", "alarms", "sheet", "main", "main"]);
  });

  it("say once that they were opened again in place", () => {
    const replaceState = vi.fn();
    const history = { state: null, replaceState } as unknown as History;
    expect(wasReloaded({ href: "tauri://localhost/?view=map&reloaded=1" } as Location, history)).toBe(true);
    expect(replaceState).toHaveBeenCalledWith(null, "", "/?view=map");
    expect(wasReloaded({ href: "tauri://localhost/?view=map" } as Location, history)).toBe(false);
  });
});

describe("activity", () => {
  it("is told now and then, not at each key", async () => {
    const host = new FakeHost({ lights: 24, pace: 0 });
    const call = vi.spyOn(host, "call");
    const activity = new Activity(host);
    for (let now = 0; now < 25_000; now += 100) activity.seen(now);
    expect(call).toHaveBeenCalledTimes(3);
  });
});
