/** Commands on many objects in the fake city: enough of them to see every drawing. The rules themselves are the core's. */
import type {
  ClassCode, CommandView, GroupChoice, GroupLook, GroupPreparation, GroupPrepareArgs, GroupSheet, GroupView, ReviewGroup, SavedGroupView,
} from "../bindings";
import { HostError } from "../host";
import { actionsOf, type FakeObject } from "./city";
import { admit, life, type FakeCommands } from "./commands";

interface Made {
  preparation: GroupPreparation;
  args: GroupPrepareArgs;
  reason: string;
  at: number;
  stoppedAt: number | null;
  members: string[];
  /** The second person that was asked. */
  requestId: string | null;
}

export class FakeGroups {
  readonly saved: SavedGroupView[] = [];
  readonly #prepared = new Map<string, Made>();
  readonly #made: Made[] = [];
  #next = 1;
  readonly #objects: readonly FakeObject[];
  readonly #commands: FakeCommands;
  readonly #now: () => number;

  constructor(objects: readonly FakeObject[], commands: FakeCommands, now: () => number) {
    this.#objects = objects;
    this.#commands = commands;
    this.#now = now;
  }

  look(choice: GroupChoice): GroupLook {
    const chosen = this.#chosen(choice);
    const kinds = [...new Set(chosen.map(({ line }) => line.kind))].map((kind) => ({
      kind, count: chosen.filter(({ line }) => line.kind === kind).length, actions: actionsOf(kind),
    }));
    kinds.sort((a, b) => b.count - a.count);
    const street = choice.by === "street" ? (chosen[0]?.street ?? "") : "";
    return { chosen: choice.by, name: street || (this.saved.find((list) => choice.by === "saved" && list.saved_group_id === choice.saved_group_id)?.name ?? ""), kinds };
  }

  prepare(args: GroupPrepareArgs, live: boolean): GroupPreparation {
    const kind = args.action.split(".")[0];
    const chosen = this.#chosen(args.choice);
    const why = (object: FakeObject): GroupPreparation["excluded"][number]["reason"] | null =>
      object.line.kind !== kind ? "other_kind" : !object.reachable ? "out_of_reach" : args.left_out.includes(object.line.equipment_id) ? "left_out" : null;
    const members = chosen.filter((object) => why(object) === null);
    const base: ClassCode = args.action.endsWith(".read") ? "A" : args.action.endsWith("set_level") || args.action.endsWith("to_programme") ? "B" : "C";
    const cls: ClassCode = base === "B" && members.length > 10 ? "C" : base;
    const preparation: GroupPreparation = {
      group_id: `01900000-0000-7000-8000-9${String(this.#next++).padStart(11, "0")}`, class: cls, admission: admit(cls, live),
      needs_second_person: args.action.endsWith("set_programme") || cls === "C" && !args.action.endsWith("to_programme") && members.length > 50, life_ms: life(cls),
      streets: new Set(members.map(({ street }) => street)).size, members: members.map(named), dangerous: [], present: ["S. Bernard"],
      check: cls === "C" ? { consequence: { objects: members.length, streets: 1, lights: kind === "street_light" ? members.length : 0, junctions: 0, buildings: 0, crews: 0 }, findings: [] } : null,
      excluded: chosen.flatMap((object) => { const reason = why(object); return reason === null ? [] : [{ object: named(object), reason }]; }),
    };
    this.#prepared.set(preparation.group_id, { preparation, args, reason: "", at: 0, stoppedAt: null, members: [], requestId: null });
    return preparation;
  }

  /** A group that was prepared and not operated. */
  prepared(id: string): Made {
    const made = this.#prepared.get(id);
    if (!made) throw new HostError({ code: "illegal_event", message: id });
    return made;
  }

