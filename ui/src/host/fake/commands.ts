/** The life of commands in the fake city: enough of it to see every drawing. The rules themselves are the core's. */
import type { Admission, ClassCode, CommandEventCode, CommandState, CommandView, Mark, OperateArgs, Params, Reading, Word } from "../bindings";
import type { FakeObject } from "./city";

const LIFE: Record<ClassCode, number> = { A: 86_400_000, B: 900_000, C: 300_000, D: 30_000, L: 1000 };
const WORDS: Partial<Record<CommandState, Word>> = {
  intent: "to_send", queued: "to_send", awaiting_key: "to_send", submitted: "under_way", accepted: "under_way", dispatching: "under_way",
  dispatched: "under_way", executed: "under_way", confirmed: "done", late_done: "done", unknown: "unknown", unsettled: "unknown", closed: "unknown",
};

export function life(cls: ClassCode): number {
  return LIFE[cls];
}

/** What a desk does with a command, by class and link. */
export function admit(cls: ClassCode, reachable: boolean): Admission {
  if (reachable) return "send";
  if (cls === "L") return { refuse: "live_needs_reach" };
  if (cls === "D") return "note";
  return cls === "C" ? "keep" : "queue";
}

export class FakeCommands {
  readonly all: CommandView[] = [];
  #next = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  make(object: FakeObject, args: OperateArgs, cls: ClassCode, state: CommandState, event: CommandEventCode): CommandView {
    const now = this.#now();
    const command: CommandView = {
      command_id: `01900000-0000-7000-8000-${String(this.#next++).padStart(12, "0")}`,
    group_id: null, equipment_id: object.line.equipment_id, reference: object.line.reference, name: object.line.name, kind: object.line.kind,
      action: args.action, class: cls, params: args.params, author: "C. Martin", role: "remote_operator", approver: null, alone: args.sole?.reason ?? null, mine: true, reason: args.reason,
      issued_at: now, expires_at: now + LIFE[cls], effect_until: args.effect_minutes === null ? null : now + args.effect_minutes * 60_000,
      state, word: "to_send", state_since: now, detail: null, effect: null, outbox: "open", stuck: null, seen: args.seen,
      can_cancel: false, can_press: false, can_close: false, can_decide: false, events: [],
    };
    this.all.unshift(command);
    this.move(command, state, event, "desk");
    return command;
  }

  move(command: CommandView, state: CommandState, event: CommandEventCode, actor: string, detail: string | null = null): void {
    command.state = state;
    command.word = WORDS[state] ?? "refused";
    command.state_since = this.#now();
    command.detail = detail;
    command.can_cancel = state === "queued" || state === "awaiting_key" || state === "accepted";
    command.can_press = state === "awaiting_key";
    command.can_close = state === "unknown";
    command.can_decide = state === "intent";
    command.outbox = command.word === "to_send" ? "open" : command.word === "under_way" ? "handed" : "done";
    command.events = [...command.events, { at: this.#now(), event, to: state, actor, detail }];
  }

  find(id: string): CommandView | undefined {
    return this.all.find((command) => command.command_id === id);
  }

  /** The mark that an object's commands put on it. */
  mark(equipmentId: string): Mark | null {
    const words = this.all.filter((command) => command.equipment_id === equipmentId && command.state !== "closed").map((command) => command.word);
    if (words.includes("unknown")) return "unknown";
    return words.includes("under_way") || words.includes("to_send") ? "pending" : null;
  }
}

/** What an executed command does to its object. */
export function apply(object: FakeObject, action: string, params: Params, effectUntil: number | null, now: number): void {
  object.line.observed_at = now;
  if (action.endsWith(".read")) return;
  object.controlVersion++;
  const back = action.endsWith(".to_programme");
  object.mode = back ? "programme" : "override";
  object.target = back ? null : params;
  object.effectUntil = back ? null : effectUntil;
  const next: Reading = { ...object.line.reading, ...params };
  if (back && object.line.kind === "street_light") next.level = 70;
  object.line.reading = next;
}
