/** A key that is held to move a camera (class L): said five times a second while it is, and let go by whatever takes the hand away. */
import type { Motion } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText } from "../i18n";
import type { Announcer } from "./announcer.svelte";

/** Between two signs of life, ms. */
export const EVERY = 200;

export interface Held {
  equipmentId: string;
  motion: Motion;
  /** When it was pressed. */
  since: number;
}

export class LiveKeys {
  held = $state.raw<Held | null>(null);
  /** Why it is no longer held, when nobody let go. */
  error = $state<string | null>(null);
  #timer: ReturnType<typeof setInterval> | undefined;
  #saying = false;
  readonly #host: Host;
  readonly #announcer: Announcer;
  readonly #now: () => number;

  constructor(host: Host, announcer: Announcer, now: () => number) {
    this.#host = host;
    this.#announcer = announcer;
    this.#now = now;
  }

  /** Presses a key, or changes which way it goes. */
  hold(equipmentId: string, motion: Motion): void {
    const same = this.held?.equipmentId === equipmentId;
    this.held = { equipmentId, motion, since: same ? this.held!.since : this.#now() };
    this.error = null;
    this.#timer ??= setInterval(() => void this.#say(), EVERY);
    void this.#say();
  }

  letGo(): void {
    if (this.held === null) return;
    this.#end();
    // What the core does not hear ends there by itself.
    void this.#host.call("let_go", {}).catch(() => undefined);
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.held = null;
  }

  /** One word at a time: the next one says what is held by then. */
  async #say(): Promise<void> {
    const held = this.held;
    if (held === null || this.#saying) return;
    this.#saying = true;
    try {
      await this.#host.call("hold_live", { equipment_id: held.equipmentId, motion: held.motion });
    } catch (error) {
      if (this.held !== null) {
        this.#end();
        this.error = asHostError(error).code;
        this.#announcer.say(errorText(this.error), "bad");
      }
    } finally {
      this.#saying = false;
    }
    // Let go while a word was on its way: the core hears that last.
    if (this.held === null) void this.#host.call("let_go", {}).catch(() => undefined);
  }
}