  /** The commands of a group that is operated, to be played. */
  operate(id: string, reason: string): CommandView[] {
    const made = this.prepared(id);
    this.#prepared.delete(id);
    Object.assign(made, { reason, at: this.#now() });
    const admission = made.preparation.admission;
    if (typeof admission === "object") throw new HostError({ code: admission.refuse, message: "" });
    const [state, event] = ({ send: ["submitted", "submit"], queue: ["queued", "queue"], keep: ["intent", "keep"], note: ["noted", "note"] } as const)[admission];
    const commands = made.preparation.members.map(({ equipment_id }) => {
      const object = this.#objects.find(({ line }) => line.equipment_id === equipment_id)!;
      const seen = { reading: object.line.reading, observed_at: object.line.observed_at, version: 1, control_version: object.controlVersion };
      const args = { equipment_id, action: made.args.action, params: made.args.params, effect_minutes: made.args.effect_minutes, reason, without_visibility: false, seen, replaces: null, approval_id: null, sole: null, promised: null };
      const command = this.#commands.make(object, args, made.preparation.class, state, event);
      command.group_id = id;
      return command;
    });
    made.members = commands.map(({ command_id }) => command_id);
    this.#made.unshift(made);
    if (made.args.replaces !== null) for (const old of this.#of(made.args.replaces)) this.#commands.move(old, "reissued", "reissue", "desk");
    return admission === "send" ? commands : [];
  }

  /** Ends what waits or has not left, or presses its key; the commands that go on. */
  decide(id: string, decision: "stop" | "press" | "abandon"): CommandView[] {
    const made = this.#find(id);
    const members = this.#of(id);
    if (decision === "press") {
      const waiting = members.filter(({ state }) => state === "awaiting_key");
      for (const command of waiting) this.#commands.move(command, "submitted", "submit", "desk");
      return waiting;
    }
    if (decision === "stop") made.stoppedAt = this.#now();
    for (const command of members) {
      if (decision === "abandon" && command.state === "intent") this.#commands.move(command, "abandoned", "abandon", "desk");
      else if (decision === "stop" && ["queued", "awaiting_key", "submitted", "accepted"].includes(command.state)) this.#commands.move(command, "cancelled", "cancel", "desk", "group_stopped");
    }
    return [];
  }

  list(): GroupView[] {
    return this.#made.map((made) => this.#view(made));
  }

  one(id: string): GroupView {
    return this.#view(this.#find(id));
  }

  sheet(id: string): GroupSheet {
    const made = this.#find(id);
    const order = ["refused", "unknown", "to_send", "under_way", "done"];
    const members = this.#of(id).map((command) => ({
      command_id: command.command_id, object: { equipment_id: command.equipment_id, reference: command.reference, name: command.name },
      state: command.state, word: command.word, detail: command.detail,
    }));
    members.sort((a, b) => order.indexOf(a.word) - order.indexOf(b.word));
    return { group: this.#view(made), members, excluded: made.preparation.excluded };
  }

  /** Groups to decide on after a cut. */
  review(): ReviewGroup[] {
    const waiting = this.#made.filter((made) => made.members.some((id) => ["intent", "awaiting_key"].includes(this.#commands.find(id)?.state ?? "")));
    return waiting.map((made) => ({
      group: this.#view(made), objects: made.preparation.members.map(({ equipment_id }) => equipment_id), still_valid: made.members.length, contradicted: 0, already_so: 0, expired: 0,
    }));
  }

  save(name: string, objects: string[], author: string): void {
    this.saved.push({ saved_group_id: `01900000-0000-7000-8000-8${String(this.#next++).padStart(11, "0")}`, name, objects, author, changed_at: this.#now() });
  }

  drop(id: string): void {
    const at = this.saved.findIndex((list) => list.saved_group_id === id);
    if (at >= 0) this.saved.splice(at, 1);
  }

  #view(made: Made): GroupView {
    const { preparation, args } = made;
    const members = this.#of(preparation.group_id);
    const count = (word: string): number => members.filter((command) => command.word === word).length;
    const stands = (...states: string[]): boolean => members.some(({ state }) => states.includes(state));
    return {
      group_id: preparation.group_id, action: args.action, kind: members[0]?.kind ?? "street_light", class: preparation.class, params: args.params, author: "C. Martin",
      mine: true, reason: made.reason, issued_at: made.at, expires_at: made.at + preparation.life_ms, effect_until: args.effect_minutes === null ? null : made.at + args.effect_minutes * 60_000,
      chosen: args.choice.by, chosen_name: this.look(args.choice).name, total: members.length, to_send: count("to_send"), under_way: count("under_way"), done: count("done"),
      refused: count("refused"), unknown: count("unknown"), excluded: preparation.excluded.length, stopped_at: made.stoppedAt, stuck: null,
      can_stop: stands("queued", "awaiting_key", "submitted", "accepted"), can_press: stands("awaiting_key"), can_decide: stands("intent"),
    };
  }

  #of(id: string): CommandView[] {
    return this.#commands.all.filter((command) => command.group_id === id).reverse();
  }

  #find(id: string): Made {
    const made = this.#made.find(({ preparation }) => preparation.group_id === id);
    if (!made) throw new HostError({ code: "not_found", message: id });
    return made;
  }

  #chosen(choice: GroupChoice): FakeObject[] {
    const by = (id: string): FakeObject | undefined => this.#objects.find(({ line }) => line.equipment_id === id);
    const listed = (ids: readonly string[]): FakeObject[] => ids.map(by).filter((object) => object !== undefined);
    switch (choice.by) {
      case "hand": return listed(choice.objects);
      case "saved": return listed(this.saved.find((list) => list.saved_group_id === choice.saved_group_id)?.objects ?? []);
      case "area": {
        const [lons, lats] = [choice.ring.map(([lon]) => lon), choice.ring.map(([, lat]) => lat)];
        return this.#objects.filter(({ line }) => line.lon >= Math.min(...lons) && line.lon <= Math.max(...lons) && line.lat >= Math.min(...lats) && line.lat <= Math.max(...lats));
      }
      case "commune": return this.#objects.slice(0, 40);
      case "street":
      case "cabinet": {
        const street = by(choice.equipment_id)?.street;
        return this.#objects.filter((object) => object.street === street);
      }
    }
  }
}

function named({ line }: FakeObject): { equipment_id: string; reference: string; name: string } {
  return { equipment_id: line.equipment_id, reference: line.reference, name: line.name };
}
