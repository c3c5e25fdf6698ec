/** What is asked of the fake city's objects, and what becomes of it: commands, second persons, groups, programmes, the review. */
import type { CommandView, GroupView, OperateArgs, Preparation, Review, Seen } from "../bindings";
import { HostError } from "../host";
import type { FakeObject } from "./city";
import { admit, apply, life } from "./commands";
import { effects } from "./locks";
import type { Answers, Room } from "./room";

type Names =
  | "prepare" | "operate" | "press_key" | "cancel_command" | "close_command" | "abandon" | "outbox" | "review" | "effects"
  | "ask_second" | "ask_group" | "requests" | "answer_request" | "extend_request" | "withdraw_request" | "sole_reviews" | "review_sole"
  | "pilot" | "select_object" | "select_request" | "hold_live" | "let_go" | "take_object" | "give_object" | "release_object"
  | "group_look" | "group_prepare" | "group_operate" | "group_press" | "group_abandon" | "group_stop" | "groups" | "group" | "saved_groups" | "save_group" | "drop_group"
  | "programmes" | "preview_programme" | "save_programme" | "drop_programme" | "return_programme";

export class Operations {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  answers(): Answers<Names> {
    const room = this.#room;
    const { commands, groups, procedures, programmes } = room;
    return {
      prepare: ({ equipment_id, action }) => this.#prepare(room.object(equipment_id), action),
      operate: (args) => this.#operate(room.object(args.equipment_id), args),
      press_key: ({ command_id }) => this.#decided(command_id, "submitted", "submit", (command) => this.#play(command)),
      cancel_command: ({ command_id }) => this.#decided(command_id, "cancelled", "cancel"),
      close_command: ({ command_id }) => this.#decided(command_id, "closed", "close"),
      abandon: ({ command_id }) => this.#decided(command_id, "abandoned", "abandon"),
      outbox: () => commands.all.filter((command) => command.group_id === null).map((command) => ({ ...command })),
      review: () => this.#review(),
      effects: () => effects(commands, room.city.objects, room.now()),

      ask_second: (args) => {
        const { request_id } = procedures.ask(room.object(args.equipment_id), args);
        return this.#proceeded({ request_id });
      },
      ask_group: ({ group_id, reason }) => {
        const made = groups.prepared(group_id);
        const { request_id } = procedures.askGroup(made, room.object(made.preparation.members[0]!.equipment_id).line.kind, reason);
        made.requestId = request_id;
        return this.#proceeded({ request_id });
      },
      requests: () => procedures.requests.map((request) => ({ ...request })),
      answer_request: ({ request_id, approves }) => {
        Object.assign(procedures.find(request_id), { state: approves ? "approved" : "declined", may_answer: false, rings: false });
        return this.#proceeded({});
      },
      extend_request: ({ request_id }) => {
        Object.assign(procedures.find(request_id), { approval_until: room.now() + 60_000 });
        return this.#proceeded({});
      },
      withdraw_request: ({ request_id }) => {
        Object.assign(procedures.find(request_id), { state: "void", stage: "over", void_reason: "withdrawn" });
        return this.#proceeded({});
      },
      sole_reviews: () => procedures.reviews.map((review) => ({ ...review })),
      review_sole: () => ({}),

      pilot: ({ equipment_id }) => procedures.pilot(room.object(equipment_id)),
      select_object: ({ equipment_id }) => this.#proceeded(procedures.take(room.object(equipment_id), true)),
      select_request: ({ request_id }) => this.#proceeded({ selected_until: procedures.find(request_id).state === "approved" ? room.now() + 20_000 : null }),
      hold_live: ({ equipment_id }) => {
        const object = room.object(equipment_id);
        if (room.link !== "live" || !object.reachable) throw new HostError({ code: "live_needs_reach", message: equipment_id });
        procedures.holdLive(object);
        return {};
      },
      let_go: () => { procedures.letGo(); return {}; },
      take_object: ({ equipment_id }) => this.#proceeded(procedures.take(room.object(equipment_id), false)),
      give_object: ({ equipment_id }) => this.#proceeded(procedures.release(room.object(equipment_id))),
      release_object: ({ equipment_id }) => this.#proceeded(procedures.release(room.object(equipment_id))),

      group_look: ({ choice }) => groups.look(choice),
      group_prepare: (args) => groups.prepare(args, room.link === "live"),
      group_operate: ({ group_id, reason }) => {
        const { preparation, requestId } = groups.prepared(group_id);
        if (preparation.needs_second_person && preparation.admission === "send" && !procedures.use(requestId)) {
          throw new HostError({ code: "needs_second_person", message: group_id });
        }
        return this.#grouped(group_id, groups.operate(group_id, reason));
      },
      group_press: ({ group_id }) => this.#grouped(group_id, groups.decide(group_id, "press")),
      group_abandon: ({ group_id }) => this.#grouped(group_id, groups.decide(group_id, "abandon")),
      group_stop: ({ group_id }) => this.#grouped(group_id, groups.decide(group_id, "stop")),
      groups: () => groups.list(),
      group: ({ group_id }) => groups.sheet(group_id),
      saved_groups: () => groups.saved,
      save_group: ({ name, objects }) => { groups.save(name, objects, "C. Martin"); return {}; },
      drop_group: ({ saved_group_id }) => { groups.drop(saved_group_id); return {}; },

      programmes: () => programmes.all.map((programme) => ({ ...programme })),
      preview_programme: ({ content }) => programmes.preview(content),
      save_programme: (args) => programmes.save(args),
      drop_programme: ({ programme_id }) => { programmes.drop(programme_id); return {}; },
      return_programme: () => ({ groups: [] }),
    };
  }

