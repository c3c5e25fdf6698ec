/** Crew locks: every one known here, the one being asked for, the one being lifted. */
import type { HolderSaid, JsonValue, LockView, ObjectLine } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, t } from "../i18n";
import type { Announcer } from "./announcer.svelte";
import type { Shelf } from "./shelf";
import { later } from "./later";

const HOUR = 3_600_000;
const HALF_HOUR = HOUR / 2;

/** A lock being asked for. What is typed is kept until it is filed. */
export class LockForm {
  holder = $state("");
  phone = $state("");
  place = $state("");
  reason = $state("");
  byHolder = $state(false);
  /** Hours from now until the expected end. */
  hours = $state(2);
  sending = $state(false);
  error = $state<string | null>(null);
  readonly line: ObjectLine;

  constructor(line: ObjectLine) {
    this.line = line;
  }

  get key(): string {
    return `lock/${this.line.equipment_id}`;
  }

  get typed(): JsonValue {
    return { holder: this.holder, phone: this.phone, place: this.place, reason: this.reason, by_holder: this.byHolder, hours: this.hours };
  }

  restore(kept: JsonValue | undefined): void {
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return;
    const text = (key: string): string => (typeof kept[key] === "string" ? kept[key] : "");
    [this.holder, this.phone, this.place, this.reason] = [text("holder"), text("phone"), text("place"), text("reason")];
    this.byHolder = kept.by_holder === true;
    if (typeof kept.hours === "number" && kept.hours > 0) this.hours = kept.hours;
  }

  /** Everything that a crew needs to be called is there. */
  get ready(): boolean {
    return !this.sending && [this.holder, this.phone, this.place, this.reason].every((text) => text.trim() !== "");
  }
}

export class Locks {
  all = $state.raw<readonly LockView[]>([]);
  loaded = $state(false);
  /** The lock being asked for. */
  form = $state.raw<LockForm | null>(null);
  /** The lock that others than its holder are about to lift, after a call to him. */
  forcing = $state.raw<LockView | null>(null);
  /** Locks on which something is on its way. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  /** Locks that were asked for here and said to be asked, by their notices: closed once that is true no more. */
  readonly #asked = new Map<string, number>();
  readonly #host: Host;
  readonly #announcer: Announcer;
  readonly #shelf: Shelf;

  constructor(host: Host, announcer: Announcer, shelf: Shelf) {
    this.#host = host;
    this.#announcer = announcer;
    this.#shelf = shelf;
  }

  /** Those that ask somebody something: not in force, or past their expected end. */
  get troubled(): number {
    return this.all.filter((lock) => lock.over_at === null && (lock.state === "asked" || lock.past_end)).length;
  }

  /** Read again shortly. */
  readonly touched = later(() => this.read());

  async read(): Promise<void> {
    try {
      this.all = await this.#host.call("locks", {});
      this.loaded = true;
      this.all.forEach((lock) => this.#tell(lock));
    } catch {
      // Shown by the status; the last list stays.
    }
  }

  /** Opens the form for an object, with what was typed and not filed. */
  begin(line: ObjectLine, byHolder: boolean): void {
    const form = new LockForm(line);
    form.byHolder = byHolder;
    form.restore(this.#shelf.of(form.key));
    this.form = form;
  }

  keep(form: LockForm): void {
    this.#shelf.keep(form.key, form.typed);
  }

  /** Files the asking; the form stays when it is refused. */
  async ask(form: LockForm, now: number): Promise<boolean> {
    if (!form.ready) return false;
    form.sending = true;
    form.error = null;
    try {
      const { lock_id } = await this.#host.call("ask_lock", {
        equipment_id: form.line.equipment_id, holder: form.holder, phone: form.phone, place: form.place, reason: form.reason,
        by_holder: form.byHolder, expected_end: Math.round(now + form.hours * HOUR), draft: form.key,
      });
      this.#shelf.filed(form.key);
      this.form = null;
      this.#asked.set(lock_id, this.#announcer.say(t("lock.said.asked", { object: form.line.name || form.line.reference }), "open"));
      return true;
    } catch (error) {
      form.error = asHostError(error).code;
      return false;
    } finally {
      form.sending = false;
      this.touched();
    }
  }

  lift(lock: LockView): Promise<boolean> {
    return this.#act(lock, "lock.said.lifted", () => this.#host.call("lift_lock", { lock_id: lock.lock_id }));
  }

  /** The work takes longer, by so many hours from now. */
  extend(lock: LockView, hours: number, now: number): Promise<boolean> {
    return this.#act(lock, "lock.said.extended", () => this.#host.call("extend_lock", { lock_id: lock.lock_id, to: Math.round(now + hours * HOUR) }));
  }

  /** The first of two persons: after a call to the holder within the last half hour. */
  force(lock: LockView, call: { at: number; number: string; said: HolderSaid; words: string }): Promise<boolean> {
    const args = { lock_id: lock.lock_id, called_at: Math.round(call.at), number: call.number, said: call.said, words: call.words };
    return this.#act(lock, "lock.said.forced", () => this.#host.call("force_lift_lock", args));
  }

  /** The second. */
  confirm(lock: LockView): Promise<boolean> {
    return this.#act(lock, "lock.said.lifted", () => this.#host.call("confirm_lift_lock", { lock_id: lock.lock_id }));
  }

  clear(): void {
    this.form = this.forcing = null;
    this.all = [];
    this.loaded = false;
    this.#asked.clear();
  }

  /** What was asked for here stands otherwise: what was said of it is over, and that it is in force is said. */
  #tell(lock: LockView): void {
    const notice = this.#asked.get(lock.lock_id);
    if (notice === undefined || lock.state === "asked") return;
    this.#asked.delete(lock.lock_id);
    this.#announcer.close(notice);
    if (lock.state === "in_force") this.#announcer.say(t("lock.said.in_force", { object: lock.name || lock.reference }), "good");
  }

  async #act(lock: LockView, said: "lock.said.lifted" | "lock.said.forced" | "lock.said.extended", act: () => Promise<LockView>): Promise<boolean> {
    if (this.busy.has(lock.lock_id)) return false;
    this.busy = new Set([...this.busy, lock.lock_id]);
    try {
      await act();
      this.#announcer.say(t(said, { object: lock.name || lock.reference }), "open");
      return true;
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
      return false;
    } finally {
      this.busy = new Set([...this.busy].filter((id) => id !== lock.lock_id));
      this.touched();
    }
  }
}

/** Expected lengths of work that are offered, hours. */
export const HOURS = [0.5, 1, 2, 3, 4, 6, 8, 12, 24, 48, 72] as const;

/** When a call was made, counted back from now: what is older counts no more. */
export const CALLED_AGO = [0, 5, 10, 15, 20].map((minutes) => minutes * 60_000).filter((ago) => ago < HALF_HOUR);
