import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { Desk } from "../../../src/state/desk.svelte";
import { GroupDraft } from "../../../src/state/groupDraft.svelte";
import { ProgrammeForm } from "../../../src/state/programmeForm.svelte";
import type { Opened } from "../../../src/state/programmes.svelte";
import { targetText } from "../../../src/i18n/readings";

const desks: Desk[] = [];

async function opened(): Promise<Desk> {
  const desk = new Desk(new FakeHost({ lights: 96, pace: 0 }));
  desks.push(desk);
  await desk.start();
  await vi.waitFor(() => expect(desk.programmes.loaded).toBe(true));
  return desk;
}

const NEW: Opened = { kind: "lighting", of: null, copies: false };
const form = (desk: Desk, of: Opened): ProgrammeForm =>
  new ProgrammeForm(desk.host, desk.shelf, of, "2026-11-26", { first: "Nuit", copy: (name) => `${name} (copie)` });

afterEach(() => {
  for (const desk of desks.splice(0)) desk.stop();
});

describe("a programme being written", () => {
  it("begins with whole nights, and is saved once nothing is wrong in it", async () => {
    const desk = await opened();
    const made = form(desk, NEW);
    expect(made.content.programmes[0]?.steps.map(({ from, level }) => [from, level])).toEqual([["dusk", 100], ["dawn", 0]]);
    await made.look();
    expect([made.ready, made.answer?.invalid[0]?.code]).toEqual([false, "name"]);
    expect(await made.save()).toBe(false);
    made.content.name = "Quais";
    await made.look();
    expect([made.ready, made.preview?.nights.length]).toEqual([true, 9]);
    expect(await made.save()).toBe(true);
    await desk.programmes.read();
    expect(desk.programmes.all.some(({ content, stage }) => content.name === "Quais" && stage === "draft")).toBe(true);
  });

  it("keeps what is typed, and takes it up again", async () => {
    const desk = await opened();
    const made = form(desk, NEW);
    made.content.name = "À finir";
    made.typed();
    expect(form(desk, NEW).content.name).toBe("À finir");
  });

  it("that was applied is only looked at; a copy of it is a new one", async () => {
    const desk = await opened();
    const applied = desk.programmes.all.find(({ frozen }) => frozen)!;
    const looked = form(desk, { kind: "lighting", of: applied, copies: false });
    await looked.look();
    expect([looked.frozen, looked.ready]).toEqual([true, false]);
    const copy = form(desk, { kind: "lighting", of: applied, copies: true });
    await copy.look();
    expect([copy.frozen, copy.ready, copy.content.name]).toEqual([false, true, `${applied.content.name} (copie)`]);
    copy.content.name = "Autre";
    expect(applied.content.name).not.toBe("Autre");
  });

  it("renames a control programme everywhere the calendar names it", async () => {
    const desk = await opened();
    const draft = desk.programmes.all.find(({ stage }) => stage === "draft")!;
    const made = form(desk, { kind: "lighting", of: draft, copies: false });
    made.rename(1, "Vendredi et samedi");
    expect(made.content.rules[0]?.programme).toBe("Vendredi et samedi");
    made.rename(0, "Autres nuits");
    expect(made.content.default).toBe("Autres nuits");
  });
});

describe("a programme applied", () => {
  it("is a command on a group that nobody operates before a second person approved", async () => {
    const desk = await opened();
    const [programme] = desk.programmes.all;
    const { lines } = await desk.host.call("search", { text: "L-", limit: 40 });
    const objects = lines.filter(({ kind, freshness }) => kind === "street_light" && freshness !== "unreachable").map(({ equipment_id }) => equipment_id).slice(0, 3);
    const draft = new GroupDraft(desk.host, { by: "hand", objects }, null, programme!);
    await draft.begin();
    expect(draft.params).toEqual({ programme: programme!.reference });
    expect(targetText(draft.params)).toBe(`« ${programme!.content.name} »`);
    await draft.prepare();
    expect(draft.proceeds).toBe(true);
    expect([await draft.operate(), draft.error]).toEqual([null, "needs_second_person"]);
    expect(await draft.second.ask()).toBe(true);
    expect(await draft.select()).toBe(true);
    expect((await draft.operate())?.total).toBe(objects.length);
  });
});
