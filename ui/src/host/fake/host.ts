/** A host without a core: the fake city answers every command, lives a little, and can lose its link. */
import type { AlarmView, ClassCode, CommandView, Commands, GroupView, HistoryLine, LinkState, LockView, LogLineView, ObjectFilter, ObjectLine, ObjectSheet, Phase, PlaceView, Push, Review, Seen, SourceView, Status, Suspended, Tally } from "../bindings";
import { HostError, type CommandName, type Host, type Machine } from "../host";
import { toMercator } from "../../map/mercator";
import { encodeChanges, encodePoints } from "../../map/points";
import { KINDS, LOOKS, stateByte } from "../../map/state";
import { AGES, SORTS, type Sort } from "../../state/choice";
import { FakeAlarms } from "./alarms";
import { actionsOf, fakeCity, freshFor, refresh, type FakeCity, type FakeObject } from "./city";
import { admit, apply, FakeCommands, life } from "./commands";
import { effects, FakeLocks } from "./locks";
import { FakeGroups } from "./groups";
import { FakeLog } from "./log";
import { FakeProcedures } from "./procedure";

interface Options {
  lights: number;
  phase: Phase;
  code: string;
  /** Certificates to renew: whether each is over. */
  certificates: readonly boolean[];
  /** How long each step of a command takes, ms; 0 for at once. */
  pace: number;
  now: () => number;
}

type Handlers = { [K in CommandName]: (args: Commands[K]["args"]) => Commands[K]["reply"] };

/** What a suspended session serves, as in the core. */
const OPEN_WHILE_SUSPENDED = new Set<CommandName>(["status", "sign_in", "resume", "door", "city", "ground_file", "search", "objects", "kept", "tally", "object", "object_at", "select", "selection", "sources", "alarm_summary", "alarms", "alarm"]);

/** Nothing chosen, as a filter that is written to. */
const EVERYTHING = { kinds: [], looks: [], communes: [], ages: [] };

const ORDER = ["danger", "fault", "notice", "no_value", "active", "normal"];

