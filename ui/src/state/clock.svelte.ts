/**
 * The metropolis's time as estimated here: what was last told, running on at its rate. Elapsed time is the longer of the
 * monotonic and the wall clock's, so that a desk that slept does not show young ages.
 */

const TICK = 250;

interface Heard {
  now: number;
  rate: number;
  monotonic: number;
  wall: number;
}

/** Metropolis time `now`, from what was heard and the page's two clocks. */
export function estimate(heard: Heard, monotonic: number, wall: number): number {
  const elapsed = Math.max(0, monotonic - heard.monotonic, wall - heard.wall);
  return heard.now + elapsed * heard.rate;
}

export class MetropolisClock {
  /** Milliseconds since 1970, moved on four times a second. */
  now = $state(0);
  #heard: Heard | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The core said what time it is. */
  hear(now: number, rate: number): void {
    this.#heard = { now, rate, monotonic: performance.now(), wall: Date.now() };
    this.#tick();
    this.#timer ??= setInterval(() => this.#tick(), TICK);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#heard) this.now = estimate(this.#heard, performance.now(), Date.now());
  }
}
