/** Tells the core that someone is at the keyboard, so that the session does not suspend itself. */
import type { Host } from "../host/host";

const EVERY = 10_000;

export class Activity {
  readonly #host: Host;
  #told = Number.NEGATIVE_INFINITY;

  constructor(host: Host) {
    this.#host = host;
  }

  /** A key, a click, a move of the hand. */
  seen(now: number = performance.now()): void {
    if (now - this.#told < EVERY) return;
    this.#told = now;
    void this.#host.call("active", {}).catch(() => undefined);
  }
}
