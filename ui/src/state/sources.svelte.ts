/** How the feeds and connectors of the metropolis stand: asked now and then, since a silence tells nothing. */
import type { SourceView } from "../host/bindings";
import type { Host } from "../host/host";

const EVERY = 10_000;

export class Sources {
  all = $state.raw<readonly SourceView[]>([]);
  loaded = $state(false);
  readonly #host: Host;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Those that someone should look at. */
  get troubled(): number {
    return this.all.filter((source) => source.state !== "live").length;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.read(), EVERY);
    void this.read();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async read(): Promise<void> {
    try {
      this.all = await this.#host.call("sources", {});
      this.loaded = true;
    } catch {
      // Shown by the status; the last list stays.
    }
  }
}
