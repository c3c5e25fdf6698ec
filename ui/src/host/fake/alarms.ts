/** The alarms of the fake city: a cabinet with its lights under it, a dark junction, an intrusion, and a few lesser ones. */
import type { AlarmFilter, AlarmList, AlarmSheet, AlarmSummary, AlarmView, DeskLoadView, HandlingKind, RecordState, ShelveReason } from "../bindings";
import { HostError } from "../host";
import type { FakeObject } from "./city";

const MINUTE = 60_000;
const DESKS: readonly [string, string, boolean][] = [
  ["00000000-0000-7000-b000-000000000001", "Poste 1", true],
  ["00000000-0000-7000-b000-000000000002", "Poste 2", true],
  ["00000000-0000-7000-b000-000000000003", "Chef de salle", true],
];
const HERE = DESKS[1]!;

/** An alarm of the fake city: rule, priority, age in minutes. */
type Seed = readonly [FakeObject | undefined, string, number, number, AlarmView["details"]?];

export class FakeAlarms {
  readonly all: AlarmView[] = [];
  readonly #now: () => number;
  #next = 1;

  constructor(objects: readonly FakeObject[], now: () => number) {
    this.#now = now;
    const nth = (kind: string, n: number): FakeObject | undefined => objects.filter((object) => object.line.kind === kind)[n];
    const seeds: Seed[] = [
      [nth("signal_junction", 0), "signal_junction.dark", 1, 3, { aspect: "dark" }],
      [nth("cabinet", 0), "cabinet.supply", 2, 6, { supply: false }],
      [nth("building", 2), "building.intrusion", 1, 1, { intrusion: true }],
      [nth("camera", 3), "camera.picture", 3, 2_000, { picture: "frozen" }],
      [nth("gauge", 1), "gauge.high", 2, 40, { height_mm: 1840, limit: 1800 }],
    ];
    for (const [object, rule, priority, ago, details] of seeds) this.raise(object, rule, priority, ago, details);
    const cabinet = this.all[1];
    for (let i = 0; i < 40; i++) this.raise(nth("street_light", i), "street_light.supply", 2, 5, { fault: "supply" }, cabinet);
    const camera = this.all[3];
    if (camera) Object.assign(camera, { acknowledged: true, asks: false, acked_at: now() - 1_900 * MINUTE, acked_by: "A. Dubois", acked_desk: "Poste 1", standing: true });
  }

  raise(object: FakeObject | undefined, rule: string, priority: number, ago: number, details: AlarmView["details"] = {}, cause?: AlarmView): AlarmView {
    const at = this.#now() - ago * MINUTE;
    const line = object?.line;
    const alarm: AlarmView = {
      alarm_id: `00000000-0000-7000-a000-${String(this.#next++).padStart(12, "0")}`, occurrence: 1, rule, code: "", message: rule, details, priority,
      raised_at: at, asked_at: at, active: true, cleared_at: null, asks: cause === undefined, acknowledged: false, acked_at: null, acked_by: null, acked_desk: null, acked_here: false,
      suspended: false, suspended_until: null, suspended_reason: null, suspended_by: null, assigned_to: null, assigned_desk: null, assigned_at: null, mine: false,
      equipment_id: line?.equipment_id ?? null, point: line?.point ?? null, reference: line?.reference ?? null, name: line?.name ?? null, kind: line?.kind ?? null,
      commune: line?.commune ?? null, street: object?.street ?? null, lon: line?.lon ?? null, lat: line?.lat ?? null, source: null,
      cause: cause ? { alarm_id: cause.alarm_id, message: cause.message, reference: cause.reference, name: cause.name } : null,
      under: 0, chattering: false, standing: false, site: "not_known", escalation: 0, escalated_at: null, pending: [], void: null,
      can: ["acknowledge", "shelve", "assign"], shelve_until_max: this.#now() + 480 * MINUTE, open: true, closed_at: null,
    };
    if (cause) cause.under++;
    this.all.push(alarm);
    return alarm;
  }

  /** Objects with an open alarm of priority 1. */
  get urgent(): ReadonlySet<string | null> {
    return new Set(this.all.filter((alarm) => alarm.open && alarm.priority === 1).map((alarm) => alarm.equipment_id));
  }

