import { beforeEach, describe, expect, it } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Announcer } from "../../../src/state/announcer.svelte";
import { Draft } from "../../../src/state/draft.svelte";
import { Procedures } from "../../../src/state/procedure.svelte";

let now = 1_800_000_000_000;
let host: FakeHost;
let procedures: Procedures;
let announcer: Announcer;

async function danger(): Promise<Draft> {
  const { lines } = await host.call("objects", { ...EVERYTHING, kinds: ["signal_junction"], limit: 50 });
  const line = lines.find((one) => one.freshness === "live" && one.look === "normal")!;
  const sheet = await host.call("object", { equipment_id: line.equipment_id });
  const draft = new Draft(host, line, sheet.actions.find((action) => action.code === "signal_junction.dark")!);
  await draft.prepare();
  return draft;
}

const EVERYTHING = { text: "", kinds: [], looks: [], ages: [], communes: [], services: [], points: [], abnormal: false, bounds: null, offset: 0, limit: 200 };

beforeEach(() => {
  now = 1_800_000_000_000;
  host = new FakeHost({ lights: 400, pace: 0, now: () => now });
  announcer = new Announcer();
  procedures = new Procedures(host, announcer, () => now);
});

describe("a dangerous command", () => {
  it("is not operated by one key: it is asked, approved, selected (R6, R7)", async () => {
    const draft = await danger();
    expect(draft.proceeds).toBe(true);
    expect(await draft.second.ask()).toBe(true);
    await procedures.read();
    expect(procedures.find(draft.second.requestId)?.stage).toBe("select");
    expect(await draft.select()).toBe(true);
    expect(draft.second.selectedUntil).toBe(now + 20_000);
    const command = await draft.operate();
    expect(command?.state).not.toBe("rejected");
    expect(draft.second.requestId).toBe(null);
  });

  it("is short until someone asks for more", async () => {
    expect((await danger()).minutes).toBe(15);
  });

  it("begins anew when what is typed changes: what was approved was something else", async () => {
    const draft = await danger();
    await draft.second.ask();
    draft.edit();
    expect(draft.second.requestId).toBe(null);
  });
});

describe("what is said", () => {
  it("tells the author once that his request was answered, and that its approval ends", async () => {
    host.procedures.answers = false;
    const draft = await danger();
    await draft.second.ask();
    await procedures.read();
    const request = host.procedures.find(draft.second.requestId!);
    Object.assign(request, { state: "approved", stage: "select", approver: "S. Bernard", approval_until: now + 60_000 });
    await procedures.read();
    await procedures.read();
    expect(announcer.notices.filter((notice) => notice.text.includes("accord")).length).toBe(1);
    now += 45_000;
    await procedures.read();
    expect(announcer.notices.at(-1)?.text).toContain("15 s");
  });

  it("interrupts whoever is rung, and nobody else", async () => {
    host.procedures.answers = false;
    const draft = await danger();
    await draft.second.ask();
    const request = host.procedures.find(draft.second.requestId!);
    Object.assign(request, { mine: false, may_answer: true });
    await procedures.read();
    expect(announcer.urgent).toBe("");
    expect(procedures.toAnswer.length).toBe(1);
    Object.assign(request, { rings: true });
    await procedures.read();
    expect(procedures.rings).toBe(true);
    expect(announcer.urgent).toContain("C. Martin");
  });
});
