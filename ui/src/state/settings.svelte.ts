/** What a person chooses for this desk's screen; kept on the machine. */
import { speak } from "../i18n";
import { type Language } from "../i18n/language.svelte";

export type ThemeChoice = "night" | "day" | "system";
export type Theme = "night" | "day";

const THEME = "vigie.theme";
const LANGUAGE = "vigie.language";

/** The language that was chosen on this machine. */
export function spoken(storage: Storage): Language {
  return storage.getItem(LANGUAGE) === "en" ? "en" : "fr";
}

export class Settings {
  choice = $state<ThemeChoice>("night");
  #systemDay = $state(false);
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
    const theme = storage.getItem(THEME);
    if (theme === "day" || theme === "system") this.choice = theme;
    void speak(spoken(storage));
    const system = globalThis.matchMedia?.("(prefers-color-scheme: light)");
    this.#systemDay = system?.matches ?? false;
    system?.addEventListener("change", (event) => (this.#systemDay = event.matches));
  }

  /** The theme to show. */
  get theme(): Theme {
    return this.choice === "system" ? (this.#systemDay ? "day" : "night") : this.choice;
  }

  chooseTheme(choice: ThemeChoice): void {
    this.choice = choice;
    this.#storage.setItem(THEME, choice);
  }

  chooseLanguage(code: Language): void {
    void speak(code);
    this.#storage.setItem(LANGUAGE, code);
  }
}
