/**
 * The keys of the whole window, as one table: what acts, what the cheat sheet prints, what may be remapped. By character and not
 * by position, so that a chord is the same on AZERTY and QWERTY. Pure, so that a test can press them.
 */

/** What a key of the window does. */
export const ACTS = ["help", "keys", "alarms", "search", "log", "file", "answer", "hush", "safe", "programmes", "suspend", "filter", "layers", "views", "measure", "print", "copy", "back"] as const;
export type Act = (typeof ACTS)[number];
export type KeyAct = Act | "swallow";

/** Keys by name: modifiers in the order Ctrl, Alt, Shift, then the character or the key, such as `Ctrl+k` or `Shift+F1`. */
export type Chord = string;
export type Chords = Readonly<Record<Act, readonly Chord[]>>;

export const DEFAULTS: Chords = {
  help: ["F1"],
  keys: ["Shift+F1"],
  alarms: ["F2"],
  search: ["F3", "Ctrl+k"],
  log: ["F6"],
  file: ["Ctrl+Enter"],
  answer: ["Shift+F2"],
  hush: ["F8"],
  safe: ["F9"],
  programmes: ["Shift+F9"],
  suspend: ["Ctrl+Shift+l"],
  filter: ["F4"],
  layers: ["Shift+F4"],
  views: ["F7"],
  measure: ["Ctrl+m"],
  print: ["Ctrl+p"],
  copy: ["Ctrl+Shift+p"],
  back: ["Escape"],
};

/** Whoever is lost must always find the way back with the same key. */
export const FIXED: ReadonlySet<Act> = new Set(["back"]);

/** Keys that belong to what has the focus; printed on the cheat sheet, never given away. */
export const OF_THE_FOCUS = ["arrows", "page", "enter", "space", "tab"] as const;

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

/** Keys of the web view that would leave, reload, print or search the page: they do nothing here. Its zoom stays. */
const WEB_VIEW: ReadonlySet<Chord> = new Set([
  ..."rpfguhsojdtnw".split("").flatMap((letter) => [`Ctrl+${letter}`, `Ctrl+Shift+${letter}`]),
  "F3", "F5", "F7", "Ctrl+F5", "Shift+F5", "Shift+F3", "Ctrl+F3", "BrowserRefresh", "BrowserBack", "BrowserForward", "BrowserSearch",
  "BrowserHome", "Alt+ArrowLeft", "Alt+ArrowRight", "Alt+Home",
]);

const MODIFIERS: ReadonlySet<string> = new Set(["Control", "Alt", "Shift", "Meta", "AltGraph", "CapsLock", "Dead", "Process", "Unidentified"]);
/** Taken by the focus, by typing, or by the system. */
const RESERVED = /^(Shift\+)?(Tab|Enter| |Escape|Backspace|Delete|Home|End|Page(Up|Down)|Arrow\w+)$|^Ctrl\+(Shift\+)?(Arrow\w+|Home|End|Backspace|Delete|[acvxyz]|[-+=0])$|^Alt\+(F4|Tab| )$|^Ctrl\+Alt\+Delete$/;

/** The chord of a press; null for a modifier alone. A letter is its lower case with `Shift`, any other character stands for itself. */
export function chordOf(press: KeyPress): Chord | null {
  if (MODIFIERS.has(press.key)) return null;
  const letter = press.key.length === 1 && press.key.toLowerCase() !== press.key.toUpperCase();
  const named = press.key.length > 1;
  return [
    press.ctrlKey || press.metaKey ? "Ctrl+" : "",
    press.altKey ? "Alt+" : "",
    press.shiftKey && (letter || named) ? "Shift+" : "",
    letter ? press.key.toLowerCase() : press.key,
  ].join("");
}

/**
 * What a key does wherever the focus is; null to leave it to the element. No letter acts by itself: screen readers own the
 * letters, and a word typed in the wrong place must do nothing.
 */
export function keyAct(press: KeyPress, chords: Chords = DEFAULTS): KeyAct | null {
  const chord = chordOf(press);
  if (chord === null) return null;
  const act = ACTS.find((one) => chords[one].includes(chord));
  if (act) return act;
  return WEB_VIEW.has(chord) ? "swallow" : null;
}

/** Why a chord may not be given to an act; `act` is who has it. */
export type Refusal = { code: "character" | "reserved" } | { code: "taken"; act: Act };

/** Whether an act may have a chord; null when it may. */
export function refusal(act: Act, chord: Chord, chords: Chords): Refusal | null {
  if (FIXED.has(act) || RESERVED.test(chord)) return { code: "reserved" };
  // A character alone is typed, with Alt as well on many keyboards; with Ctrl and Alt together it is AltGr's.
  const key = chord.replace(/^(Ctrl\+)?(Alt\+)?(Shift\+)?(?=.)/, "");
  if (key.length === 1 && (!chord.startsWith("Ctrl+") || chord.startsWith("Ctrl+Alt+"))) return { code: "character" };
  const holder = ACTS.find((one) => one !== act && chords[one].includes(chord));
  return holder ? { code: "taken", act: holder } : null;
}

/** Whether a key is being typed into something, so that a list's own keys leave it alone. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}
