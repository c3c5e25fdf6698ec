import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { CATALOGUES, errorText, fill, isKey, reasonText, speak, t, tn } from "../../../src/i18n";
import { language } from "../../../src/i18n/language.svelte";

const ROOT = new URL("../../../../", import.meta.url).pathname;
const CRATES = join(ROOT, "src-tauri/crates");

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path, ending) : ending.test(name) ? [path] : [];
  });
}

/** The codes of an enum of the core, as its source declares them. */
function coreCodes(name: string): string[] {
  for (const file of files(join(CRATES, "core/src"), /\.rs$/)) {
    const body = new RegExp(`codes! \\{[^{}]*?\\b${name} \\{([^}]*)\\}`).exec(readFileSync(file, "utf8"))?.[1];
    if (body) return [...body.matchAll(/= "([^"]+)"/g)].map((match) => match[1]!);
  }
  throw new Error(`no ${name} in the core`);
}

/** The codes that an error's `code()` can answer. */
function errorCodes(path: string): string[] {
  const source = readFileSync(join(CRATES, path), "utf8");
  const body = /fn code\(&self\)[^{]*\{([\s\S]*?)\n {4}\}/.exec(source)?.[1] ?? "";
  const codes = [...body.matchAll(/"([a-z_]+)"/g)].map((match) => match[1]!);
  if (codes.length === 0) throw new Error(`no codes in ${path}`);
  return codes;
}

beforeAll(async () => {
  await speak("en");
  language.code = "fr";
});
afterEach(() => {
  language.code = "fr";
});

describe("the catalogues", () => {
  it("have the same keys, and the same holes to fill", () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
    expect(Object.keys(CATALOGUES.en).sort()).toEqual(Object.keys(CATALOGUES.fr).sort());
    for (const [key, french] of Object.entries(CATALOGUES.fr)) {
      expect(holes(CATALOGUES.en[key as keyof typeof CATALOGUES.en]), key).toEqual(holes(french));
    }
  });

  it("have no empty text, but for a live metropolis, which has no tag", () => {
    for (const catalogue of Object.values(CATALOGUES)) {
      for (const [key, text] of Object.entries(catalogue)) if (key !== "mode.live") expect(text.trim(), key).not.toBe("");
    }
  });

  it.each([
    ["EquipmentKind", ["kind", "kinds"]], ["Look", ["look"]], ["Mark", ["mark"]], ["Quality", ["quality"]], ["Mode", ["mode_of"]],
    ["CommandState", ["state"]], ["CommandEventCode", ["event"]], ["Word", ["word"]], ["EffectState", ["effect"]], ["OutboxState", ["outbox_state"]],
    ["ClassCode", ["class"]], ["Role", ["role"]], ["LinkState", ["link.state", "link.said"]], ["MetropolisMode", ["mode"]],
    ["Voided", ["reason"]], ["LogKind", ["log.kind"]], ["LinkKind", ["log.link"]], ["RecordState", ["log.waiting", "lock.waiting"]],
    ["LockState", ["lock.state"]], ["HolderSaid", ["lock.said_by_holder"]], ["LiftWay", ["lock.how"]],
    ["TlsTrouble", ["error", "do"]], ["Refusal", ["error", "reason"]], ["Refused", ["error", "reason"]], ["ChosenBy", ["chosen_by"]], ["Excluded", ["excluded"]],
    ["VoidReason", ["void"]], ["RequestState", ["request_state"]], ["SoleReason", ["sole_reason"]], ["FindingCode", ["finding"]], ["Level", ["check.level"]], ["NoticeReason", ["notice_reason"]],
  ])("have a text for every code of %s", (name, prefixes) => {
    for (const code of coreCodes(name)) for (const prefix of prefixes) expect(isKey(`${prefix}.${code}`), `${prefix}.${code}`).toBe(true);
  });

  it("have a text for every error of the metropolis and of the local files, and for those of the api", () => {
    const codes = [
      ...errorCodes("core/src/port/metropolis.rs"), ...errorCodes("core/src/port/store.rs"),
      "bad_request", "too_many_objects", "not_ready", "not_found", "not_training", "illegal_event", "read_only", "no_shared_view", "metropolis_answers", "host_unreachable",
    ];
    for (const code of codes) expect(isKey(`error.${code}`), code).toBe(true);
  });

  it("have a name for every action and parameter of the catalogue of actions", () => {
    const source = readFileSync(join(CRATES, "core/src/command/action.rs"), "utf8");
    const actions = [...source.matchAll(/(?:reads|sets|back|danger|programme|former)\("([a-z_]+\.[a-z_]+)"/g)].map((match) => match[1]!);
    expect(actions.length).toBeGreaterThan(20);
    for (const code of actions) expect(isKey(`action.${code}`), code).toBe(true);
    for (const [, key] of source.matchAll(/key: "([a-z_]+)"/g)) expect(isKey(`parameter.${key!}`), key).toBe(true);
  });

  it("have a name for every key that an object reports", () => {
    const source = readFileSync(join(CRATES, "core/src/equipment/reading.rs"), "utf8");
    const rows = source.split("\n").filter((line) => line.startsWith("/// | `"));
    expect(rows.length).toBeGreaterThan(8);
    for (const row of rows) {
      const values = row.split("|")[2]!.replace(/\([^)]*\)/g, "");
      for (const [, key] of values.matchAll(/`([a-z_]+)`/g)) expect(isKey(`reading.${key!}`), key).toBe(true);
    }
  });

  it("hold every sentence of the interface: no part writes words of its own", () => {
    for (const file of files(join(ROOT, "ui/src"), /\.svelte$/)) {
      const markup = readFileSync(file, "utf8").replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, "");
      const texts = markup.replace(/\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}/g, "").match(/>[^<>]*[A-Za-zÀ-ÿ]{3,}[^<>]*</g) ?? [];
      expect(texts.filter((text) => !text.includes("=")), file).toEqual([]);
    }
  });
});

describe("texts", () => {
  it("say so when a newer core sends a code that is not known here", () => {
    expect(errorText("from_the_future")).toContain("from_the_future");
    expect(reasonText("from_the_future")).toContain("from_the_future");
  });

  it("count as each language does: nought is singular in French and plural in English", () => {
    expect([0, 1, 2].map((n) => tn("search.results", n))).toEqual(["0 résultat", "1 résultat", "2 résultats"]);
    language.code = "en";
    expect([0, 1, 2].map((n) => tn("search.results", n))).toEqual(["0 results", "1 result", "2 results"]);
  });

  it("follow the language, and leave what they cannot fill", () => {
    expect(t("rail.map")).toBe("Carte");
    language.code = "en";
    expect(t("rail.map")).toBe("Map");
    expect(fill("{a} and {b}", { a: 1 })).toBe("1 and {b}");
  });
});
