/** A second person asked about what is prepared, and the selection that follows (R6, R7): the same for one object and for many. */
import { asHostError } from "../host/host";

/** How the metropolis is asked. */
export interface SecondWays {
  /** Asks; the request's identifier. */
  ask: () => Promise<string>;
  /** Selects what was asked; until when it is. */
  select: (requestId: string | null) => Promise<number | null>;
}

export class Second {
  requestId = $state<string | null>(null);
  /** Why nobody could be asked. */
  askError = $state<string | null>(null);
  /** Until when the objects are selected. */
  selectedUntil = $state<number | null>(null);
  /** The short reference, typed before what is dangerous. */
  typedReference = $state("");
  readonly #ways: SecondWays;

  constructor(ways: SecondWays) {
    this.#ways = ways;
  }

  /** Asks a second person; whether one was asked. */
  async ask(): Promise<boolean> {
    this.askError = null;
    try {
      this.requestId = await this.#ways.ask();
      return true;
    } catch (error) {
      this.askError = asHostError(error).code;
      return false;
    }
  }

  /** Selects: a lease of the metropolis, which the page only shows. The refusal's code, or null. */
  async select(): Promise<string | null> {
    this.typedReference = "";
    try {
      this.selectedUntil = await this.#ways.select(this.requestId);
      return null;
    } catch (error) {
      return asHostError(error).code;
    }
  }

  /** From the beginning: what was asked was of something else. */
  restart(): void {
    this.requestId = this.askError = this.selectedUntil = null;
    this.typedReference = "";
  }
}
