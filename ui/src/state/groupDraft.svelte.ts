/** A command on many objects being made: what it is on, what is asked, what it would do. */
import type { ActionView, EquipmentKind, GroupChoice, GroupKind, GroupLook, GroupPreparation, GroupView, Params, ProgrammeView, Refused } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { lengths, type Outcome } from "./draft.svelte";
import { parameterOf } from "./parameter";
import type { Again } from "./groups.svelte";
import { Second } from "./second.svelte";

export type GroupStage = "looking" | "form" | "preparing" | "prepared" | "operating";

const DEFAULT_LENGTH = 60;

export class GroupDraft {
  stage = $state<GroupStage>("looking");
  look = $state.raw<GroupLook | null>(null);
  /** Code of the action chosen. */
  code = $state("");
  value = $state("");
  minutes = $state<number | null>(null);
  reason = $state("");
  preparation = $state.raw<GroupPreparation | null>(null);
  /** Objects left out by their author. */
  leftOut = $state.raw<readonly string[]>([]);
  error = $state<string | null>(null);
  readonly second: Second;
  readonly choice: GroupChoice;
  readonly again: Again | null;
  /** The programme that is applied: then nothing else is asked (R19). */
  readonly programme: ProgrammeView | null;
  readonly #host: Host;

  constructor(host: Host, choice: GroupChoice, again: Again | null, programme: ProgrammeView | null = null) {
    this.#host = host;
    this.second = new Second({
      ask: async () => (await host.call("ask_group", { group_id: this.preparation?.group_id ?? "", reason: this.reason.trim() })).request_id,
      select: async (requestId) => (await host.call("select_request", { request_id: requestId ?? "" })).selected_until,
    });
    this.choice = choice;
    this.again = again;
    this.programme = programme;
  }

  get kinds(): readonly GroupKind[] {
    return this.look?.kinds ?? [];
  }

  get action(): ActionView | null {
    for (const kind of this.kinds) for (const action of kind.actions) if (action.code === this.code) return action;
    return null;
  }

  /** The absolute target; null when what is typed is not one. */
  get params(): Params | null {
    if (this.programme) return { programme: this.programme.reference };
    return this.action && parameterOf(this.action.parameter, this.value);
  }

  /** The kind that is commanded. */
  get kindOf(): EquipmentKind {
    if (this.programme) return this.programme.kind === "lighting" ? "street_light" : "signal_junction";
    return this.kinds.find((kind) => kind.actions.some((action) => action.code === this.code))?.kind ?? "street_light";
  }

  get refused(): Refused | null {
    const admission = this.preparation?.admission;
    return typeof admission === "object" ? admission.refuse : null;
  }

  get outcome(): Outcome | null {
    const admission = this.preparation?.admission;
    return typeof admission === "string" ? admission : null;
  }

  /** Everything that it takes is there. */
  get ready(): boolean {
    const preparation = this.preparation;
    return this.stage === "prepared" && preparation !== null && this.outcome !== null && preparation.members.length > 0;
  }

  /** A second person is due: it goes step by step, and not by one key. */
  get proceeds(): boolean {
    const preparation = this.preparation;
    return preparation !== null && preparation.members.length > 0 && preparation.needs_second_person && this.outcome === "send";
  }

  /** What is typed before it is operated, where it is dangerous: how many objects it is for. */
  get reference(): string | null {
    const preparation = this.preparation;
    return preparation?.class === "D" ? `G${preparation.members.length}` : null;
  }

  /** Finds out what the choice holds. */
  async begin(): Promise<void> {
    try {
      this.look = await this.#host.call("group_look", { choice: this.choice });
      if (this.programme) {
        this.code = this.programme.kind === "lighting" ? "street_light.set_programme" : "signal_junction.set_programme";
        this.stage = "form";
        return;
      }
      const offered = this.kinds.flatMap((kind) => kind.actions);
      const first = offered.find((action) => action.code === this.again?.action) ?? this.kinds[0]?.actions.find((action) => action.class !== "A");
      if (first) this.choose(first.code);
      if (this.again && this.code === this.again.action) this.#prefill(this.again);
    } catch (error) {
      this.error = asHostError(error).code;
    }
    this.stage = "form";
  }

  choose(code: string): void {
    this.code = code;
    const action = this.action;
    const longest = action?.max_effect_minutes ?? null;
    const offered = longest === null ? [] : lengths(longest);
    this.minutes = longest === null ? null : offered.includes(DEFAULT_LENGTH) ? DEFAULT_LENGTH : (offered.at(-1) ?? null);
    this.value = action?.parameter.type === "one_of" ? (action.parameter.values[0] ?? "") : "";
  }

  /** Back to the form; nothing typed is lost. */
  edit(): void {
    this.stage = "form";
    this.preparation = null;
    this.error = null;
    this.leftOut = [];
    this.second.restart();
  }

  /** Prepares anew, from what is true now, without what was left out. */
  async anew(): Promise<void> {
    await this.leaveOut([]);
  }

  /** Selects all of it at once; whether it is. */
  async select(): Promise<boolean> {
    this.error = await this.second.select();
    return this.error === null;
  }

  async prepare(): Promise<void> {
    const params = this.params;
    if (params === null || this.stage === "preparing" || this.stage === "operating") return;
    this.stage = "preparing";
    this.error = null;
    this.second.restart();
    try {
      this.preparation = await this.#host.call("group_prepare", {
        choice: this.choice, action: this.code, params, effect_minutes: this.minutes, left_out: [...this.leftOut],
        replaces: this.again?.group_id ?? null,
      });
      this.stage = "prepared";
    } catch (error) {
      this.error = asHostError(error).code;
      this.stage = "form";
    }
  }

  /** Leaves objects out and prepares again: another group, frozen anew. */
  async leaveOut(objects: readonly string[]): Promise<void> {
    this.leftOut = [...new Set([...this.leftOut, ...objects])];
    await this.prepare();
  }

  /** Operates what was prepared. The group, or null when it was refused (the code is in `error`). */
  async operate(): Promise<GroupView | null> {
    const preparation = this.preparation;
    if (!this.ready || preparation === null) return null;
    this.stage = "operating";
    this.error = null;
    try {
      return await this.#host.call("group_operate", { group_id: preparation.group_id, reason: this.reason.trim() });
    } catch (error) {
      this.error = asHostError(error).code;
      this.stage = "prepared";
      return null;
    }
  }

  #prefill(again: Again): void {
    const action = this.action;
    const key = action && "key" in action.parameter ? action.parameter.key : null;
    if (key !== null && again.params[key] !== undefined) this.value = String(again.params[key]);
    this.reason = again.reason;
    const longest = action?.max_effect_minutes ?? null;
    if (again.effect_until === null || longest === null) return;
    const asked = Math.round((again.effect_until - again.issued_at) / 60_000);
    const offered = lengths(longest);
    this.minutes = offered.find((minutes) => minutes >= asked) ?? offered.at(-1) ?? null;
  }
}
