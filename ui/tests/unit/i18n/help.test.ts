import { afterEach, describe, expect, it } from "vitest";
import { en, fr, th } from "../../../src/i18n/help";
import { language } from "../../../src/i18n/language.svelte";

afterEach(() => {
  language.code = "fr";
});

describe("the texts of the help sheet", () => {
  it("are the same in both languages, and none is empty or left in the other one", () => {
    expect(Object.keys(en)).toEqual(Object.keys(fr));
    for (const [key, french] of Object.entries(fr)) {
      const english = en[key as keyof typeof fr];
      expect([french.trim(), english.trim()], key).not.toContain("");
      if (french.includes(" ")) expect(english, key).not.toBe(french);
    }
  });

  it("are read in the language that is chosen", () => {
    const french = th("lost.5");
    language.code = "en";
    expect(th("lost.5")).not.toBe(french);
  });
});
