import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Desk } from "../../../src/state/desk.svelte";

let host: FakeHost;
const desks: Desk[] = [];

/** A page of the interface over the same core: what a reload of the web view leaves. */
async function page(): Promise<Desk> {
  const desk = new Desk(host);
  desks.push(desk);
  await desk.start();
  await vi.advanceTimersByTimeAsync(2000);
  return desk;
}

function type(desk: Desk, text: string): void {
  desk.log.text = text;
  desk.log.typed();
}

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost({ lights: 200, pace: 0 });
});

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
  vi.useRealTimers();
});

describe("the log", () => {
  it("what is typed is with the core within a second, also while one types on", async () => {
    const desk = await page();
    desk.compose();
    for (const text of ["P", "Po", "Pon", "Pont", "Pont f"]) {
      type(desk, text);
      await vi.advanceTimersByTimeAsync(300);
    }
    expect(host.log.drafts.get("log")).toMatchObject({ kind: "event" });
    await vi.advanceTimersByTimeAsync(500);
    expect(host.log.drafts.get("log")).toMatchObject({ text: "Pont f" });
  });

  it("closing loses nothing, and a page that is loaded again takes up what was typed", async () => {
    const desk = await page();
    desk.compose();
    desk.log.kind = "decision";
    type(desk, "Pont fermé");
    desk.log.leave();
    await vi.advanceTimersByTimeAsync(500);
    const again = await page();
    expect([again.log.composing, again.log.text, again.log.kind]).toEqual([false, "Pont fermé", "decision"]);
  });

  it("a filed line is in the list, and no draft of it comes back", async () => {
    const desk = await page();
    desk.compose();
    type(desk, "Pont fermé");
    await desk.log.file();
    await vi.advanceTimersByTimeAsync(2000);
    expect(desk.log.lines[0]?.text).toBe("Pont fermé");
    expect([desk.log.composing, host.log.drafts.size]).toEqual([false, 0]);
    expect((await page()).log.text).toBe("");
  });

  it("a line written without a link is marked until it is transmitted", async () => {
    const desk = await page();
    await host.call("training", { plugged: false, speed: null, scenario: null, second: null });
    desk.compose();
    type(desk, "Liaison perdue");
    await desk.log.file();
    expect(desk.log.lines[0]?.waiting).toBe("queued");
    await host.call("training", { plugged: true, speed: null, scenario: null, second: null });
    await vi.advanceTimersByTimeAsync(3000);
    expect(desk.log.lines.filter((line) => line.text === "Liaison perdue").map((line) => line.waiting)).toEqual([null]);
  });

  it("speaks of the object that is selected, and a correction names the line it corrects", async () => {
    const desk = await page();
    await desk.sheet.show(host.city.objects[0]!.line.equipment_id);
    desk.compose();
    expect(desk.log.links.map((link) => link.id)).toEqual([host.city.objects[0]!.line.equipment_id]);
    desk.log.leave();
    const first = desk.log.lines[0]!;
    desk.log.correct(first);
    expect([desk.log.text, desk.log.corrects?.log_id]).toEqual([first.text, first.log_id]);
  });

  it("a discarded draft is gone, here and in the core", async () => {
    const desk = await page();
    desk.compose();
    type(desk, "Rien");
    await vi.advanceTimersByTimeAsync(500);
    desk.log.discard();
    await vi.advanceTimersByTimeAsync(500);
    expect([desk.log.text, host.log.drafts.size]).toEqual(["", 0]);
  });
});

describe("a command being made", () => {
  it("is taken up where it was left when the page is loaded again", async () => {
    const desk = await page();
    const object = host.city.objects.find(({ line }) => line.kind === "street_light")!;
    await desk.sheet.show(object.line.equipment_id);
    const action = desk.sheet.sheet!.actions.find(({ code }) => code === "street_light.set_level")!;
    desk.begin(desk.sheet.sheet!.line, action);
    const draft = desk.draft!;
    draft.value = "40";
    draft.reason = "appel d'un riverain";
    desk.shelf.keep(draft.key, draft.typed);
    await vi.advanceTimersByTimeAsync(500);
    const again = await page();
    await again.sheet.show(object.line.equipment_id);
    again.begin(again.sheet.sheet!.line, action);
    expect([again.draft?.value, again.draft?.reason]).toEqual(["40", "appel d'un riverain"]);
  });
});
