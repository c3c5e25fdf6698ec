/** The language in use, as state that every text follows. */

export type Language = "fr" | "en";

export const language = $state<{ code: Language }>({ code: "fr" });
