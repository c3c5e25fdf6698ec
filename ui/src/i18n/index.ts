/** Texts by key. A key that does not exist does not compile; a code that came from the core and is not known says so. */
import { fr } from "./fr";
import { language, type Language } from "./language.svelte";

export type Key = keyof typeof fr;
export type Values = Readonly<Record<string, string | number>>;

/** French is there from the first screen on; English comes from the program's own files when it is asked for. */
export const CATALOGUES: Record<Language, Readonly<Record<Key, string>>> = { fr, en: fr };

/** Speaks a language, once its catalogue is there. */
export async function speak(code: Language): Promise<void> {
  if (code === "en" && CATALOGUES.en === fr) CATALOGUES.en = (await import("./en")).en;
  language.code = code;
}

/** Fills `{name}` in a text. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The text of a key, in the language in use. */
export function t(key: Key, values?: Values): string {
  return fill(CATALOGUES[language.code][key], values);
}

/** Keys that have a singular and a plural. */
type Counted = { [K in Key]: K extends `${infer Stem}.one` ? Stem : never }[Key];

/** Whether a language counts a number as one: French keeps the singular below two, English for one only. */
export function singular(n: number): boolean {
  return language.code === "fr" ? Math.abs(n) < 2 : Math.abs(n) === 1;
}

/** A text that depends on a number. */
export function tn(stem: Counted, n: number, values: Values = {}): string {
  return t(`${stem}.${singular(n) ? "one" : "other"}` as Key, { n: number(n), ...values });
}

/** Whether the catalogues have a key. */
export function isKey(key: string): key is Key {
  return key in fr;
}

/** The text of a code; `otherwise` when a newer core sends one that is not known here. */
export function coded(prefix: string, code: string, otherwise: string = code): string {
  const key = `${prefix}.${code}`;
  return isKey(key) ? t(key) : otherwise;
}

/** What an error says to the operator. */
export function errorText(code: string): string {
  return coded("error", code, t("error.other", { code }));
}

/** Why a command ended as it did, in a few words. */
export function reasonText(code: string): string {
  return coded("reason", code, t("reason.other", { code }));
}

/** What to do about an error. */
export function remedyText(code: string): string {
  return coded("do", code, t("do.other"));
}

/** A number as the language writes it. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function locale(): string {
  return language.code === "fr" ? "fr-FR" : "en-GB";
}
