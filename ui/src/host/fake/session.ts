/** Who sits at the fake desk, and where its link and its training stand. */
import type { Phase, Status, Suspended } from "../bindings";
import { HostError } from "../host";
import type { Operations } from "./operations";
import type { Answers, Room } from "./room";

export interface Start {
  phase: Phase;
  /** Of a phase that failed. */
  code: string;
  /** Certificates to renew: whether each is over. */
  certificates: readonly boolean[];
}

/** How long the link takes to return, ms. */
const RETURN = 1200;

export class Session {
  suspended: Suspended | null = null;
  readonly #start: Start;
  readonly #room: Room;
  readonly #operations: Operations;
  #phase: Phase;
  #shared = false;
  #login: string | null = "demo";
  #speed = 1;
  #scenario = "ordinary-night";

  constructor(start: Start, room: Room, operations: Operations) {
    this.#start = start;
    this.#phase = start.phase;
    this.#room = room;
    this.#operations = operations;
    room.status = () => this.#status();
  }

  answers(): Answers<"status" | "sign_in" | "sign_out" | "door" | "look" | "suspend" | "resume" | "active" | "training"> {
    const room = this.#room;
    return {
      status: () => this.#status(),
      sign_in: ({ login, password }) => this.#signIn(login, password),
      sign_out: () => {
        this.#phase = "sign_in";
        this.#shared = false;
        this.#login = null;
        return room.told();
      },
      door: () => ({ accounts: [{ login: "c.martin", heard_at: room.heard - 3_600_000, unsent: 2 }, { login: "a.diallo", heard_at: room.heard - 86_400_000, unsent: 0 }], view_at: room.heard - 600_000 }),
      look: () => {
        if (room.link === "live") throw new HostError({ code: "metropolis_answers", message: "" });
        this.#phase = "ready";
        this.#shared = true;
        return room.told();
      },
      suspend: () => {
        this.suspended ??= { since: room.now(), by_itself: false };
        return room.told();
      },
      resume: ({ password }) => {
        refuseWrong(password);
        this.suspended = null;
        return room.told();
      },
      active: () => ({}),
      training: ({ plugged, speed, scenario, second }) => {
        if (second !== null) room.procedures.answers = second;
        if (plugged !== null) this.#plug(plugged);
        if (speed !== null) this.#speed = speed;
        if (scenario !== null) this.#scenario = scenario;
        return room.told();
      },
    };
  }

  #signIn(login: string, password: string): Status {
    refuseWrong(password);
    this.#phase = "ready";
    this.#shared = false;
    this.suspended = null;
    this.#login = login;
    return this.#room.told();
  }

  #plug(plugged: boolean): void {
    const room = this.#room;
    room.link = plugged ? "returning" : "lost";
    if (!plugged) return;
    room.after(() => {
      room.link = "live";
      this.#operations.transmit();
      room.log.transmit();
      room.alarms.transmit();
      room.locks.transmit(room.city.objects);
      room.emit({ type: "commands" });
      room.emit({ type: "records" });
      room.emit({ type: "alarms", summary: room.alarms.summary() });
      room.heard = room.now();
      room.told();
    }, RETURN);
  }

  #status(): Status {
    const room = this.#room;
    const commands = room.commands.all;
    const count = (state: string): number => commands.filter((command) => command.state === state).length;
    return {
      phase: this.#phase, notice: null, failure: this.#phase === "failed" ? { code: this.#start.code, message: "replica.sqlite: file is not a database" } : null,
      progress: this.#phase === "copying" ? { table: "equipment_state", rows: 18_400 } : null,
      metropolis: "Dijon métropole", mode: "training", login: this.#shared ? null : this.#login, person: this.#shared ? null : "C. Martin", role: this.#shared ? null : "remote_operator", desk: this.#shared ? null : "Poste 2",
      shift_ends_at: room.heard + 4 * 3_600_000, time_zone: "Europe/Paris",
      link: {
        state: room.link, heard_at: room.heard, now: room.now(), clock_rate: this.#speed,
        error: room.link === "lost" ? { code: "unreachable", message: "connection refused" } : null,
        counts: { queued: count("queued"), awaiting_key: count("awaiting_key"), intents: count("intent"), under_way: commands.filter((c) => c.word === "under_way").length, unknown: count("unknown"), records: room.log.records().records.length, wedged: 0, others: 0 },
      },
      shared: this.#shared, suspended: this.suspended, shows_certificate: false,
      certificates: this.#start.certificates.map((over) => ({ holder: "server" as const, name: "db.metropole.example:5432", ends_at: room.now() + (over ? -86_400_000 : 20 * 86_400_000), over })),
      training: this.#start.phase === "sign_in" ? null : { plugged: room.link === "live" || room.link === "returning", speed: this.#speed, scenario: this.#scenario, scenarios: ["ordinary-night", "cut-link", "alarm-flood"], second: room.procedures.answers, seed: 7 },
      version: "0.1.0",
    };
  }
}

function refuseWrong(password: string): void {
  if (password === "wrong") throw new HostError({ code: "sign_in_refused", message: "password authentication failed" });
}
