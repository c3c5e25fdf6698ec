/** The keys as this account has them on this machine. */
import { ACTS, DEFAULTS, FIXED, keyAct, refusal, type Act, type Chord, type Chords, type KeyAct, type KeyPress, type Refusal } from "./keys";

const KEPT = "vigie.keys.";

export class Keymap {
  chords = $state.raw<Chords>(DEFAULTS);
  #login = "";
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Takes the keys of an account. What no longer fits the table is left out: an old file must not take a key away. */
  of(login: string): void {
    this.#login = login;
    let chords = DEFAULTS;
    for (const [act, kept] of Object.entries(this.#read())) {
      const known = ACTS.find((one) => one === act);
      if (!known || typeof kept !== "string" || refusal(known, kept, chords) !== null) continue;
      chords = { ...chords, [known]: [kept] };
    }
    this.chords = chords;
  }

  act(press: KeyPress): KeyAct | null {
    return keyAct(press, this.chords);
  }

  /** Gives an act a chord in the place of those it had; says why not when it may not. */
  give(act: Act, chord: Chord): Refusal | null {
    const why = refusal(act, chord, this.chords);
    if (why !== null) return why;
    this.chords = { ...this.chords, [act]: [chord] };
    this.#keep();
    return null;
  }

  /** Gives an act its own keys back; says who has one of them when that cannot be. */
  restore(act: Act): Refusal | null {
    for (const chord of DEFAULTS[act]) {
      const why = FIXED.has(act) ? null : refusal(act, chord, this.chords);
      if (why !== null) return why;
    }
    this.chords = { ...this.chords, [act]: DEFAULTS[act] };
    this.#keep();
    return null;
  }

  restoreAll(): void {
    this.chords = DEFAULTS;
    this.#keep();
  }

  isOwn(act: Act): boolean {
    return this.chords[act] === DEFAULTS[act];
  }

  #read(): Record<string, unknown> {
    try {
      const kept: unknown = JSON.parse(this.#storage.getItem(KEPT + this.#login) ?? "{}");
      return typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }

  #keep(): void {
    const changed = ACTS.filter((act) => !this.isOwn(act)).map((act) => [act, this.chords[act][0]]);
    if (changed.length === 0) this.#storage.removeItem(KEPT + this.#login);
    else this.#storage.setItem(KEPT + this.#login, JSON.stringify(Object.fromEntries(changed)));
  }
}