export class FakeHost implements Host {
  /** What was asked of the machine, for tests. */
  readonly asked: string[] = [];
  readonly machine: Machine = {
    openWindow: async (view) => void this.asked.push(`open ${view}`),
    notify: async (title) => void this.asked.push(`notify ${title}`),
    startsWithSession: async () => this.#starts,
    startWithSession: async (on) => void (this.#starts = on),
  };
  #starts = false;
  readonly city: FakeCity;
  readonly commands: FakeCommands;
  readonly log: FakeLog;
  readonly locks: FakeLocks;
  readonly procedures: FakeProcedures;
  readonly alarms: FakeAlarms;
  readonly groups: FakeGroups;
  readonly #options: Options;
  readonly #listeners = new Set<{ push: (push: Push) => void; bytes: (bytes: ArrayBuffer) => void }>();
  readonly #handlers: Handlers;
  #phase: Phase;
  #shared = false;
  #suspended: Suspended | null = null;
  #selected: string | null = null;
  #login: string | null = "demo";
  #link: LinkState = "live";
  #heard: number;
  #speed = 1;
  #scenario = "ordinary-night";

  constructor(options: Partial<Options> = {}) {
    this.#options = { lights: 2400, phase: "ready", code: "store_unreadable", certificates: [], pace: 700, now: () => Date.now(), ...options };
    this.#phase = this.#options.phase;
    this.#heard = this.#options.now();
    this.city = fakeCity(this.#options.lights, this.#heard);
    this.commands = new FakeCommands(this.#options.now);
    this.log = new FakeLog(this.#options.now);
    this.locks = new FakeLocks(this.#options.now);
    this.procedures = new FakeProcedures(this.#options.now);
    this.alarms = new FakeAlarms(this.city.objects, this.#options.now);
    this.groups = new FakeGroups(this.city.objects, this.commands, this.#options.now);
    this.#handlers = {
      status: () => this.#status(),
      sign_in: ({ login, password }) => this.#signIn(login, password),
      sign_out: () => this.#signOut(),
      door: () => ({ accounts: [{ login: "c.martin", heard_at: this.#heard - 3_600_000, unsent: 2 }, { login: "a.diallo", heard_at: this.#heard - 86_400_000, unsent: 0 }], view_at: this.#heard - 600_000 }),
      look: () => this.#look(),
      suspend: () => {
        this.#suspended ??= { since: this.#options.now(), by_itself: false };
        return this.#told();
      },
      resume: ({ password }) => this.#resume(password),
      active: () => ({}),
      select: (selection) => {
        this.#selected = selection.equipment_id;
        this.#emit({ type: "selection", selection });
        return {};
      },
      sources: () => this.#sources(),
      selection: () => ({ equipment_id: this.#selected, window: "" }),
      city: () => this.city.city,
      ground_file: () => ({ size: null, error: null }),
      search: ({ text, limit }) => ({ near: false, lines: this.#search(text, limit) }),
      places: ({ text, limit }) => ({ near: false, places: this.#places(text, limit) }),
      kept: (filter) => ({
        generation: this.city.city.generation,
        runs: this.#lines().filter((line) => this.#keeps(filter, line)).map(({ point }): [number, number] => [point, point]),
        urgent: this.#lines().filter((line) => this.#isUrgent(line)).map(({ point }) => point),
      }),
      tally: (filter) => this.#tally(filter),
      objects: (filter) => {
        const matching = this.#lines().filter((line) => this.#keeps(filter, line));
        matching.sort((a, b) => ORDER.indexOf(a.look) - ORDER.indexOf(b.look) || a.reference.localeCompare(b.reference));
        const lines = matching.slice(filter.offset, filter.offset + filter.limit);
        const hidden = this.#lines().filter((line) => this.#keeps({ ...filter, ...EVERYTHING }, line)).length - matching.length;
        return { total: matching.length, hidden, by_look: LOOKS.map((look) => matching.filter((line) => line.look === look).length), lines };
      },
      object: ({ equipment_id }) => this.#sheet(this.#object(equipment_id)),
      object_at: ({ point }) => this.#sheet(this.#at(point)),
      history: ({ before }) => (before < this.#options.now() - 7_200_000 ? [] : this.#history(this.city.objects[0]!, before)),
      prepare: ({ equipment_id, action }) => {
        const object = this.#object(equipment_id);
        const cls = this.#class(object, action);
        const lock = this.locks.on(equipment_id).find((one) => one.state === "in_force") ?? null;
        const blind = this.#blind(object) && cls !== "A" && !action.endsWith(".to_programme");
        const admission = blind && cls === "D" ? { refuse: "no_visibility" as const } : admit(cls, this.#reachable(object));
        return {
          lock: cls === "A" ? null : lock, safe: action.endsWith(".to_programme"),
          class: cls, admission: lock !== null && cls !== "A" ? { refuse: "crew_lock" } : cls === "D" && !this.#reachable(object) ? "note" : admission, needs_without_visibility: blind && cls !== "D",
          seen: this.#seen(object), mode: object.mode, life_ms: life(cls), phone: object.phone,
          pending: this.commands.all.filter((command) => command.equipment_id === equipment_id && ["to_send", "under_way", "unknown"].includes(command.word)),
          needs: this.procedures.needs(object, action, cls === "D"),
        };
      },
      operate: (args) => {
        const object = this.#object(args.equipment_id);
        const cls = this.#class(object, args.action);
        const admission = admit(cls, this.#reachable(object));
        if (typeof admission === "object") throw new HostError({ code: admission.refuse, message: "" });
        if (args.replaces) this.#decided(args.replaces, "reissued", "reissue");
        const [state, event] = ({ send: ["submitted", "submit"], queue: ["queued", "queue"], keep: ["intent", "keep"], note: ["noted", "note"] } as const)[admission];
        const command = this.commands.make(object, args, cls, state, event);
        const refused = cls === "D" && admission === "send" && !this.procedures.operated(object, command.command_id, args.action, args.approval_id, args.sole);
        if (admission === "send") this.#play(command, refused);
        this.#moved(object);
        return { ...command };
      },
      ask_second: (args) => {
        const { request_id } = this.procedures.ask(this.#object(args.equipment_id), args);
        return this.#proceeded({ request_id });
      },
      ask_group: ({ group_id, reason }) => {
        const made = this.groups.prepared(group_id);
        const { request_id } = this.procedures.askGroup(made, this.#object(made.preparation.members[0]!.equipment_id).line.kind, reason);
        made.requestId = request_id;
        return this.#proceeded({ request_id });
      },
      requests: () => this.procedures.requests.map((request) => ({ ...request })),
      answer_request: ({ request_id, approves }) => {
        Object.assign(this.procedures.find(request_id), { state: approves ? "approved" : "declined", may_answer: false, rings: false });
        return this.#proceeded({});
      },
      extend_request: ({ request_id }) => {
        Object.assign(this.procedures.find(request_id), { approval_until: this.#options.now() + 60_000 });
        return this.#proceeded({});
      },
      withdraw_request: ({ request_id }) => {
        Object.assign(this.procedures.find(request_id), { state: "void", stage: "over", void_reason: "withdrawn" });
        return this.#proceeded({});
      },
      pilot: ({ equipment_id }) => this.procedures.pilot(this.#object(equipment_id)),
      select_object: ({ equipment_id }) => this.#proceeded(this.procedures.take(this.#object(equipment_id), true)),
      select_request: ({ request_id }) => this.#proceeded({ selected_until: this.procedures.find(request_id).state === "approved" ? this.#options.now() + 20_000 : null }),
      take_object: ({ equipment_id }) => this.#proceeded(this.procedures.take(this.#object(equipment_id), false)),
      give_object: ({ equipment_id }) => this.#proceeded(this.procedures.release(this.#object(equipment_id))),
      release_object: ({ equipment_id }) => this.#proceeded(this.procedures.release(this.#object(equipment_id))),
      sole_reviews: () => this.procedures.reviews.map((review) => ({ ...review })),
      review_sole: () => ({}),
      press_key: ({ command_id }) => this.#decided(command_id, "submitted", "submit", (command) => this.#play(command)),
      cancel_command: ({ command_id }) => this.#decided(command_id, "cancelled", "cancel"),
      close_command: ({ command_id }) => this.#decided(command_id, "closed", "close"),
      abandon: ({ command_id }) => this.#decided(command_id, "abandoned", "abandon"),
      group_look: ({ choice }) => this.groups.look(choice),
      group_prepare: (args) => this.groups.prepare(args, this.#link === "live"),
      group_operate: ({ group_id, reason }) => {
        const { preparation, requestId } = this.groups.prepared(group_id);
        if (preparation.needs_second_person && preparation.admission === "send" && !this.procedures.use(requestId)) {
          throw new HostError({ code: "needs_second_person", message: group_id });
        }
        return this.#grouped(group_id, this.groups.operate(group_id, reason));
      },
      group_press: ({ group_id }) => this.#grouped(group_id, this.groups.decide(group_id, "press")),
      group_abandon: ({ group_id }) => this.#grouped(group_id, this.groups.decide(group_id, "abandon")),
      group_stop: ({ group_id }) => this.#grouped(group_id, this.groups.decide(group_id, "stop")),
      groups: () => this.groups.list(),
      group: ({ group_id }) => this.groups.sheet(group_id),
      saved_groups: () => this.groups.saved,
      save_group: ({ name, objects }) => { this.groups.save(name, objects, "C. Martin"); return {}; },
      drop_group: ({ saved_group_id }) => { this.groups.drop(saved_group_id); return {}; },
      outbox: () => this.commands.all.filter((command) => command.group_id === null).map((command) => ({ ...command })),
      review: () => this.#review(),
      locks: () => this.locks.all.map((lock) => ({ ...lock })),
      ask_lock: (args) => this.#locked(this.locks.ask(this.#object(args.equipment_id), args, this.#link === "live")),
      lift_lock: ({ lock_id }) => this.#locked(this.locks.lift(lock_id, this.city.objects)),
      force_lift_lock: (args) => this.#locked(this.locks.force(args)),
      confirm_lift_lock: ({ lock_id }) => this.#locked(this.locks.lift(lock_id, this.city.objects)),
      effects: () => effects(this.commands, this.city.objects, this.#options.now()),
      alarm_summary: () => this.alarms.summary(),
      alarms: (filter) => this.alarms.list(filter),
      alarm: ({ alarm_id }) => this.alarms.sheet(alarm_id),
      acknowledge_alarm: ({ alarm_id, priority }) => this.#alarmed(this.alarms.acknowledge(alarm_id, priority, this.#link === "live")),
      shelve_alarm: ({ alarm_id, until, reason }) => this.#alarmed(this.alarms.shelve(alarm_id, until, reason)),
      unshelve_alarm: ({ alarm_id }) => this.#alarmed(this.alarms.unshelve(alarm_id)),
      assign_alarm: ({ alarm_id, desk_id }) => this.#alarmed(this.alarms.assign(alarm_id, desk_id)),
      log: ({ limit }) => this.log.lines.slice(0, limit),
      file_line: (args) => this.#filed(this.log.file(args, this.#link === "live", this.city.objects)),
      records: () => this.log.records(),
      retry_record: () => this.log.records(),
      abandon_record: () => this.log.records(),
      export_unsent: () => ({ file: "/home/vigie/exports/vigie.jsonl", number: this.log.records().records.length }),
      drafts: () => [...this.log.drafts].map(([key, content]) => ({ key, content })),
      keep_draft: ({ key, content }) => { this.log.drafts.set(key, content); return {}; },
      discard_draft: ({ key }) => { this.log.drafts.delete(key); return {}; },
      training: ({ plugged, speed, scenario, second }) => {
        if (second !== null) this.procedures.answers = second;
        if (plugged !== null) this.#plug(plugged);
        if (speed !== null) this.#speed = speed;
        if (scenario !== null) this.#scenario = scenario;
        return this.#told();
      },
    };
  }

  async call<K extends CommandName>(name: K, args: Commands[K]["args"]): Promise<Commands[K]["reply"]> {
    await Promise.resolve();
    if (this.#suspended && !OPEN_WHILE_SUSPENDED.has(name)) throw new HostError({ code: "session_suspended", message: name });
    return structuredClone(this.#handlers[name](args));
  }

  async points(): Promise<ArrayBuffer> {
    await Promise.resolve();
    const { objects, city } = this.city;
    const origin = toMercator(5.04, 47.32);
    const places = objects.map(({ line }) => toMercator(line.lon, line.lat));
    return encodePoints({
      generation: city.generation, originX: origin.x, originY: origin.y,
      ids: Uint32Array.from(objects, ({ line }) => line.point),
      x: Float32Array.from(places, (place) => place.x - origin.x),
      y: Float32Array.from(places, (place) => place.y - origin.y),
      kind: Uint8Array.from(objects, ({ line }) => KINDS.indexOf(line.kind)),
      state: Uint8Array.from(objects, ({ line }) => stateByte(line.look, line.freshness, line.marks)),
    });
  }

  async ground(): Promise<ArrayBuffer> {
    throw new HostError({ code: "ground_missing", message: "" });
  }

  subscribe(push: (push: Push) => void, bytes: (bytes: ArrayBuffer) => void): () => void {
    const listener = { push, bytes };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets a second pass: the link is heard or stays silent, and some lamps report. */
  tick(): void {
    const now = this.#options.now();
    if (this.#link === "live") this.#heard = now;
    const reporting = this.city.objects.filter((object, i) => object.reachable && (i + Math.floor(now / 1000)) % 60 === 0);
    if (this.#link === "live") for (const object of reporting) if (object.line.observed_at !== null) object.line.observed_at = now;
    this.#changed(reporting);
    this.#told();
  }

  #status(): Status {
    const commands = this.commands.all;
    const count = (state: string): number => commands.filter((command) => command.state === state).length;
    const failed = this.#phase === "failed";
    return {
      phase: this.#phase, notice: null, failure: failed ? { code: this.#options.code, message: "replica.sqlite: file is not a database" } : null,
      progress: this.#phase === "copying" ? { table: "equipment_state", rows: 18_400 } : null,
      metropolis: "Dijon métropole", mode: "training", login: this.#shared ? null : this.#login, person: this.#shared ? null : "C. Martin", role: this.#shared ? null : "remote_operator", desk: this.#shared ? null : "Poste 2",
      shift_ends_at: this.#heard + 4 * 3_600_000, time_zone: "Europe/Paris",
      link: {
        state: this.#link, heard_at: this.#heard, now: this.#options.now(), clock_rate: this.#speed,
        error: this.#link === "lost" ? { code: "unreachable", message: "connection refused" } : null,
        counts: { queued: count("queued"), awaiting_key: count("awaiting_key"), intents: count("intent"), under_way: commands.filter((c) => c.word === "under_way").length, unknown: count("unknown"), records: this.log.records().records.length, wedged: 0, others: 0 },
      },
      shared: this.#shared, suspended: this.#suspended, shows_certificate: false,
      certificates: this.#options.certificates.map((over) => ({ holder: "server" as const, name: "db.metropole.example:5432", ends_at: this.#options.now() + (over ? -86_400_000 : 20 * 86_400_000), over })),
      training: this.#options.phase === "sign_in" ? null : { plugged: this.#link === "live" || this.#link === "returning", speed: this.#speed, scenario: this.#scenario, scenarios: ["ordinary-night", "cut-link", "alarm-flood"], second: this.procedures.answers, seed: 7 },
      version: "0.1.0",
    };
  }

  #signIn(login: string, password: string): Status {
    if (password === "wrong") throw new HostError({ code: "sign_in_refused", message: "password authentication failed" });
    this.#phase = "ready";
    this.#shared = false;
    this.#suspended = null;
    this.#login = login;
    return this.#told();
  }

  #resume(password: string): Status {
    if (password === "wrong") throw new HostError({ code: "sign_in_refused", message: "password authentication failed" });
    this.#suspended = null;
    return this.#told();
  }

  #sources(): SourceView[] {
    const count = (kind: string): number => this.city.objects.filter((object) => object.line.kind === kind).length;
    const source = (code: string, name: string, kind: SourceView["covers"][number] | null, state: SourceView["state"], ago: number, error: string | null = null): SourceView => ({
      code, name, state, covers: kind ? [kind] : [], objects: kind ? count(kind) : 0, tried_at: this.#heard - (error ? 20_000 : ago), contact_at: this.#heard - ago, period_ms: 180_000,
      delay_ms: 1800, error, error_since: error ? this.#heard - ago + 60_000 : null,
    });
    return [
      source("lighting", "Éclairage public (télégestion)", "street_light", "stale", 540_000),
      source("hubeau", "Hub'Eau hydrométrie", "gauge", "failing", 2_700_000, "timeout"),
      source("signals", "Carrefours à feux (poste central)", "signal_junction", "live", 30_000),
      source("cameras", "Vidéoprotection (état des caméras)", "camera", "live", 12_000),
      source("requests", "Demandes Open311", null, "live", 40_000),
    ];
  }

  #signOut(): Status {
    this.#phase = "sign_in";
    this.#shared = false;
    this.#login = null;
    return this.#told();
  }

  #look(): Status {
    if (this.#link === "live") throw new HostError({ code: "metropolis_answers", message: "" });
    this.#phase = "ready";
    this.#shared = true;
    return this.#told();
  }

  #plug(plugged: boolean): void {
    if (!plugged) {
      this.#link = "lost";
      return;
    }
    this.#link = "returning";
    const settle = (): void => {
      this.#link = "live";
      for (const command of this.commands.all) {
        if (command.state === "queued" && command.class === "A") {
          this.commands.move(command, "submitted", "submit", "desk");
          this.#play(command);
        } else if (command.state === "queued") this.commands.move(command, "awaiting_key", "await_key", "desk");
      }
      this.log.transmit();
      this.alarms.transmit();
      this.locks.transmit(this.city.objects);
      this.#emit({ type: "commands" });
      this.#emit({ type: "records" });
      this.#emit({ type: "alarms", summary: this.alarms.summary() });
      this.tick();
    };
    if (this.#options.pace === 0) settle();
    else setTimeout(settle, 1200);
  }

  /** Plays a submitted command to its end: what a field does, in a few steps. */
  #play(command: CommandView, refused = command.class === "L"): void {
    const object = this.#object(command.equipment_id);
    const fault = object.line.reading.fault !== null && object.line.reading.fault !== undefined;
    const steps: (() => void)[] = refused
      ? [() => this.commands.move(command, "rejected", "reject", "metropolis", command.class === "D" ? "needs_second_person" : "not_offered")]
      : [
          () => this.commands.move(command, "accepted", "accept", "metropolis"),
          () => this.commands.move(command, "dispatching", "start_dispatch", "gateway"),
          () => this.commands.move(command, "dispatched", "publish", "gateway"),
          ...(command.reason.includes("silence") ? [() => this.commands.move(command, "unknown", "silence", "house", "no_answer")]
            : fault && command.class !== "A" ? [() => this.commands.move(command, "failed", "fail", "gateway", "lamp_broken")]
            : [
                () => this.commands.move(command, "executed", "execute", "gateway"),
                () => {
                  apply(object, command.action, command.params, command.effect_until, this.#options.now());
                  if (command.effect_until !== null) command.effect = "in_force";
                  this.commands.move(command, "confirmed", "confirm", "metropolis");
                },
              ]),
        ];
    const next = (): void => {
      const step = steps.shift();
      // Stopped before it left: nothing more happens to it.
      if (!step || command.state === "cancelled") return;
      step();
      this.#moved(object);
      if (this.#options.pace === 0) next();
      else setTimeout(next, this.#options.pace);
    };
    if (this.#options.pace === 0) next();
    else setTimeout(next, this.#options.pace);
  }

  #decided(id: string, state: CommandView["state"], event: "submit" | "cancel" | "close" | "abandon" | "reissue", then?: (command: CommandView) => void): CommandView {
    const command = this.commands.find(id);
    if (!command) throw new HostError({ code: "not_found", message: id });
    this.commands.move(command, state, event, "desk");
    then?.(command);
    this.#moved(this.#object(command.equipment_id));
    return { ...command };
  }

  #locked(lock: LockView): LockView {
    this.#emit({ type: "locks" });
    return { ...lock };
  }

  /** Plays the commands of a group that go on. */
  #grouped(id: string, commands: readonly CommandView[]): GroupView {
    for (const command of commands) this.#play(command);
    this.#emit({ type: "commands" });
    return this.groups.one(id);
  }

  #proceeded<T>(reply: T): T {
    this.#emit({ type: "procedure" });
    return reply;
  }

  #alarmed(alarm: AlarmView): AlarmView {
    this.#emit({ type: "alarms", summary: this.alarms.summary() });
    return alarm;
  }

  #filed(line: LogLineView): LogLineView {
    this.#emit({ type: "records" });
    this.#told();
    return line;
  }

  #review(): Review {
    const waiting = this.commands.all.filter((command) => command.group_id === null && (command.state === "intent" || command.state === "awaiting_key")).reverse();
    const now = this.#options.now();
    return {
      read_at: this.#link === "live" ? this.#heard : null,
      cards: waiting.map((command) => {
        const object = this.#object(command.equipment_id);
        const label = object.controlVersion !== Number(command.seen?.control_version) ? "contradicted" : now > command.expires_at ? "expired" : "still_valid";
        return { command: { ...command }, now_reading: object.line.reading, now_observed_at: object.line.observed_at, now_mode: object.mode, now_blind: this.#blind(object), label, others: [] };
      }),
      groups: this.groups.review(),
      ended: [],
    };
  }

  #sheet(object: FakeObject): ObjectSheet {
    return {
      line: object.line, street: object.street, attributes: object.attributes, quality: object.quality,
      received_at: object.line.observed_at === null ? null : object.line.observed_at + 400, source: object.line.kind === "street_light" ? "concentrator" : "controller",
      ageing_after_ms: freshFor(object.line.kind) * 0.6, fresh_for_ms: freshFor(object.line.kind), out_of_reach: this.#link !== "live" ? "link" : object.reachable ? null : "gateway",
      mode: object.mode, target: object.target, effect_until: object.effectUntil, version: 1, control_version: object.controlVersion,
      actions: this.#suspended ? [] : actionsOf(object.line.kind), phone: object.phone,
      locks: this.#suspended ? [] : this.locks.on(object.line.equipment_id).map((lock) => ({ ...lock })),
      commands: this.#suspended ? [] : this.commands.all.filter((command) => command.equipment_id === object.line.equipment_id).slice(0, 20),
      history: this.#history(object, object.line.observed_at ?? this.#heard),
    };
  }

  #history(object: FakeObject, before: number): HistoryLine[] {
    return Array.from({ length: 6 }, (_, i) => ({
      observed_at: before - (i + 1) * 1_500_000, reading: object.line.reading, look: object.line.look, quality: "good" as const, mode: "programme" as const, source: "controller",
    }));
  }

  #search(text: string, limit: number): ObjectLine[] {
    return this.#lines().filter((line) => has(text, `${line.reference} ${line.name} ${line.commune}`)).slice(0, limit);
  }

  /** No object of the fake city knows its street. */
  #places(text: string, limit: number): PlaceView[] {
    const plain = { reference: "", commune: "", objects: 0, zone_id: null, bounds: null };
    const { communes, zones } = this.city.city;
    return [
      ...communes.map((c): PlaceView => ({ ...plain, kind: "commune", name: c.name })),
      ...zones.map((z): PlaceView => ({ ...plain, kind: "zone", name: z.name, reference: z.reference, zone_id: z.zone_id })),
    ].filter((place) => has(text, `${place.reference} ${place.name}`)).slice(0, limit);
  }

  #class(object: FakeObject, code: string): ClassCode {
    return actionsOf(object.line.kind).find((action) => action.code === code)?.class ?? "D";
  }

  #seen(object: FakeObject): Seen {
    // Versions are whole numbers on the wire, whatever their width in the core.
    const seen: unknown = { reading: object.line.reading, observed_at: object.line.observed_at, version: 1, control_version: object.controlVersion };
    return seen as Seen;
  }

  /** As the core: a scope, and in it what is chosen or carries an open alarm of priority 1. */
  #keeps(filter: ObjectFilter, line: ObjectLine): boolean {
    const urgent = this.#isUrgent(line);
    return (
      (filter.points.length === 0 || filter.points.includes(line.point)) &&
      (!filter.abnormal || urgent || !["normal", "active"].includes(line.look) || !["live", "ageing"].includes(line.freshness) || line.marks.some((mark) => mark !== "override")) &&
      (filter.bounds === null || (line.lon >= filter.bounds[0] && line.lon <= filter.bounds[2] && line.lat >= filter.bounds[1] && line.lat <= filter.bounds[3])) &&
      (urgent || SORTS.every((sort) => this.#chooses(filter, sort, line)))
    );
  }

  #chooses(filter: ObjectFilter, sort: Sort, line: ObjectLine): boolean {
    const of = { kinds: line.kind, looks: line.look, ages: line.freshness, communes: this.#code(line.commune) }[sort];
    return filter[sort].length === 0 || (filter[sort] as string[]).includes(of);
  }

  #code(commune: string): string {
    return this.city.city.communes.find(({ name }) => name === commune)?.insee_code ?? "";
  }

  #isUrgent(line: ObjectLine): boolean {
    return this.alarms.urgent.has(line.equipment_id);
  }

  #tally(filter: ObjectFilter): Tally {
    const scope = this.#lines().filter((line) => this.#keeps({ ...filter, ...EVERYTHING }, line));
    const but = (sort: Sort): ObjectLine[] => scope.filter((line) => SORTS.every((other) => other === sort || this.#chooses(filter, other, line)));
    const count = (sort: Sort, is: (line: ObjectLine) => boolean): number => but(sort).filter(is).length;
    return {
      total: scope.length, kept: scope.filter((line) => this.#keeps(filter, line)).length,
      kinds: KINDS.map((kind) => count("kinds", (line) => line.kind === kind)), looks: LOOKS.map((look) => count("looks", (line) => line.look === look)),
      ages: AGES.map((age) => count("ages", (line) => line.freshness === age)),
      communes: this.city.city.communes.map(({ insee_code, name }) => ({ insee_code, name, objects: count("communes", (line) => line.commune === name) })),
    };
  }

  #lines(): ObjectLine[] {
    return this.city.objects.map((object) => object.line);
  }

  #object(id: string): FakeObject {
    const found = this.city.objects.find((object) => object.line.equipment_id === id);
    if (!found) throw new HostError({ code: "not_found", message: id });
    return found;
  }

  #at(point: number): FakeObject {
    const found = this.city.objects[point - 1];
    if (!found) throw new HostError({ code: "not_found", message: String(point) });
    return found;
  }

  #reachable(object: FakeObject): boolean {
    return this.#link === "live" && object.reachable;
  }

  #blind(object: FakeObject): boolean {
    return !["live", "ageing"].includes(object.line.freshness);
  }

  #moved(object: FakeObject): void {
    this.#changed([object]);
    this.#emit({ type: "commands" });
    this.#told();
  }

  #changed(objects: readonly FakeObject[]): void {
    const now = this.#options.now();
    for (const object of objects) refresh(object, now, this.commands.mark(object.line.equipment_id));
    if (objects.length === 0) return;
    const bytes = encodeChanges({
      generation: 1, ids: Uint32Array.from(objects, ({ line }) => line.point), state: Uint8Array.from(objects, ({ line }) => stateByte(line.look, line.freshness, line.marks)),
    });
    for (const listener of this.#listeners) listener.bytes(bytes.slice(0));
  }

  #told(): Status {
    const status = this.#status();
    this.#emit({ type: "status", status });
    return status;
  }

  #emit(push: Push): void {
    for (const listener of this.#listeners) listener.push(structuredClone(push));
  }
}

function has(text: string, within: string): boolean {
  const fold = (words: string): string => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return fold(text).split(/\s+/).filter(Boolean).every((word) => fold(within).includes(word));
}

/** The fake host of a development page: `?lights=34000`, `?phase=sign_in`, `?phase=failed&code=store_disk`. */
export function fakeHost(search: string): FakeHost {
  const asked = new URLSearchParams(search);
  const host = new FakeHost({
    certificates: asked.has("certificates") ? [false, true] : [],
    lights: Number(asked.get("lights") ?? 2400), phase: (asked.get("phase") ?? "ready") as Phase, code: asked.get("code") ?? "store_unreadable",
  });
  setInterval(() => host.tick(), 1000);
  return host;
}
