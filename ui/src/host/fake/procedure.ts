/** Second persons and desks in the fake city: a colleague who approves at once, or is told to say nothing. The rules are the core's. */
import type { AskSecondArgs, EquipmentKind, GroupPreparation, GroupPrepareArgs, HoldView, NeedsView, PilotView, RequestView, SoleArgs, SoleReviewView } from "../bindings";
import { HostError } from "../host";
import type { FakeObject } from "./city";

const ALONE: ReadonlySet<string> = new Set(["bollard.lower", "signal_junction.flash"]);

export class FakeProcedures {
  readonly requests: RequestView[] = [];
  readonly reviews: SoleReviewView[] = [];
  /** The colleague answers. */
  answers = true;
  readonly #holds = new Map<string, HoldView>();
  #next = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  needs(object: FakeObject, action: string, dangerous: boolean): NeedsView {
    return {
      second: dangerous, alone: dangerous && ALONE.has(action), present: ["S. Bernard"], hold: this.#hold(object),
      check: {
        consequence: { objects: 1, streets: 1, lights: object.line.kind === "street_light" ? 1 : 0, junctions: object.line.kind === "signal_junction" ? 1 : 0, buildings: object.line.kind === "building" ? 1 : 0, crews: null },
        findings: [
          { code: "camera", level: "helps", what: ["CAM-001"] },
          { code: "crew", level: "not_known", what: [] }, { code: "works", level: "not_known", what: [] },
          { code: "bus_line", level: "not_known", what: [] }, { code: "event", level: "not_known", what: [] },
        ],
      },
    };
  }

  /** Of one object. */
  ask(object: FakeObject, args: AskSecondArgs): RequestView {
    const { reference, name, kind } = object.line;
    return this.#asked({
      equipment_id: args.equipment_id, objects: 1, reference, name, kind, action: args.action, params: args.params, effect_minutes: args.effect_minutes, class: "D",
      reason: args.reason, alone_from: ALONE.has(args.action) ? this.#now() + 30_000 : null, check: this.needs(object, args.action, true).check, group: null,
    });
  }

  /** Of a prepared group. */
  askGroup(made: { preparation: GroupPreparation; args: GroupPrepareArgs }, kind: EquipmentKind, reason: string): RequestView {
    const { preparation, args } = made;
    const first = preparation.members[0]!;
    const reasons = new Map<GroupPreparation["excluded"][number]["reason"], number>();
    for (const excluded of preparation.excluded) reasons.set(excluded.reason, (reasons.get(excluded.reason) ?? 0) + 1);
    return this.#asked({
      equipment_id: first.equipment_id, objects: preparation.members.length, reference: first.reference, name: first.name, kind, action: args.action, params: args.params,
      effect_minutes: args.effect_minutes, class: preparation.class, reason, alone_from: null, check: preparation.check!,
      group: { chosen: args.choice.by, chosen_name: "", excluded: [...reasons].map(([code, count]) => ({ reason: code, count })) },
    });
  }

  #asked(of: Pick<RequestView, "equipment_id" | "objects" | "reference" | "name" | "kind" | "action" | "params" | "effect_minutes" | "class" | "reason" | "alone_from" | "check" | "group">): RequestView {
    const now = this.#now();
    const request: RequestView = {
      ...of, request_id: `01900000-0000-7000-9000-${String(this.#next++).padStart(12, "0")}`, mine: true, stage: "waiting", state: "asked", void_reason: null,
      rings: false, may_answer: false, moved: false, author: "C. Martin", role: "remote_operator", desk: "Poste 2", asked_at: now, expires_at: now + 180_000,
      approver: null, approver_role: null, simulated: false, approval_until: null,
    };
    if (this.answers) {
      Object.assign(request, { stage: "select", state: "approved", approver: "S. Bernard", approver_role: "supervisor", simulated: true, approval_until: now + 60_000 });
    }
    this.requests.unshift(request);
    return request;
  }

  /** Uses an approval; whether there was one. */
  use(id: string | null): boolean {
    const request = this.requests.find((r) => r.request_id === id && r.state === "approved");
    if (request) Object.assign(request, { state: "used", stage: "over" });
    return request !== undefined;
  }

  find(id: string): RequestView {
    const found = this.requests.find((request) => request.request_id === id);
    if (!found) throw new HostError({ code: "not_found", message: id });
    return found;
  }

  take(object: FakeObject, select: boolean): PilotView {
    const now = this.#now();
    const until = select ? now + 20_000 : now + 4 * 3_600_000;
    this.#holds.set(object.line.equipment_id, { desk: "Poste 2", person: "C. Martin", mine: true, since: now, until, selected_until: select ? now + 20_000 : null, live: false });
    return this.pilot(object);
  }

  /** A key is held. */
  holdLive(object: FakeObject): void {
    this.take(object, false);
    this.#holds.get(object.line.equipment_id)!.live = true;
  }

  letGo(): void {
    for (const hold of this.#holds.values()) hold.live = false;
  }

  release(object: FakeObject): PilotView {
    this.#holds.delete(object.line.equipment_id);
    return this.pilot(object);
  }

  pilot(object: FakeObject): PilotView {
    const hold = this.#hold(object);
    return { hold, can_take: true, can_give: hold !== null, desks: hold ? [{ desk_id: "01900000-0000-7000-8000-00000000d001", desk: "Poste 1", person: "A. Dubois" }] : [] };
  }

  /** Whether a dangerous command may go; what it leaves. */
  operated(object: FakeObject, commandId: string, action: string, approvalId: string | null, sole: SoleArgs | null): boolean {
    const now = this.#now();
    if (sole) {
      this.reviews.unshift({
        review_id: commandId, equipment_id: object.line.equipment_id, reference: object.line.reference, name: object.line.name, action, author: "C. Martin", mine: true,
        reason: sole.reason, caller: sole.caller, phone: sole.phone, operated_at: now, due_at: now + 86_400_000, reviewed_at: null, reviewed_by: null, finding: "", can_review: false,
      });
      return true;
    }
    return this.use(approvalId);
  }

  #hold(object: FakeObject): HoldView | null {
    const hold = this.#holds.get(object.line.equipment_id);
    return hold && hold.until >= this.#now() ? hold : null;
  }
}