  summary(): AlarmSummary {
    const open = this.#sorted().filter((alarm) => alarm.open);
    const seen = open.filter((alarm) => !alarm.suspended);
    const top = seen.find((alarm) => alarm.asks) ?? null;
    const recent = open.filter((alarm) => alarm.raised_at > this.#now() - 10 * MINUTE);
    return {
      top,
      counts: [1, 2, 3].map((priority) => {
        const mine = seen.filter((alarm) => alarm.priority === priority);
        return { priority, untaken: mine.filter((a) => a.asks).length, taken: mine.filter((a) => !a.asks && !a.cause).length, under: mine.filter((a) => a.cause).length };
      }),
      shelved: open.length - seen.length, sounds: top?.priority ?? null, every_desk: seen.some((alarm) => alarm.asks && alarm.escalation > 0),
      flood: recent.length > 10 * DESKS.length ? { since: this.#now() - 5 * MINUTE, raised: recent.length, desks: DESKS.length } : null,
      load: DESKS.map(([desk_id, desk, held]): DeskLoadView => {
        const raised = recent.filter((alarm) => !alarm.cause && (alarm.assigned_desk ?? alarm.acked_desk ?? desk) === desk).length;
        return { desk_id, desk, held, here: desk_id === HERE[0], raised, recommended: 1, word: raised <= 1 ? "acceptable" : raised <= 2 ? "manageable" : raised <= 10 ? "demanding" : "too_much" };
      }),
      notices: [],
    };
  }

  list(filter: AlarmFilter): AlarmList {
    const found = this.#sorted().filter((alarm) =>
      (filter.list === "closed" ? !alarm.open : alarm.open && alarm.suspended === (filter.list === "shelved")) &&
      (filter.under !== null ? alarm.cause?.alarm_id === filter.under : filter.flat || filter.list !== "open" || alarm.cause === null) &&
      (filter.equipment_id === null || alarm.equipment_id === filter.equipment_id) &&
      (filter.kinds.length === 0 || (alarm.kind !== null && filter.kinds.includes(alarm.kind))) &&
      (filter.priorities.length === 0 || filter.priorities.includes(alarm.priority)) &&
      (!filter.untaken || alarm.asks) && (!filter.mine || alarm.mine));
    return { total: found.length, alarms: found.slice(filter.offset, filter.offset + (filter.limit || 500)) };
  }

  sheet(id: string): AlarmSheet {
    const alarm = this.#find(id);
    return { alarm, acts: [], under: this.all.filter((other) => other.cause?.alarm_id === id), others: [] };
  }

  /** Takes it; without a link it silences this desk only. */
  acknowledge(id: string, priority: number, live: boolean): AlarmView {
    const alarm = this.#find(id);
    if (alarm.priority < priority) throw new HostError({ code: "more_urgent", message: "" });
    if (alarm.acknowledged) throw new HostError({ code: "already", message: "" });
    alarm.asks = false;
    alarm.can = alarm.can.filter((kind) => kind !== "acknowledge");
    if (live) this.#taken(alarm);
    else this.#pending(alarm, "acknowledge", "queued");
    return alarm;
  }

  shelve(id: string, until: number, reason: ShelveReason): AlarmView {
    const alarm = this.#find(id);
    Object.assign(alarm, { suspended: true, suspended_until: until, suspended_reason: reason, suspended_by: "C. Martin", asks: false, can: ["unshelve", "assign"] });
    return alarm;
  }

  unshelve(id: string): AlarmView {
    const alarm = this.#find(id);
    Object.assign(alarm, { suspended: false, suspended_until: null, suspended_reason: null, suspended_by: null, asks: !alarm.acknowledged && !alarm.cause, can: ["acknowledge", "shelve", "assign"] });
    return alarm;
  }

  assign(id: string, desk_id: string): AlarmView {
    const alarm = this.#find(id);
    const desk = DESKS.find(([known]) => known === desk_id);
    if (!desk) throw new HostError({ code: "no_such_desk", message: desk_id });
    Object.assign(alarm, { assigned_to: desk_id, assigned_desk: desk[1], assigned_at: this.#now(), mine: desk_id === HERE[0] });
    return alarm;
  }

  /** The link is back: what was done here arrives. */
  transmit(): void {
    for (const alarm of this.all) if (alarm.pending.some(({ kind }) => kind === "acknowledge")) this.#taken(alarm);
  }

  #taken(alarm: AlarmView): void {
    Object.assign(alarm, { acknowledged: true, acked_at: this.#now(), acked_by: "C. Martin", acked_desk: HERE[1], acked_here: true, pending: [] });
  }

  #pending(alarm: AlarmView, kind: HandlingKind, state: RecordState): void {
    alarm.pending = [...alarm.pending.filter((done) => done.kind !== kind), { kind, state }];
  }

  #sorted(): AlarmView[] {
    return [...this.all].sort((a, b) => Number(b.asks) - Number(a.asks) || a.priority - b.priority || b.asked_at - a.asked_at);
  }

  #find(id: string): AlarmView {
    const alarm = this.all.find((found) => found.alarm_id === id);
    if (!alarm) throw new HostError({ code: "not_found", message: id });
    return alarm;
  }
}
