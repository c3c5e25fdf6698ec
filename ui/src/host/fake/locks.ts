/** Crew locks and overrides of the fake city: enough to see every drawing. The rules themselves are the core's. */
import type { EffectView, LockAskArgs, LockExtendArgs, LockForceArgs, LockView } from "../bindings";
import { HostError } from "../host";
import type { FakeObject } from "./city";
import type { FakeCommands } from "./commands";

const MINUTE = 60_000;

export class FakeLocks {
  readonly all: LockView[] = [];
  #next = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  ask(object: FakeObject, args: LockAskArgs, live: boolean): LockView {
    const now = this.#now();
    const lock: LockView = {
      lock_id: `01900000-0000-7000-a000-${String(this.#next++).padStart(12, "0")}`, equipment_id: args.equipment_id,
      reference: object.line.reference, name: object.line.name, kind: object.line.kind, state: live ? "in_force" : "asked",
      waiting: live ? null : "queued", holder: args.holder.trim(), phone: args.phone.trim(), place: args.place.trim(), reason: args.reason.trim(),
      by_holder: args.by_holder, expected_end: args.expected_end, extended: false, can_extend: live, past_end: false, written_at: now, author: "C. Martin", role: "remote_operator",
      mine: true, deposited_by: null, authenticity: "signed", granted_at: live ? now : null, coming: [], waits_for: [], lift_asked_by: null,
      lift_asked_at: null, confirm_until: null, called_at: null, call_number: "", call_said: null, call_words: "", lifted_by: null, how: null,
      over_at: null, can_lift: live && args.by_holder, can_force: live && !args.by_holder, can_confirm: false,
    };
    this.all.unshift(lock);
    object.line.lock = lock.state;
    return lock;
  }

  lift(id: string, objects: readonly FakeObject[]): LockView {
    const lock = this.find(id);
    if (!lock.can_lift && !lock.can_confirm) throw new HostError({ code: "not_allowed", message: "" });
    lock.how = lock.can_confirm ? "forced" : "holder";
    Object.assign(lock, { state: "lifted", over_at: this.#now(), lifted_by: "C. Martin", can_lift: false, can_force: false, can_confirm: false });
    const object = objects.find(({ line }) => line.equipment_id === lock.equipment_id);
    if (object) object.line.lock = null;
    return lock;
  }

  extend({ lock_id, to }: LockExtendArgs): LockView {
    return Object.assign(this.find(lock_id), { expected_end: to, extended: true, past_end: false });
  }

  force(args: LockForceArgs): LockView {
    const lock = this.find(args.lock_id);
    const now = this.#now();
    return Object.assign(lock, {
      lift_asked_by: "C. Martin", lift_asked_at: now, confirm_until: now + 10 * MINUTE, called_at: args.called_at, call_number: args.number,
      call_said: args.said, call_words: args.words, can_force: false,
    });
  }

  /** The link is back: what was asked is in force. */
  transmit(objects: readonly FakeObject[]): void {
    for (const lock of this.all.filter(({ waiting }) => waiting !== null)) {
      Object.assign(lock, { state: "in_force", waiting: null, granted_at: this.#now(), can_lift: lock.by_holder, can_force: !lock.by_holder });
      const object = objects.find(({ line }) => line.equipment_id === lock.equipment_id);
      if (object) object.line.lock = "in_force";
    }
  }

  /** Those of an object, those that are over last. */
  on(equipmentId: string): LockView[] {
    return this.all.filter((lock) => lock.equipment_id === equipmentId).sort((a, b) => Number(a.over_at !== null) - Number(b.over_at !== null));
  }

  find(id: string): LockView {
    const lock = this.all.find((known) => known.lock_id === id);
    if (!lock) throw new HostError({ code: "not_found", message: "" });
    return lock;
  }
}

/** The overrides that the fake city's commands brought about. */
export function effects(commands: FakeCommands, objects: readonly FakeObject[], now: number): EffectView[] {
  return commands.all.flatMap((command) => {
    const object = objects.find(({ line }) => line.equipment_id === command.equipment_id);
    if (!object || command.effect_until === null || command.word !== "done") return [];
    const { line } = object;
    return [{
      command_id: command.command_id, standing: command.effect_until > now ? "in_force" as const : "overdue" as const, equipment_id: line.equipment_id,
      reference: line.reference, name: line.name, kind: line.kind, commune: line.commune, action: command.action, params: command.params,
      author: command.author, issued_at: command.issued_at, until: command.effect_until, lock: line.lock, safe_action: `${line.kind}.to_programme`,
    }];
  });
}
