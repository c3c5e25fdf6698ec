/** Words typed against words shown, as the core compares them: case and accents folded, beginnings read. */

/** The folded words of a text. */
export function words(text: string): string[] {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** Whether each word typed begins a word of the text. */
export function matches(typed: readonly string[], text: string): boolean {
  const there = words(text);
  return typed.every((word) => there.some((other) => other.startsWith(word)));
}
