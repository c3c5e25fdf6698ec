import { afterEach, describe, expect, it } from "vitest";
import { ZONE_FAULTS, ZONE_KINDS } from "../../../src/host/bindings";
import { isKey } from "../../../src/i18n";
import { language } from "../../../src/i18n/language.svelte";
import { en, fr, tz, tzn } from "../../../src/i18n/zones";

afterEach(() => {
  language.code = "fr";
});

describe("the texts of zones", () => {
  it("are the same in both languages, with the same holes, and none is empty", () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
    expect(Object.keys(en)).toEqual(Object.keys(fr));
    for (const [key, french] of Object.entries(fr)) {
      expect(holes(en[key as keyof typeof fr]), key).toEqual(holes(french));
      expect(french.trim(), key).not.toBe("");
      expect(en[key as keyof typeof fr].trim(), key).not.toBe("");
    }
  });

  it("have a word for whatever the core finds wrong", () => {
    for (const code of ZONE_FAULTS) expect(fr).toHaveProperty([`fault.${code}`]);
    for (const code of ZONE_KINDS) expect(isKey(`zone.kind.${code}`), code).toBe(true);
  });

  it("count as each language counts", () => {
    expect([tzn("holds", 0), tzn("holds", 2)]).toEqual(["0 objet s'y trouve.", "2 objets s'y trouvent."]);
    language.code = "en";
    expect([tzn("holds", 0), tz("undo")]).toEqual(["0 objects stand in it.", "Undo the last stroke"]);
  });
});
