/** The log of the room (main courante), the line being written, and the records that wait. */
import type { LinkKind, LogKind, LogLineView, ObjectLine, RecordsView } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, t } from "../i18n";
import type { Announcer } from "./announcer.svelte";
import type { Shelf } from "./shelf";
import { later } from "./later";

const LINES = 200;
const DRAFT = "log";
const NOTHING: RecordsView = { records: [], trouble: null };
/** Longest text of a line, as in the core. */
export const TEXT_MAX = 4000;

/** What a line being written is linked to. */
export interface Linked {
  kind: LinkKind;
  id: string;
  name: string;
}

export class Log {
  lines = $state.raw<readonly LogLineView[]>([]);
  records = $state.raw<RecordsView>(NOTHING);
  /** The composer is over the screen. */
  composing = $state(false);
  kind = $state<LogKind>("event");
  text = $state("");
  corrects = $state.raw<LogLineView | null>(null);
  links = $state.raw<readonly Linked[]>([]);
  filing = $state(false);
  error = $state<string | null>(null);
  /** Where the last export was written. */
  exported = $state<string | null>(null);
  readonly #host: Host;
  readonly #announcer: Announcer;
  readonly #shelf: Shelf;

  constructor(host: Host, announcer: Announcer, shelf: Shelf) {
    this.#host = host;
    this.#announcer = announcer;
    this.#shelf = shelf;
  }

  /** Something was typed and not filed. */
  get drafted(): boolean {
    return this.text.trim() !== "";
  }

  get ready(): boolean {
    return this.drafted && [...this.text.trim()].length <= TEXT_MAX && !this.filing;
  }

  /** Read again shortly. */
  readonly touched = later(() => this.read());

  async read(): Promise<void> {
    try {
      const [lines, records] = await Promise.all([this.#host.call("log", { limit: LINES }), this.#host.call("records", {})]);
      this.lines = lines;
      this.records = records;
    } catch {
      // Shown by the status; the last lists stay.
    }
  }

  /** Takes up the line that was being written when the program or the page ended. */
  restore(): void {
    const kept = this.#shelf.of(DRAFT);
    if (this.drafted || typeof kept !== "object" || kept === null || Array.isArray(kept)) return;
    if (typeof kept.text === "string") this.text = kept.text;
    if (kept.kind === "event" || kept.kind === "decision") this.kind = kept.kind;
    if (Array.isArray(kept.links)) this.links = (kept.links as readonly unknown[]).filter(isLinked);
    this.corrects = this.lines.find((line) => line.log_id === kept.corrects) ?? null;
  }

  /** Opens the composer. A new line speaks of the object that is selected; one that was left stays as it was. */
  compose(about: ObjectLine | null): void {
    if (!this.drafted && this.corrects === null) {
      this.links = about ? [{ kind: "equipment", id: about.equipment_id, name: about.name || about.reference }] : [];
    }
    this.error = null;
    this.composing = true;
  }

  /** A correction is a new line that names the one it corrects. */
  correct(line: LogLineView): void {
    if (!this.drafted) {
      this.text = line.text;
      this.kind = line.kind;
      this.links = line.links.map(({ link, name, reference }) => ({ kind: link.kind, id: link.id, name: name || reference || link.id }));
    }
    this.corrects = line;
    this.error = null;
    this.composing = true;
    this.typed();
  }

  /** Keeps what is typed. */
  typed(): void {
    if (!this.drafted) {
      this.#shelf.discard(DRAFT);
      return;
    }
    const links = this.links.map((link) => ({ ...link }));
    this.#shelf.keep(DRAFT, { text: this.text, kind: this.kind, links, corrects: this.corrects?.log_id ?? null });
  }

  unlink(id: string): void {
    this.links = this.links.filter((link) => link.id !== id);
    this.typed();
  }

  /** Closes the composer; what is typed stays. */
  leave(): void {
    this.composing = false;
  }

  /** Erases what is typed. */
  discard(): void {
    this.#clear();
    this.#shelf.discard(DRAFT);
    this.composing = false;
  }

  async file(): Promise<void> {
    if (!this.ready) return;
    this.filing = true;
    this.error = null;
    try {
      await this.#host.call("file_line", {
        kind: this.kind, text: this.text.trim(), corrects: this.corrects?.log_id ?? null,
        links: this.links.map(({ kind, id }) => ({ kind, id })), draft: DRAFT,
      });
      this.#shelf.filed(DRAFT);
      this.#clear();
      this.composing = false;
      this.#announcer.say(t("log.filed"), "good");
      await this.read();
    } catch (error) {
      this.error = asHostError(error).code;
    } finally {
      this.filing = false;
    }
  }

  /** Tries a refused record again, or gives it up. */
  async decide(decision: "retry_record" | "abandon_record", recordId: string): Promise<void> {
    try {
      this.records = await this.#host.call(decision, { record_id: recordId });
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
    }
    this.touched();
  }

  /** Writes what is not transmitted into a file, and says where. */
  async takeAlong(): Promise<void> {
    try {
      const { file, number } = await this.#host.call("export_unsent", {});
      this.exported = t("outbox.exported", { n: number, file });
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
    }
  }

  #clear(): void {
    this.text = "";
    this.kind = "event";
    this.corrects = null;
    this.links = [];
  }
}

function isLinked(value: unknown): value is Linked {
  if (typeof value !== "object" || value === null) return false;
  const { kind, id, name } = value as Partial<Linked>;
  return (kind === "equipment" || kind === "zone" || kind === "command") && typeof id === "string" && typeof name === "string";
}
