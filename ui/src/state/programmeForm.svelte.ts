/** A programme being written: what is typed, whether it may be saved, what it would do. */
import type { Anchor, Content, JsonValue, Preview, ProgrammeKind, ProgrammePreview, Rule, Step } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import type { Opened } from "./programmes.svelte";
import type { Shelf } from "./shelf";

/** Between two keys of who types, ms. */
const REST = 300;

/** What a new programme begins with: whole nights, or a day and a night plan. */
function blank(kind: ProgrammeKind, today: string, name: string): Content {
  const steps: Step[] = kind === "lighting"
    ? [{ from: "dusk", minutes: 0, level: 100, plan: null }, { from: "dawn", minutes: 0, level: 0, plan: null }]
    : [{ from: "clock", minutes: 360, level: null, plan: "1" }];
  return {
    name: "", valid_from: today, valid_until: null, plans: kind === "signals" ? [{ name: "1", number: 1 }] : [],
    programmes: [{ name, steps }], rules: [], default: name,
  };
}

export class ProgrammeForm {
  content = $state<Content>()!;
  answer = $state.raw<ProgrammePreview | null>(null);
  busy = $state(false);
  error = $state<string | null>(null);
  readonly kind: ProgrammeKind;
  readonly opened: Opened;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;
  readonly #shelf: Shelf;

  constructor(host: Host, shelf: Shelf, opened: Opened, today: string, named: { first: string; copy: (name: string) => string }) {
    this.#host = host;
    this.#shelf = shelf;
    this.opened = opened;
    this.kind = opened.kind;
    const from = opened.of === null ? null : (JSON.parse(JSON.stringify(opened.of.content)) as Content);
    const fresh = from ?? blank(opened.kind, today, named.first);
    if (from && opened.copies) fresh.name = named.copy(from.name);
    const kept = this.frozen ? undefined : shelf.of(this.key);
    this.content = isContent(kept) ? kept : fresh;
  }

  /** It was applied, or is not for who looks at it to change. */
  get frozen(): boolean {
    const { of, copies, looks } = this.opened;
    return of !== null && !copies && (of.frozen || !of.may_write || looks === true);
  }

  /** Under which it is kept: per programme and revision, so that what somebody else wrote since is not overwritten. */
  get key(): string {
    const { of, copies, kind } = this.opened;
    return of && !copies ? `programme/${of.reference}` : `programme/new/${kind}${of ? `/${of.reference}` : ""}`;
  }

  get preview(): Preview | null {
    return this.answer?.preview ?? null;
  }

  get ready(): boolean {
    return !this.frozen && !this.busy && this.answer?.invalid.length === 0;
  }

  /** Something was typed: kept here, and previewed a moment later. */
  typed(): void {
    if (!this.frozen) this.#shelf.keep(this.key, this.#plain() as unknown as JsonValue);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), REST);
  }

  async look(): Promise<void> {
    const mine = ++this.#asked;
    try {
      const answer = await this.#host.call("preview_programme", { kind: this.kind, content: this.#plain() });
      if (mine === this.#asked) this.answer = answer;
    } catch (error) {
      if (mine === this.#asked) this.error = asHostError(error).code;
    }
  }

  /** Saves it in the metropolis; whether it did. */
  async save(): Promise<boolean> {
    if (!this.ready) return false;
    this.busy = true;
    this.error = null;
    const { of, copies } = this.opened;
    const changes = of !== null && !copies;
    try {
      await this.#host.call("save_programme", {
        programme_id: changes ? of.programme_id : null, after: changes ? of.revision : 0, kind: this.kind, content: this.#plain(),
      });
      this.#shelf.discard(this.key);
      return true;
    } catch (error) {
      this.error = asHostError(error).code;
      return false;
    } finally {
      this.busy = false;
    }
  }

  addStep(control: number): void {
    const programme = this.content.programmes[control];
    const last = programme?.steps.at(-1);
    programme?.steps.push({ from: "clock", minutes: 0, level: this.kind === "lighting" ? (last?.level ?? 100) : null, plan: this.kind === "signals" ? (this.content.plans[0]?.name ?? "") : null });
    this.typed();
  }

  dropStep(control: number, step: number): void {
    this.content.programmes[control]?.steps.splice(step, 1);
    this.typed();
  }

  /** What a step is counted from; its minutes begin anew. */
  count(step: Step, from: Anchor): void {
    step.from = from;
    step.minutes = 0;
    this.typed();
  }

  addControl(name: string): void {
    this.content.programmes.push({ name, steps: [] });
    this.addStep(this.content.programmes.length - 1);
  }

  dropControl(control: number): void {
    this.content.programmes.splice(control, 1);
    this.typed();
  }

  /** A name that rules and the default lead to follows them. */
  rename(control: number, name: string): void {
    const programme = this.content.programmes[control];
    if (!programme) return;
    const former = programme.name;
    const alone = this.content.programmes.filter((other) => other.name === former).length === 1;
    programme.name = name;
    if (alone) {
      for (const rule of this.content.rules) if (rule.programme === former) rule.programme = name;
      if (this.content.default === former) this.content.default = name;
    }
    this.typed();
  }

  addRule(): void {
    this.content.rules.push({ programme: this.content.programmes.at(-1)?.name ?? "", days: [], from: null, until: null });
    this.typed();
  }

  dropRule(rule: number): void {
    this.content.rules.splice(rule, 1);
    this.typed();
  }

  toggle(rule: Rule, day: Rule["days"][number]): void {
    rule.days = rule.days.includes(day) ? rule.days.filter((one) => one !== day) : [...rule.days, day];
    this.typed();
  }

  addPlan(): void {
    const taken = new Set(this.content.plans.map((plan) => plan.number));
    const number = [1, 2, 3, 4, 5, 6, 7, 8].find((n) => !taken.has(n)) ?? 8;
    this.content.plans.push({ name: String(number), number });
    this.typed();
  }

  #plain(): Content {
    return $state.snapshot(this.content);
  }
}

/** Whether what was kept can be gone on with: the form of an older program is begun anew. */
function isContent(kept: JsonValue | undefined): kept is JsonValue & Content {
  if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return false;
  return typeof kept.name === "string" && Array.isArray(kept.programmes) && Array.isArray(kept.rules) && Array.isArray(kept.plans);
}
