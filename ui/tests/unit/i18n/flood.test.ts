import { afterEach, describe, expect, it } from "vitest";
import { en, fr, tf, tfn } from "../../../src/i18n/flood";
import { language } from "../../../src/i18n/language.svelte";

afterEach(() => {
  language.code = "fr";
});

describe("the texts of rivers", () => {
  it("are the same in both languages, with the same holes, and none is empty", () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
    expect(Object.keys(en)).toEqual(Object.keys(fr));
    for (const [key, french] of Object.entries(fr)) {
      expect(holes(en[key as keyof typeof fr]), key).toEqual(holes(french));
      expect(en[key as keyof typeof fr].trim(), key).not.toBe("");
    }
  });

  it("print the legal word of each colour in French, and in English beside it", () => {
    const words = (): string[] => (["green", "yellow", "orange", "red"] as const).map((code) => tf(`colour.${code}`));
    expect(words()).toEqual(["vert", "jaune", "orange", "rouge"]);
    language.code = "en";
    for (const [i, word] of ["vert", "jaune", "orange", "rouge"].entries()) expect(words()[i]).toContain(word);
  });

  it("count as each language counts", () => {
    expect(tfn("water.missing", 1)).toContain("1 zone décrite");
    language.code = "en";
    expect(tfn("water.missing", 0)).toContain("0 zones");
  });
});
