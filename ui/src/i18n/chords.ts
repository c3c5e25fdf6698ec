/** Chords as the keyboard prints them. */
import type { Chord } from "../state/keys";
import { coded } from ".";

/** `Ctrl+Maj+L`, `Échap`. */
export function chordText(chord: Chord): string {
  const parts = /^((?:Ctrl\+|Alt\+|Shift\+)*)(.+)$/.exec(chord);
  if (!parts) return chord;
  const held = parts[1]!.split("+").filter(Boolean);
  const key = parts[2]!;
  return [...held, key].map((name) => coded("key.name", name, name.length === 1 ? name.toUpperCase() : name)).join("+");
}
