import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { cornerAt, type Corner } from "../../../src/map/rings";
import { CityState } from "../../../src/state/city.svelte";
import { Shelf } from "../../../src/state/shelf";
import type { ZoneForm } from "../../../src/state/zoneForm.svelte";
import { Zones } from "../../../src/state/zones.svelte";

const CORNERS: readonly Corner[] = [[5.03, 47.32], [5.04, 47.32], [5.04, 47.33], [5.03, 47.33]];

let host: FakeHost;
let city: CityState;
let shelf: Shelf;
let zones: Zones;

beforeEach(async () => {
  vi.useFakeTimers();
  host = new FakeHost({ lights: 240, pace: 0 });
  city = new CityState(host);
  shelf = new Shelf(host);
  zones = new Zones(host, city, shelf);
  host.subscribe((push) => { if (push.type === "zones") void zones.read(); }, () => undefined);
  await city.load();
  await zones.read();
});

afterEach(() => vi.useRealTimers());

async function opened(reference: string | null): Promise<ZoneForm> {
  await zones.open(city.zones.find((zone) => zone.reference === reference) ?? null);
  await zones.form!.look();
  return zones.form!;
}

async function drawn(): Promise<ZoneForm> {
  const form = await opened(null);
  for (const corner of CORNERS) form.put(corner);
  form.finish();
  form.name = "Gare";
  form.typed();
  await form.look();
  return form;
}

describe("a new zone", () => {
  it("is drawn corner by corner, saved, and there for everyone", async () => {
    const form = await drawn();
    expect([form.corners, form.open, form.ready, form.reference]).toEqual([4, false, true, "ZV-01"]);
    expect(form.check!.holds).toBeGreaterThanOrEqual(0);
    expect(await form.save()).toBe(true);
    await zones.read();
    expect(city.zones.map((zone) => zone.name)).toContain("Gare");
  });

  it("is not closed before three corners, and each stroke is taken back", async () => {
    const form = await opened(null);
    form.put(CORNERS[0]!);
    form.put(CORNERS[1]!);
    form.finish();
    expect(form.open).toBe(true);
    form.put(CORNERS[2]!);
    form.finish();
    form.put([0, 0]);
    expect([form.open, form.corners]).toEqual([false, 3]);
    form.undo();
    expect(form.open).toBe(true);
    form.undo();
    expect(form.corners).toBe(2);
  });

  it("has the next free reference of its kind until one is typed", async () => {
    const form = await opened(null);
    form.choose("closed_building");
    expect(form.reference).toBe("BF-02");
    form.reference = "LYCEE-1";
    form.choose("flood");
    expect(form.reference).toBe("LYCEE-1");
  });
});

describe("the corners of a zone", () => {
  it("are dragged in one step, put by key under the middle of the map, and put back by Esc", async () => {
    const form = await opened("Z-01");
    const before = cornerAt(form.drawing, 0)!;
    form.drag(0, [5, 47.3], false);
    form.drag(0, [5.01, 47.31], true);
    expect(cornerAt(form.drawing, 0)).toEqual([5.01, 47.31]);
    form.undo();
    expect(cornerAt(form.drawing, 0)).toEqual(before);
    form.take(1);
    form.middle([5.06, 47.31]);
    expect(form.ready, "not while one follows the cross").toBe(false);
    form.giveUp();
    expect(form.canUndo).toBe(false);
    form.take(1);
    form.middle([5.06, 47.31]);
    form.leave();
    expect(cornerAt(form.drawing, 1)).toEqual([5.06, 47.31]);
  });

  it("are inserted and removed, three stay", async () => {
    const form = await opened("Z-01");
    form.insert(0);
    expect([form.corners, form.at]).toEqual([5, 1]);
    expect([form.remove(1), form.remove(0), form.remove(0)]).toEqual([true, true, false]);
    expect(form.corners).toBe(3);
  });
});

describe("a change of a zone", () => {
  it("is told of somebody else's, writes over nothing, and goes over it only when its author says so", async () => {
    const form = await opened("Z-01");
    form.name = "Centre";
    form.typed();
    host.zones.changedElsewhere("z1", "S. Bernard");
    expect(await form.save()).toBe(false);
    await zones.read();
    expect([form.overtaken?.by, form.ready, form.name]).toEqual(["S. Bernard", false, "Centre"]);
    form.over();
    await form.look();
    expect(form.overtaken).toBe(null);
    expect(await form.save()).toBe(true);
    await zones.read();
    expect(city.zones.find((zone) => zone.zone_id === "z1")).toMatchObject({ name: "Centre", revision: 2 });
  });

  it("is told before it is saved, as soon as the room hears of it", async () => {
    const form = await opened("Z-01");
    host.zones.changedElsewhere("z1", "S. Bernard");
    await zones.read();
    expect(form.overtaken?.by).toBe("S. Bernard");
    form.anew();
    expect([form.overtaken, form.after]).toEqual([null, 1]);
  });

  it("is refused without a link and kept, to be gone on with", async () => {
    const form = await opened("Z-01");
    form.insert(0);
    form.name = "Centre élargi";
    form.typed();
    host.link = "lost";
    expect([await form.save(), form.error]).toEqual([false, "unreachable"]);
    expect([await form.drop(), form.error]).toEqual([false, "unreachable"]);
    zones.close();
    const again = await opened("Z-01");
    expect([again.name, again.corners, again.takenUp]).toEqual(["Centre élargi", 5, true]);
    again.anew();
    expect([again.name, again.corners]).toEqual(["Zone vidéo Centre", 4]);
  });

  it("throws a zone away as it was seen", async () => {
    const form = await opened("ZI-01");
    expect(await form.drop()).toBe(true);
    await zones.read();
    expect(city.zones.map((zone) => zone.reference)).not.toContain("ZI-01");
  });
});
