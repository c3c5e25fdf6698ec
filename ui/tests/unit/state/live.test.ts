import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Announcer } from "../../../src/state/announcer.svelte";
import { EVERY, LiveKeys } from "../../../src/state/live.svelte";

const LEFT = { pan: -1, tilt: 0, zoom: 0 };
let said: string[];
let host: FakeHost;
let keys: LiveKeys;
let failing: string | null = null;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  host = new FakeHost({ lights: 96, pace: 0 });
  keys = new LiveKeys(
    { call: (name: string) => { said.push(name); return failing ? Promise.reject(Object.assign(new Error(), { code: failing })) : Promise.resolve({}); } } as never,
    new Announcer(), () => Date.now(),
  );
  failing = null;
});
afterEach(() => vi.useRealTimers());

const words = (name: string): number => said.filter((one) => one === name).length;

describe("a held key", () => {
  it("is said at once and then five times a second, until it is let go", async () => {
    keys.hold("camera", LEFT);
    expect(words("hold_live")).toBe(1);
    await vi.advanceTimersByTimeAsync(5 * EVERY);
    expect(words("hold_live")).toBe(6);
    keys.letGo();
    await vi.advanceTimersByTimeAsync(5 * EVERY);
    expect([words("hold_live"), words("let_go"), keys.held]).toEqual([6, 1, null]);
  });

  it("is over when the core says so, with the reason, and says nothing more", async () => {
    keys.hold("camera", LEFT);
    failing = "live_crew_lock";
    await vi.advanceTimersByTimeAsync(EVERY);
    expect([keys.held, keys.error]).toEqual([null, "live_crew_lock"]);
    const before = words("hold_live");
    await vi.advanceTimersByTimeAsync(5 * EVERY);
    expect(words("hold_live")).toBe(before);
  });

  it("changes its way without being let go", async () => {
    keys.hold("camera", LEFT);
    const { since } = keys.held!;
    await vi.advanceTimersByTimeAsync(EVERY);
    keys.hold("camera", { pan: 0, tilt: 0, zoom: 1 });
    expect([keys.held!.since, words("let_go")]).toEqual([since, 0]);
    keys.letGo();
  });

  it("moves nothing without a link", async () => {
    const { lines } = await host.call("search", { text: "CAM", limit: 5 });
    await host.call("training", { plugged: false, speed: null, scenario: null, second: null });
    await expect(host.call("hold_live", { equipment_id: lines[0]!.equipment_id, motion: LEFT })).rejects.toMatchObject({ code: "live_needs_reach" });
  });
});
