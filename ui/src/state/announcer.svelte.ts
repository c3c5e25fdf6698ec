/** What is said to a screen reader, and shown for a moment: link changes and outcomes of commands. */

export type Tone = "plain" | "good" | "bad" | "open";

export interface Notice {
  id: number;
  tone: Tone;
  text: string;
}

/** How long a notice stays on the screen, ms. One that asks for an act stays until it is closed. */
const STAY: Record<Exclude<Tone, "open">, number> = { plain: 5000, good: 9000, bad: 15_000 };
const MOST = 4;

export class Announcer {
  /** Shown on the map's edge, newest last. */
  notices = $state<Notice[]>([]);
  /** Spoken when the reader is free. */
  polite = $state("");
  /** Spoken at once: the link, and an alarm of priority 1. */
  urgent = $state("");
  #next = 1;

  /** Returns which notice it is, for whoever closes it once it is true no more. */
  say(text: string, tone: Tone = "plain"): number {
    const id = this.#next++;
    this.notices = [...this.notices, { id, tone, text }].slice(-MOST);
    this.polite = text;
    if (tone !== "open") setTimeout(() => this.close(id), STAY[tone]);
    return id;
  }

  /** Spoken when the reader is free, and not shown: it is on the screen already. */
  whisper(text: string): void {
    this.polite = text;
  }

  interrupt(text: string): void {
    this.urgent = text;
  }

  close(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }
}
