/** A command being made: what is typed is kept until it is operated, whatever is opened or closed meanwhile. */
import type { ActionView, AskSecondArgs, CommandView, JsonValue, ObjectLine, Params, Preparation, Refused, RequestView, SoleReason } from "../host/bindings";
import { asHostError, HostError, type Host } from "../host/host";
import { parameterOf } from "./parameter";
import { Second } from "./second.svelte";

export type Stage = "form" | "preparing" | "prepared" | "operating" | "noted";
export type Outcome = "send" | "queue" | "keep" | "note";

/** Lengths of effect offered, minutes. */
const LENGTHS = [15, 30, 60, 120, 240, 480, 720];
const DEFAULT_LENGTH = 60;
/** What is dangerous is short until someone asks for more: it is what one person may do alone as well. */
const DANGER_LENGTH = 15;

/** Lengths to choose from, under an action's longest. */
export function lengths(longest: number): number[] {
  const fitting = LENGTHS.filter((minutes) => minutes <= longest);
  return fitting.length > 0 ? fitting : [longest];
}

export class Draft {
  stage = $state<Stage>("form");
  /** What is typed for the parameter. */
  value = $state("");
  minutes = $state<number | null>(null);
  reason = $state("");
  withoutVisibility = $state(false);
  preparation = $state.raw<Preparation | null>(null);
  error = $state<string | null>(null);
  /** Operated alone, in whose words. Never kept anywhere. */
  alone = $state(false);
  sole = $state<{ reason: SoleReason; caller: string; phone: string; password: string }>({ reason: "emergency_vehicle", caller: "", phone: "", password: "" });
  readonly second: Second;
  readonly line: ObjectLine;
  readonly action: ActionView;
  /** The intent this one takes the place of. */
  replaces = $state.raw<{ id: string; issuedAt: number } | null>(null);
  readonly #host: Host;

  constructor(host: Host, line: ObjectLine, action: ActionView) {
    this.#host = host;
    this.second = new Second({
      ask: async () => (await host.call("ask_second", this.#asked())).request_id,
      select: async () => (await host.call("select_object", { equipment_id: line.equipment_id })).hold?.selected_until ?? null,
    });
    this.line = line;
    this.action = action;
    const longest = action.max_effect_minutes;
    if (longest !== null) {
      const offered = lengths(longest);
      const usual = action.class === "D" ? DANGER_LENGTH : DEFAULT_LENGTH;
      this.minutes = offered.includes(usual) ? usual : offered.at(-1)!;
    }
    this.value = start(action, line);
  }

  /** Takes over what an intent asked. */
  prefill(command: CommandView): void {
    const key = "key" in this.action.parameter ? this.action.parameter.key : null;
    if (key !== null && command.params[key] !== undefined) this.value = String(command.params[key]);
    if (command.effect_until !== null && this.action.max_effect_minutes !== null) {
      const asked = Math.round((command.effect_until - command.issued_at) / 60_000);
      const offered = lengths(this.action.max_effect_minutes);
      this.minutes = offered.find((minutes) => minutes >= asked) ?? offered.at(-1)!;
    }
    this.reason = command.reason;
    this.replaces = { id: command.command_id, issuedAt: command.issued_at };
    this.edit();
  }

  /** Under which it is kept. */
  get key(): string {
    return `command/${this.line.equipment_id}/${this.action.code}`;
  }

  /** What is typed, to be kept. */
  get typed(): JsonValue {
    return { value: this.value, minutes: this.minutes, reason: this.reason };
  }

  /** Takes up what was typed; what no longer fits the action is left. */
  restore(kept: JsonValue | undefined): void {
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return;
    if (typeof kept.value === "string") this.value = kept.value;
    if (typeof kept.reason === "string") this.reason = kept.reason;
    const longest = this.action.max_effect_minutes;
    if (longest !== null && typeof kept.minutes === "number" && lengths(longest).includes(kept.minutes)) this.minutes = kept.minutes;
  }

  /** The absolute target; null when what is typed is not one. */
  get params(): Params | null {
    return parameterOf(this.action.parameter, this.value);
  }

  /** Why it cannot be operated here, if it cannot. */
  get refused(): Refused | null {
    const admission = this.preparation?.admission;
    return typeof admission === "object" ? admission.refuse : null;
  }

  get outcome(): Outcome | null {
    const admission = this.preparation?.admission;
    return typeof admission === "string" ? admission : null;
  }

  /** Everything that is asked for has been given. */
  get ready(): boolean {
    const preparation = this.preparation;
    if (this.stage !== "prepared" || !preparation || this.outcome === null) return false;
    return !preparation.needs_without_visibility || (this.withoutVisibility && this.reason.trim() !== "");
  }

  /** What is typed before it is operated, where it is dangerous. */
  get reference(): string | null {
    return this.preparation?.class === "D" ? this.line.reference : null;
  }

  /** A second person is due: it goes step by step, and not by one key. */
  get proceeds(): boolean {
    return this.preparation?.needs.second === true && this.outcome === "send";
  }

  /** Whether a request is of what this draft asks. */
  fits(request: RequestView): boolean {
    return request.effect_minutes === this.minutes && JSON.stringify(request.params) === JSON.stringify(this.params);
  }

  /** Back to the form; nothing typed is lost. */
  edit(): void {
    this.stage = "form";
    this.preparation = null;
    this.error = null;
    this.withoutVisibility = false;
    this.#restart();
  }

  /** Prepares anew, from what is true now. */
  async again(): Promise<void> {
    this.edit();
    await this.prepare();
  }

  /** Selects the object; whether it is. */
  async select(): Promise<boolean> {
    this.error = await this.second.select();
    return this.error === null;
  }

  #asked(): AskSecondArgs {
    const { params, preparation } = this;
    if (params === null || !preparation) throw new HostError({ code: "illegal_event", message: "nothing is prepared" });
    return {
      equipment_id: this.line.equipment_id, action: this.action.code, params, effect_minutes: this.minutes,
      reason: this.reason.trim(), seen: preparation.seen,
    };
  }

  #restart(): void {
    this.second.restart();
    this.alone = false;
    this.sole.password = "";
  }

