import { describe, expect, it } from "vitest";
import { FakeHost } from "../../../src/host/fake/host";
import { matches, words } from "../../../src/state/match";
import { Palette, type Choice } from "../../../src/state/palette.svelte";

function choice(id: string, group: Choice["group"], text: string): Choice {
  return { id, group, text, act: () => undefined };
}

const OTHERS = [choice("map", "screen", "Carte"), choice("theme", "setting", "Thème : Nuit"), choice("command 1 x", "command", "Régler le niveau…")];

function shown(palette: Palette): string[] {
  return palette.choices(OTHERS, (line) => ({ ...choice(`object ${line.equipment_id}`, "object", line.reference), line }), (place) => choice(`place ${place.name}`, "place", place.name)).map(({ text }) => text);
}

async function typed(palette: Palette, text: string): Promise<string[]> {
  palette.text = text;
  palette.typed();
  await palette.settled();
  return shown(palette);
}

describe("words typed", () => {
  it("are compared without accents and case, by their beginnings", () => {
    expect(words("Hôtel-de-VILLE, l'été, cœur")).toEqual(["hotel", "de", "ville", "l", "ete", "coeur"]);
    expect([matches(words("theme nui"), "Thème : Nuit"), matches(words("uit"), "Thème : Nuit")]).toEqual([true, false]);
  });
});

describe("the palette", () => {
  it("finds commands, objects, places, screens and settings, in this order", async () => {
    const palette = new Palette(new FakeHost());
    expect(await typed(palette, "regler niv")).toEqual(["Régler le niveau…"]);
    expect((await typed(palette, "TL-005"))[0]).toBe("TL-005");
    expect(await typed(palette, "theme")).toContain("Thème : Nuit");
    // The commune itself before what stands in it.
    expect((await typed(palette, "chenove"))[0]).toBe("Chenôve");
    expect(await typed(palette, "")).toEqual(["Carte", "Thème : Nuit", "Régler le niveau…"]);
  });

  it("puts a screen named in full before any object, and what is only spelt alike after everything", async () => {
    const host = new FakeHost();
    const palette = new Palette(host);
    const call = host.call.bind(host);
    const lines = host.city.objects.slice(0, 1).map(({ line }) => line);
    host.call = (async (name: never, args: never) => (String(name) === "search" ? { near: palette.text !== "carte", lines } : call(name, args))) as typeof host.call;
    expect((await typed(palette, "carte"))[0]).toBe("Carte");
    expect((await typed(palette, "cart"))[0]).toBe("Carte");
    expect((await typed(palette, "them")).at(-1)).toBe(lines[0]!.reference);
  });

  it("answers what is typed, not what was typed before", async () => {
    const palette = new Palette(new FakeHost());
    palette.text = "TL-001";
    palette.typed();
    const former = palette.settled();
    palette.text = "TL-002";
    palette.typed();
    await Promise.all([former, palette.settled()]);
    expect(palette.objects.map((line) => line.reference)).toEqual(["TL-002"]);
  });

  it("offers what was chosen lately first, once each, and forgets it when someone else sits down", () => {
    const palette = new Palette(new FakeHost());
    palette.chosen(OTHERS[0]!);
    palette.chosen(OTHERS[1]!);
    palette.chosen({ ...OTHERS[0]!, id: "recent map" });
    expect(shown(palette).slice(0, 3)).toEqual(["Carte", "Thème : Nuit", "Carte"]);
    palette.clear();
    expect(shown(palette)).toHaveLength(3);
  });

  it("does not offer a command of an object that is no longer open", () => {
    const palette = new Palette(new FakeHost());
    palette.chosen(choice("command 2 y", "command", "Éteindre…"));
    expect(shown(palette)).not.toContain("Éteindre…");
  });
});
