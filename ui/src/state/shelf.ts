/** Drafts of forms: kept in the core's own file while one types, back after a crash or a reload of the web view. */
import type { JsonValue } from "../host/bindings";
import type { Host } from "../host/host";

/** Typing is saved this soon: under a second, whatever is typed. */
const SOON = 400;

export class Shelf {
  readonly #host: Host;
  #kept = new Map<string, JsonValue>();
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Reads what was left; a core that does not answer leaves an empty shelf. */
  async load(): Promise<void> {
    const drafts = await this.#host.call("drafts", {}).catch(() => []);
    for (const draft of drafts) if (!this.#waiting.has(draft.key)) this.#kept.set(draft.key, draft.content);
  }

  /** What is kept of a form, if anything. */
  of(key: string): JsonValue | undefined {
    return this.#kept.get(key);
  }

  /** Keeps what is typed. The first change starts the second: one who never stops typing is saved all the same. */
  keep(key: string, content: JsonValue): void {
    if (JSON.stringify(this.#kept.get(key)) === JSON.stringify(content)) return;
    this.#kept.set(key, content);
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, setTimeout(() => void this.#save(key), SOON));
  }

  /** It was filed by the core, which erased it already. */
  filed(key: string): void {
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    this.#kept.delete(key);
  }

  /** Erases what was typed. */
  discard(key: string): void {
    if (!this.#kept.has(key)) return;
    this.filed(key);
    void this.#host.call("discard_draft", { key }).catch(() => undefined);
  }

  /** Saves now what is typed, and waits until it is. */
  async flush(): Promise<void> {
    await Promise.all([...this.#waiting].map(([key, timer]) => {
      clearTimeout(timer);
      return this.#save(key);
    }));
  }

  async #save(key: string): Promise<void> {
    this.#waiting.delete(key);
    const content = this.#kept.get(key);
    if (content === undefined) return;
    await this.#host.call("keep_draft", { key, content }).catch(() => undefined);
  }
}