  async prepare(): Promise<void> {
    const params = this.params;
    if (params === null || this.stage === "preparing" || this.stage === "operating") return;
    this.stage = "preparing";
    this.error = null;
    try {
      this.preparation = await this.#host.call("prepare", {
        equipment_id: this.line.equipment_id, action: this.action.code, params,
      });
      this.stage = "prepared";
    } catch (error) {
      this.error = asHostError(error).code;
      this.stage = "form";
    }
  }

  /** Operates what was prepared. The command, or null when it was refused (the code is in `error`). */
  async operate(): Promise<CommandView | null> {
    const params = this.params;
    const preparation = this.preparation;
    if (!this.ready || params === null || !preparation) return null;
    const serious = preparation.class === "C" && this.outcome === "send" && !this.proceeds;
    // Service is selected as well: the same key selects and operates.
    if (serious && !(await this.select())) return null;
    this.stage = "operating";
    this.error = null;
    try {
      const command = await this.#host.call("operate", {
        equipment_id: this.line.equipment_id, action: this.action.code, params, effect_minutes: this.minutes,
        reason: this.reason.trim(), without_visibility: this.withoutVisibility, seen: preparation.seen,
        replaces: this.replaces?.id ?? null, approval_id: this.second.requestId, sole: this.alone ? { ...this.sole } : null,
        promised: preparation.admission,
      });
      this.#restart();
      this.stage = command.state === "noted" ? "noted" : "form";
      this.preparation = command.state === "noted" ? preparation : null;
      return command;
    } catch (error) {
      const { code } = asHostError(error);
      this.stage = "prepared";
      this.sole.password = "";
      // Nothing was done: what it would do now is read before the key is pressed again.
      if (code === "link_turned") await this.prepare();
      this.error = code;
      return null;
    }
  }
}

/** What the field starts with: the present value where it is a sensible target, the first of a list, or nothing. */
function start(action: ActionView, line: ObjectLine): string {
  const parameter = action.parameter;
  if (parameter.type === "one_of") return parameter.values[0] ?? "";
  if (parameter.type === "number") {
    const present = line.reading[parameter.key];
    return typeof present === "number" && present >= parameter.min && present <= parameter.max ? String(present) : String(parameter.min);
  }
  return "";
}