  /** The link is back: what only reads goes by itself, what is comfort waits for its key. */
  transmit(): void {
    const { commands } = this.#room;
    for (const command of commands.all) {
      if (command.state !== "queued") continue;
      if (command.class === "A") {
        commands.move(command, "submitted", "submit", "desk");
        this.#play(command);
      } else commands.move(command, "awaiting_key", "await_key", "desk");
    }
  }

  #prepare(object: FakeObject, action: string): Preparation {
    const room = this.#room;
    const { equipment_id } = object.line;
    const cls = room.class(object, action);
    const safe = action.endsWith(".to_programme");
    const lock = room.locks.on(equipment_id).find((one) => one.state === "in_force") ?? null;
    const blind = room.blind(object) && cls !== "A" && !safe;
    const admission = blind && cls === "D" ? { refuse: "no_visibility" as const } : admit(cls, room.reachable(object));
    return {
      lock: cls === "A" ? null : lock, safe,
      class: cls, admission: lock !== null && cls !== "A" ? { refuse: "crew_lock" } : cls === "D" && !room.reachable(object) ? "note" : admission, needs_without_visibility: blind && cls !== "D",
      seen: seen(object), mode: object.mode, life_ms: life(cls), phone: object.phone,
      pending: room.commands.all.filter((command) => command.equipment_id === equipment_id && ["to_send", "under_way", "unknown"].includes(command.word)),
      needs: room.procedures.needs(object, action, cls === "D"),
    };
  }

  #operate(object: FakeObject, args: OperateArgs): CommandView {
    const room = this.#room;
    const cls = room.class(object, args.action);
    const admission = admit(cls, room.reachable(object));
    if (typeof admission === "object") throw new HostError({ code: admission.refuse, message: "" });
    if (args.promised !== null && args.promised !== admission) throw new HostError({ code: "link_turned", message: args.action });
    if (args.replaces) this.#decided(args.replaces, "reissued", "reissue");
    const [state, event] = ({ send: ["submitted", "submit"], queue: ["queued", "queue"], keep: ["intent", "keep"], note: ["noted", "note"] } as const)[admission];
    const command = room.commands.make(object, args, cls, state, event);
    const refused = cls === "D" && admission === "send" && !room.procedures.operated(object, command.command_id, args.action, args.approval_id, args.sole);
    if (admission === "send") this.#play(command, refused);
    room.moved(object);
    return { ...command };
  }

  /** Plays a submitted command to its end: what a field does, in a few steps. */
  #play(command: CommandView, refused = command.class === "L"): void {
    const room = this.#room;
    const { commands } = room;
    const object = room.object(command.equipment_id);
    const fault = object.line.reading.fault !== null && object.line.reading.fault !== undefined;
    const steps: (() => void)[] = refused
      ? [() => commands.move(command, "rejected", "reject", "metropolis", command.class === "D" ? "needs_second_person" : "not_offered")]
      : [
          () => commands.move(command, "accepted", "accept", "metropolis"),
          () => commands.move(command, "dispatching", "start_dispatch", "gateway"),
          () => commands.move(command, "dispatched", "publish", "gateway"),
          ...(command.reason.includes("silence") ? [() => commands.move(command, "unknown", "silence", "house", "no_answer")]
            : fault && command.class !== "A" ? [() => commands.move(command, "failed", "fail", "gateway", "lamp_broken")]
            : [
                () => commands.move(command, "executed", "execute", "gateway"),
                () => {
                  apply(object, command.action, command.params, command.effect_until, room.now());
                  if (command.effect_until !== null) command.effect = "in_force";
                  commands.move(command, "confirmed", "confirm", "metropolis");
                },
              ]),
        ];
    const next = (): void => {
      const step = steps.shift();
      // Stopped before it left: nothing more happens to it.
      if (!step || command.state === "cancelled") return;
      step();
      room.moved(object);
      room.after(next);
    };
    room.after(next);
  }

  #decided(id: string, state: CommandView["state"], event: "submit" | "cancel" | "close" | "abandon" | "reissue", then?: (command: CommandView) => void): CommandView {
    const room = this.#room;
    const command = room.commands.find(id);
    if (!command) throw new HostError({ code: "not_found", message: id });
    room.commands.move(command, state, event, "desk");
    then?.(command);
    room.moved(room.object(command.equipment_id));
    return { ...command };
  }

  #review(): Review {
    const room = this.#room;
    const waiting = room.commands.all.filter((command) => command.group_id === null && (command.state === "intent" || command.state === "awaiting_key")).reverse();
    const now = room.now();
    return {
      read_at: room.link === "live" ? room.heard : null,
      cards: waiting.map((command) => {
        const object = room.object(command.equipment_id);
        const label = object.controlVersion !== Number(command.seen?.control_version) ? "contradicted" : now > command.expires_at ? "expired" : "still_valid";
        return { command: { ...command }, now_reading: object.line.reading, now_observed_at: object.line.observed_at, now_mode: object.mode, now_blind: room.blind(object), label, others: [] };
      }),
      groups: room.groups.review(),
      ended: [],
    };
  }

  /** Plays the commands of a group that go on. */
  #grouped(id: string, commands: readonly CommandView[]): GroupView {
    for (const command of commands) this.#play(command);
    this.#room.emit({ type: "commands" });
    return this.#room.groups.one(id);
  }

  #proceeded<T>(reply: T): T {
    this.#room.emit({ type: "procedure" });
    return reply;
  }
}

function seen(object: FakeObject): Seen {
  // Versions are whole numbers on the wire, whatever their width in the core.
  const seen: unknown = { reading: object.line.reading, observed_at: object.line.observed_at, version: 1, control_version: object.controlVersion };
  return seen as Seen;
}
