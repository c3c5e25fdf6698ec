import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { speak } from "../../../src/i18n";
import { language } from "../../../src/i18n/language.svelte";
import { brief, commandText, readingRows, targetText, valueText } from "../../../src/i18n/readings";
import { clock, countdown, duration, instant, isRepeatedHour } from "../../../src/i18n/times";
import { zone } from "../../../src/i18n/zone.svelte";

const HOUR = 3_600_000;

beforeEach(() => {
  zone.name = "Europe/Paris";
});
beforeAll(async () => {
  await speak("en");
  language.code = "fr";
});
afterEach(() => {
  language.code = "fr";
});

describe("instants", () => {
  it("are told in the zone of the metropolis, on 24 hours", () => {
    expect(clock(Date.UTC(2026, 10, 23, 21, 44, 7), true)).toBe("22:44:07");
    expect(clock(Date.UTC(2026, 6, 1, 21, 44), false)).toBe("23:44");
    zone.name = "UTC";
    expect(clock(Date.UTC(2026, 10, 23, 21, 44, 7))).toBe("21:44");
  });

  it("bear their date when it is not today, in that zone", () => {
    const now = Date.UTC(2026, 10, 23, 23, 30);
    expect(instant(Date.UTC(2026, 10, 23, 23, 10), now)).toBe("00:10");
    expect(instant(Date.UTC(2026, 10, 23, 22, 10), now)).toBe("23 nov. à 23:10");
    expect(instant(Date.UTC(2025, 2, 1, 11, 0), now)).toBe("1 mars 2025 à 12:00");
    language.code = "en";
    expect(instant(Date.UTC(2026, 10, 23, 22, 10), now)).toBe("23 Nov at 23:10");
  });

  it("bear their offset in the hour of autumn that comes twice, and only then", () => {
    const first = Date.UTC(2026, 9, 25, 0, 30);
    expect([clock(first), clock(first + HOUR)]).toEqual(["02:30 UTC+2", "02:30 UTC+1"]);
    expect([first - HOUR, first + 2 * HOUR].map(isRepeatedHour)).toEqual([false, false]);
    expect(isRepeatedHour(Date.UTC(2026, 2, 29, 0, 30))).toBe(false);
  });

  it("a zone that the web view does not know is no reason to fail", () => {
    zone.name = "Nowhere/Atall";
    expect(clock(Date.UTC(2026, 10, 23, 21, 44))).toMatch(/^\d\d:\d\d$/);
  });
});

describe("ages", () => {
  it("are as precise as is useful", () => {
    expect([0, 59_999, 60_000, 42 * 60_000, 2 * HOUR + 5 * 60_000, 75 * HOUR].map(duration)).toEqual(["0 s", "59 s", "1 min", "42 min", "2 h 05", "3 j 3 h"]);
    expect(duration(-5000)).toBe("0 s");
  });

  it("a life is seen running out to the second", () => {
    expect([14 * 60_000 + 18_000, 9_999, 0, -1].map(countdown)).toEqual(["14 min 18 s", "9 s", "0 s", "0 s"]);
  });
});

describe("readings", () => {
  it("are told with their units, and nulls as what they are", () => {
    expect(valueText("height_mm", 1840)).toBe("1,84\u00a0m");
    expect(valueText("flow_l_s", null)).toBe("non mesuré");
    expect(valueText("fault", null)).toBe("aucun");
    expect(valueText("text", null)).toContain("éteint");
    expect(valueText("level", 0)).toBe("éteint");
    expect(valueText("fire", true)).toBe("présente");
    language.code = "en";
    expect(valueText("height_mm", 1840)).toBe("1.84\u00a0m");
  });

  it("in a few words say what matters first, and the fault with it", () => {
    expect(brief("signal_junction", { aspect: "dark", plan: 3, fault: "lamp" })).toBe("feux éteints, plan 3, défaut : lampe");
    expect(brief("building", { fire: true, intrusion: true, lift: false, heating_c: 19, fault: null })).toBe("INCENDIE, intrusion");
    expect(brief("gauge", {})).toBe("jamais vu");
  });

  it("keys that are not known here are shown as they came", () => {
    expect(readingRows({ humidity: 40, level: 70 })).toEqual([
      { key: "level", label: "Niveau d'éclairage", value: "allumé à 70\u00a0%" }, { key: "humidity", label: "humidity", value: "40" },
    ]);
    expect(valueText("nested", { a: 1 })).toBe('{"a":1}');
  });

  it("a command is told by its action and its absolute target", () => {
    expect(commandText("street_light.set_level", { level: 40 })).toBe("Régler le niveau : allumé à 40\u00a0%");
    expect(commandText("signal_junction.flash", {})).toBe("Mettre au clignotant");
    expect(targetText({ text: "TRAVAUX" })).toBe("« TRAVAUX »");
  });
});
