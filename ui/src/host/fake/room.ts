/** What the parts of the fake city share: the objects, what was asked of them, the link, and who listens. */
import type { ClassCode, Commands, LinkState, ObjectLine, Push, Status } from "../bindings";
import { HostError, type CommandName } from "../host";
import { encodeChanges } from "../../map/points";
import { stateByte } from "../../map/state";
import { FakeAlarms } from "./alarms";
import { actionsOf, fakeCity, refresh, type FakeCity, type FakeObject } from "./city";
import { FakeCommands } from "./commands";
import { FakeGroups } from "./groups";
import { FakeLocks } from "./locks";
import { FakeLog } from "./log";
import { FakeProcedures } from "./procedure";
import { FakeProgrammes } from "./programmes";
import { FakeZones } from "./zones";

/** How each command is answered. A part answers its own: `Answers<"log" | "records">`. */
export type Answers<K extends CommandName = CommandName> = { [Name in K]: (args: Commands[Name]["args"]) => Commands[Name]["reply"] };

interface Listener {
  push: (push: Push) => void;
  bytes: (bytes: ArrayBuffer) => void;
}

export class Room {
  readonly city: FakeCity;
  readonly commands: FakeCommands;
  readonly log: FakeLog;
  readonly locks: FakeLocks;
  readonly procedures: FakeProcedures;
  readonly alarms: FakeAlarms;
  readonly groups: FakeGroups;
  readonly programmes: FakeProgrammes;
  readonly zones: FakeZones;
  readonly now: () => number;
  /** How long each step of what happens by itself takes, ms; 0 for at once. */
  readonly pace: number;
  link: LinkState = "live";
  /** When the link was last heard. */
  heard: number;
  /** Where the program stands; whoever knows it puts it here. */
  status: () => Status = () => { throw new HostError({ code: "not_ready", message: "" }); };
  readonly #listeners = new Set<Listener>();

  constructor(lights: number, pace: number, now: () => number) {
    this.now = now;
    this.pace = pace;
    this.heard = now();
    this.city = fakeCity(lights, this.heard);
    this.commands = new FakeCommands(now);
    this.log = new FakeLog(now);
    this.locks = new FakeLocks(now);
    this.procedures = new FakeProcedures(now);
    this.alarms = new FakeAlarms(this.city.objects, now);
    this.programmes = new FakeProgrammes(now);
    this.zones = new FakeZones(this);
    this.groups = new FakeGroups(this.city.objects, this.commands, now);
  }

  get lines(): ObjectLine[] {
    return this.city.objects.map((object) => object.line);
  }

  object(id: string): FakeObject {
    const found = this.city.objects.find((object) => object.line.equipment_id === id);
    if (!found) throw new HostError({ code: "not_found", message: id });
    return found;
  }

  at(point: number): FakeObject {
    const found = this.city.objects[point - 1];
    if (!found) throw new HostError({ code: "not_found", message: String(point) });
    return found;
  }

  class(object: FakeObject, code: string): ClassCode {
    return actionsOf(object.line.kind).find((action) => action.code === code)?.class ?? "D";
  }

  reachable(object: FakeObject): boolean {
    return this.link === "live" && object.reachable;
  }

  blind(object: FakeObject): boolean {
    return !["live", "ageing"].includes(object.line.freshness);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(push: Push): void {
    for (const listener of this.#listeners) listener.push(structuredClone(push));
  }

  /** These objects look another way: their points are told. */
  changed(objects: readonly FakeObject[]): void {
    const now = this.now();
    for (const object of objects) refresh(object, now, this.commands.mark(object.line.equipment_id));
    if (objects.length === 0) return;
    const bytes = encodeChanges({
      generation: 1, ids: Uint32Array.from(objects, ({ line }) => line.point), state: Uint8Array.from(objects, ({ line }) => stateByte(line.look, line.freshness, line.marks)),
    });
    for (const listener of this.#listeners) listener.bytes(bytes.slice(0));
  }

  /** A command moved on an object. */
  moved(object: FakeObject): void {
    this.changed([object]);
    this.emit({ type: "commands" });
    this.told();
  }

  /** Tells where the program stands. */
  told(): Status {
    const status = this.status();
    this.emit({ type: "status", status });
    return status;
  }

  /** Does the next step now, or after a pace. */
  after(step: () => void, pace = this.pace): void {
    if (this.pace === 0) step();
    else setTimeout(step, pace);
  }
}
