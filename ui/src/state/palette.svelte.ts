/** What the command palette offers: what is typed, what the core found for it, what was chosen lately. */
import type { ObjectLine, PlaceView } from "../host/bindings";
import type { Host } from "../host/host";
import { matches, words } from "./match";

/** In the order in which they are shown. */
export const GROUPS = ["recent", "command", "object", "place", "screen", "setting"] as const;
export type Group = (typeof GROUPS)[number];

export interface Choice {
  /** The same for the same thing, whatever was typed. */
  id: string;
  group: Group;
  text: string;
  /** Said after the text: where it is, what class it has. */
  detail?: string;
  /** The key that does it, as printed. */
  chord?: string;
  line?: ObjectLine;
  /** What it does. Nothing here sends a command: one that is chosen opens its own procedure. */
  act: () => void;
}

/** So many objects and places at most: a palette is not a list. */
const OBJECTS = 12;
const PLACES = 6;
const RECENT = 7;
/** Between two keys of who types fast, ms. */
const REST = 60;

export class Palette {
  open = $state(false);
  text = $state("");
  objects = $state.raw<readonly ObjectLine[]>([]);
  places = $state.raw<readonly PlaceView[]>([]);
  /** Nothing is spelt as typed: what was found is near it. */
  near = $state(false);
  /** Asked and not yet answered. */
  waiting = $state(false);
  /** The core did not answer the last question. */
  failed = $state(false);
  /** Chosen lately, newest first; forgotten when someone else sits down, and never written to the disk. */
  recent = $state.raw<readonly Choice[]>([]);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #answer: Promise<void> = Promise.resolve();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The text changed: objects and places are asked for, a moment later. */
  typed(): void {
    clearTimeout(this.#timer);
    this.waiting = this.text.trim() !== "";
    this.#timer = setTimeout(() => (this.#answer = this.#find()), REST);
  }

  /** Waits until what is found answers what is typed. */
  async settled(): Promise<void> {
    if (this.waiting) {
      clearTimeout(this.#timer);
      this.#answer = this.#find();
    }
    await this.#answer;
  }

  /** What is offered: of `others`, those that bear the words typed; all of them, after the recent ones, when nothing is. */
  choices(others: readonly Choice[], object: (line: ObjectLine) => Choice, place: (place: PlaceView) => Choice): Choice[] {
    const typed = words(this.text);
    if (typed.length === 0) {
      // What can no longer be done is no longer offered: a command of another object, a screen that closed.
      const recent = this.recent.filter((choice) => choice.line !== undefined || choice.group === "place" || others.some(({ id }) => id === choice.id));
      return [...recent.map((choice): Choice => ({ ...choice, id: `recent ${choice.id}`, group: "recent" })), ...others];
    }
    // Whoever types the name of a commune means the commune, not the ten thousand lights in it.
    const named = this.places.some((found) => words(found.name).join(" ") === typed.join(" "));
    const isFound = (group: Group): boolean => group === "object" || group === "place";
    const order = ({ group, text }: Choice): number => {
      if (named && group === "place") return GROUPS.indexOf("object") - 0.5;
      // What is only near comes after what is spelt as typed; and whoever types the whole name of a screen means it.
      if (isFound(group)) return this.near ? GROUPS.length : GROUPS.indexOf(group);
      return words(text).join(" ") === typed.join(" ") ? -1 : GROUPS.indexOf(group);
    };
    const found = [...this.objects.map(object), ...this.places.map(place)];
    return [...others.filter((choice) => matches(typed, `${choice.text} ${choice.detail ?? ""}`)), ...found].sort((a, b) => order(a) - order(b));
  }

  /** Remembers a choice. */
  chosen(choice: Choice): void {
    const id = choice.id.replace(/^recent /, "");
    const kept = this.recent.filter((other) => other.id !== id);
    const original = this.recent.find((other) => other.id === id) ?? choice;
    this.recent = [original, ...kept].slice(0, RECENT);
  }

  /** Someone else sits down. */
  clear(): void {
    this.open = false;
    this.text = "";
    this.recent = this.objects = this.places = [];
  }

  async #find(): Promise<void> {
    const mine = ++this.#asked;
    const text = this.text.trim();
    if (text === "") {
      this.objects = this.places = [];
      this.near = this.waiting = false;
      return;
    }
    try {
      const [objects, places] = await Promise.all([this.#host.call("search", { text, limit: OBJECTS }), this.#host.call("places", { text, limit: PLACES })]);
      if (mine !== this.#asked) return;
      // What is near is shown only where nothing is spelt so.
      const exact = (!objects.near && objects.lines.length > 0) || (!places.near && places.places.length > 0);
      this.objects = exact && objects.near ? [] : objects.lines;
      this.places = exact && places.near ? [] : places.places;
      this.near = !exact && (objects.near || places.near);
      this.failed = false;
    } catch {
      if (mine !== this.#asked) return;
      this.objects = this.places = [];
      this.near = false;
      this.failed = true;
    }
    this.waiting = false;
  }
}
