/** The log of the fake city: a few lines of the night, and those that are written here. */
import type { FileLineArgs, JsonValue, LogKind, LogLineView, RecordsView } from "../bindings";
import type { FakeObject } from "./city";

const MINUTE = 60_000;
const NIGHT: readonly [number, string, LogKind, string][] = [
  [6, "A. Dubois", "event", "Appel du CODIS : fumée signalée rue de la Liberté, pompiers en route."],
  [19, "S. Bernard", "decision", "Astreinte éclairage maintenue jusqu'à 6 h."],
  [42, "C. Martin", "event", "Ronde terminée, rien à signaler sur les caméras du centre."],
];

export class FakeLog {
  lines: LogLineView[] = [];
  readonly drafts = new Map<string, JsonValue>();
  #next = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.lines = NIGHT.map(([ago, author, kind, text]) => this.#line(author, kind, text, now() - ago * MINUTE));
  }

  file(args: FileLineArgs, live: boolean, objects: readonly FakeObject[]): LogLineView {
    const line = this.#line("C. Martin", args.kind, args.text, this.#now());
    line.corrects = args.corrects;
    line.links = args.links.map((link) => {
      const object = objects.find(({ line: found }) => found.equipment_id === link.id)?.line;
      return { link, reference: object?.reference ?? null, name: object?.name ?? null };
    });
    line.waiting = live ? null : "queued";
    if (args.draft !== null) this.drafts.delete(args.draft);
    this.lines.unshift(line);
    return line;
  }

  records(): RecordsView {
    const waiting = this.lines.filter((line) => line.waiting !== null);
    return {
      records: waiting.map((line) => ({
        record_id: line.log_id, kind: "log_entry", summary: line.text, written_at: line.written_at, state: line.waiting!, detail: null,
        blocks: false, can_retry: false, can_abandon: false,
      })),
      trouble: null,
    };
  }

  /** The link is back: everything goes. */
  transmit(): void {
    for (const line of this.lines) line.waiting = null;
  }

  #line(author: string, kind: LogKind, text: string, at: number): LogLineView {
    const sequence = this.#next++;
    return {
      log_id: `01900000-0000-7000-9000-${String(sequence).padStart(12, "0")}`, written_at: at, received_at: at + 300, desk: "Poste 2", sequence, author,
      role: "remote_operator", mine: author === "C. Martin", kind, text, corrects: null, links: [], deposited_by: null, authenticity: "signed", waiting: null,
    };
  }
}
