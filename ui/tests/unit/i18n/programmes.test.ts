import { afterEach, describe, expect, it } from "vitest";
import { INVALID_CODES, PREVIEW_FINDINGS } from "../../../src/host/bindings";
import { language } from "../../../src/i18n/language.svelte";
import { en, fr, tp, tpn } from "../../../src/i18n/programmes";

afterEach(() => {
  language.code = "fr";
});

describe("the texts of programmes", () => {
  it("are the same in both languages, with the same holes, and none is empty", () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
    expect(Object.keys(en)).toEqual(Object.keys(fr));
    for (const [key, french] of Object.entries(fr)) {
      expect(holes(en[key as keyof typeof fr]), key).toEqual(holes(french));
      expect(french.trim(), key).not.toBe("");
      expect(en[key as keyof typeof fr].trim(), key).not.toBe("");
    }
  });

  it("have a word for whatever the core finds wrong or worth a look", () => {
    for (const code of INVALID_CODES) expect(fr).toHaveProperty([`invalid.${code}`]);
    for (const code of PREVIEW_FINDINGS) expect(fr).toHaveProperty([`found.${code}`]);
  });

  it("count as each language counts", () => {
    expect([tpn("objects", 0), tpn("objects", 2)]).toEqual(["0 objet le suit", "2 objets le suivent"]);
    language.code = "en";
    expect([tpn("objects", 0), tp("stage.draft")]).toEqual(["0 objects follow it", "draft"]);
  });
});
