/** A host without a core: the fake city answers every command, lives a little, and can lose its link. */
import type { AlarmView, Commands, LockView, LogLineView, Phase, Push } from "../bindings";
import { HostError, type CommandName, type Host, type Machine } from "../host";
import { toMercator } from "../../map/mercator";
import { encodePoints } from "../../map/points";
import { KINDS, stateByte } from "../../map/state";
import { Objects } from "./objects";
import { Operations } from "./operations";
import { FakeRivers } from "./rivers";
import { Room, type Answers } from "./room";
import { Session, type Start } from "./session";

interface Options extends Start {
  lights: number;
  /** How long each step of a command takes, ms; 0 for at once. */
  pace: number;
  now: () => number;
}

/** What a suspended session serves, as in the core. */
const OPEN_WHILE_SUSPENDED = new Set<CommandName>(["status", "sign_in", "resume", "door", "city", "zones", "ground_file", "ground_tiles", "search", "objects", "kept", "tally", "object", "object_at", "select", "selection", "sources", "alarm_summary", "alarms", "alarm"]);

export class FakeHost extends Room implements Host {
  /** What was asked of the machine, for tests. */
  readonly asked: string[] = [];
  readonly machine: Machine = {
    openWindow: async (view) => void this.asked.push(`open ${view}`),
    notify: async (title) => void this.asked.push(`notify ${title}`),
    startsWithSession: async () => this.#starts,
    startWithSession: async (on) => void (this.#starts = on),
    hasSound: async () => null,
  };
  #starts = false;
  readonly #session: Session;
  readonly #answers: Answers;

  constructor(options: Partial<Options> = {}) {
    const { lights = 2400, pace = 700, now = () => Date.now(), phase = "ready", code = "store_unreadable", certificates = [] } = options;
    super(lights, pace, now);
    const operations = new Operations(this);
    this.#session = new Session({ phase, code, certificates }, this, operations);
    const objects = new Objects(this, () => this.#session.suspended !== null);
    this.#answers = { ...this.#session.answers(), ...objects.answers(), ...operations.answers(), ...this.zones.answers(), ...new FakeRivers(this).answers(), ...this.#locking(), ...this.#alarming(), ...this.#logging() };
  }

  async call<K extends CommandName>(name: K, args: Commands[K]["args"]): Promise<Commands[K]["reply"]> {
    await Promise.resolve();
    if (this.#session.suspended && !OPEN_WHILE_SUSPENDED.has(name)) throw new HostError({ code: "session_suspended", message: name });
    return structuredClone(this.#answers[name](args));
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

  async groundTile(): Promise<ArrayBuffer> {
    throw new HostError({ code: "ground_missing", message: "" });
  }

  subscribe(push: (push: Push) => void, bytes: (bytes: ArrayBuffer) => void): () => void {
    return this.listen({ push, bytes });
  }

  /** Lets a second pass: the link is heard or stays silent, and some lamps report. */
  tick(): void {
    const now = this.now();
    if (this.link === "live") this.heard = now;
    const reporting = this.city.objects.filter((object, i) => object.reachable && (i + Math.floor(now / 1000)) % 60 === 0);
    if (this.link === "live") for (const object of reporting) if (object.line.observed_at !== null) object.line.observed_at = now;
    this.changed(reporting);
    this.told();
  }

  #locking(): Answers<"locks" | "ask_lock" | "lift_lock" | "extend_lock" | "force_lift_lock" | "confirm_lift_lock"> {
    const told = (lock: LockView): LockView => {
      this.emit({ type: "locks" });
      return { ...lock };
    };
    return {
      locks: () => this.locks.all.map((lock) => ({ ...lock })),
      ask_lock: (args) => told(this.locks.ask(this.object(args.equipment_id), args, this.link === "live")),
      lift_lock: ({ lock_id }) => told(this.locks.lift(lock_id, this.city.objects)),
      extend_lock: (args) => told(this.locks.extend(args)),
      force_lift_lock: (args) => told(this.locks.force(args)),
      confirm_lift_lock: ({ lock_id }) => told(this.locks.lift(lock_id, this.city.objects)),
    };
  }

  #alarming(): Answers<"alarm_summary" | "alarms" | "alarm" | "acknowledge_alarm" | "shelve_alarm" | "unshelve_alarm" | "assign_alarm"> {
    const told = (alarm: AlarmView): AlarmView => {
      this.emit({ type: "alarms", summary: this.alarms.summary() });
      return alarm;
    };
    return {
      alarm_summary: () => this.alarms.summary(),
      alarms: (filter) => this.alarms.list(filter),
      alarm: ({ alarm_id }) => this.alarms.sheet(alarm_id),
      acknowledge_alarm: ({ alarm_id, priority }) => told(this.alarms.acknowledge(alarm_id, priority, this.link === "live")),
      shelve_alarm: ({ alarm_id, until, reason }) => told(this.alarms.shelve(alarm_id, until, reason)),
      unshelve_alarm: ({ alarm_id }) => told(this.alarms.unshelve(alarm_id)),
      assign_alarm: ({ alarm_id, desk_id }) => told(this.alarms.assign(alarm_id, desk_id)),
    };
  }

  #logging(): Answers<"log" | "file_line" | "records" | "retry_record" | "abandon_record" | "export_unsent" | "drafts" | "keep_draft" | "discard_draft"> {
    const told = (line: LogLineView): LogLineView => {
      this.emit({ type: "records" });
      this.told();
      return line;
    };
    return {
      log: ({ limit }) => this.log.lines.slice(0, limit),
      file_line: (args) => told(this.log.file(args, this.link === "live", this.city.objects)),
      records: () => this.log.records(),
      retry_record: () => this.log.records(),
      abandon_record: () => this.log.records(),
      export_unsent: () => ({ file: "/home/vigie/exports/vigie.jsonl", number: this.log.records().records.length }),
      drafts: () => [...this.log.drafts].map(([key, content]) => ({ key, content })),
      keep_draft: ({ key, content }) => { this.log.drafts.set(key, content); return {}; },
      discard_draft: ({ key }) => { this.log.drafts.delete(key); return {}; },
    };
  }
}

/** The fake host of a development page: `?lights=34000`, `?phase=sign_in`, `?phase=failed&code=store_disk`. */
export function fakeHost(search: string): FakeHost {
  const asked = new URLSearchParams(search);
  const host = new FakeHost({
    certificates: asked.has("certificates") ? [false, true] : [],
    lights: Number(asked.get("lights") ?? 2400), phase: (asked.get("phase") ?? "ready") as Phase, code: asked.get("code") ?? "store_unreadable",
  });
  setInterval(() => host.tick(), 1000);
  // Whoever takes pictures cuts the link of any screen.
  addEventListener("fake:cut", () => void host.call("training", { plugged: false, speed: null, scenario: null, second: null }).catch(() => undefined));
  return host;
}
