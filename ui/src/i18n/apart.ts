/** Catalogues that are read with their screen and not before: texts in both languages, by a key of their own. */
import { fill, number, singular, type Values } from "./index";
import { language } from "./language.svelte";

type Counted<K extends string> = K extends `${infer Stem}.one` ? Stem : never;

interface Texts<K extends string> {
  /** A text. */
  say(key: K, values?: Values): string;
  /** One that depends on a number. */
  count(stem: Counted<K>, n: number, values?: Values): string;
}

export function apart<K extends string>(fr: Readonly<Record<K, string>>, en: Readonly<Record<K, string>>): Texts<K> {
  const say = (key: K, values?: Values): string => fill((language.code === "fr" ? fr : en)[key], values);
  const count = (stem: Counted<K>, n: number, values: Values = {}): string => say(`${stem}.${singular(n) ? "one" : "other"}` as K, { n: number(n), ...values });
  return { say, count };
}
