/** Commands on many objects: what is chosen, what is open, and how the groups of the room go on. */
import type { GroupChoice, GroupView, ObjectLine, ProgrammeView } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, t, tn } from "../i18n";
import { actionText } from "../i18n/readings";
import type { Announcer } from "./announcer.svelte";
import { later } from "./later";

/** Corners that make an area. */
const LEAST = 3;

/** A corner of an area: longitude, latitude. */
export type Corner = [number, number];

/** What an intent asked of many, to be asked anew. */
export type Again = GroupView;

/** What the group's panel is open on. */
export type Shown =
  | { type: "choose"; choice: GroupChoice; again: Again | null; programme: ProgrammeView | null }
  | { type: "follow"; groupId: string };

export class Groups {
  /** Objects chosen one by one in the list, in the order of choosing: their names by identifier. */
  picked = $state.raw<ReadonlyMap<string, string>>(new Map());
  shown = $state.raw<Shown | null>(null);
  /** Corners of the area that is being drawn; null while none is. */
  drawing = $state.raw<readonly Corner[] | null>(null);
  /** Groups known here, newest first. */
  list = $state.raw<readonly GroupView[]>([]);
  /** Groups whose decision is on its way. */
  deciding = $state.raw<ReadonlySet<string>>(new Set());
  #programme: ProgrammeView | null = null;
  #told = new Set<string>();
  #known = false;
  readonly #host: Host;
  readonly #announcer: Announcer;

  constructor(host: Host, announcer: Announcer) {
    this.#host = host;
    this.#announcer = announcer;
  }

  /** Takes objects into what is chosen; one that alone is there already goes out. */
  pick(lines: readonly ObjectLine[]): void {
    const picked = new Map(this.picked);
    const alone = lines.length === 1 ? lines[0] : undefined;
    if (alone && picked.delete(alone.equipment_id)) this.#announcer.say(t("group.unpicked", { object: alone.name || alone.reference }));
    else for (const line of lines) picked.set(line.equipment_id, line.name || line.reference);
    this.picked = picked;
    this.#announcer.say(tn("group.picked", picked.size));
  }

  unpick(): void {
    this.picked = new Map();
  }

  /** Opens the panel on what was chosen one by one. */
  beginPicked(): void {
    if (this.picked.size > 0) this.begin({ by: "hand", objects: [...this.picked.keys()] });
  }

  /** A choice that is made anew is for the same programme. */
  begin(choice: GroupChoice, again: Again | null = null, programme: ProgrammeView | null = this.#programme): void {
    this.drawing = null;
    this.#programme = programme;
    this.shown = { type: "choose", choice, again, programme };
  }

  follow(groupId: string): void {
    this.#programme = null;
    this.shown = { type: "follow", groupId };
  }

  close(): void {
    this.#programme = null;
    this.shown = null;
  }

  /** Begins to draw an area on the map. */
  draw(): void {
    this.shown = null;
    this.drawing = [];
    this.#announcer.whisper(t("group.draw.said"));
  }

  corner(at: Corner): void {
    if (this.drawing === null) return;
    this.drawing = [...this.drawing, at];
    this.#announcer.whisper(tn("group.draw.corners", this.drawing.length));
  }

  /** Takes the last corner back. */
  uncorner(): void {
    if (this.drawing === null) return;
    this.drawing = this.drawing.slice(0, -1);
    this.#announcer.whisper(tn("group.draw.corners", this.drawing.length));
  }

  get drawn(): boolean {
    return (this.drawing?.length ?? 0) >= LEAST;
  }

  /** The area is whole: the panel opens on what stands in it. */
  finish(): void {
    if (this.drawing !== null && this.drawn) this.begin({ by: "area", ring: this.drawing.map(([lon, lat]) => [lon, lat]) });
  }

  leaveDrawing(): void {
    this.drawing = null;
  }

  /** Someone else sits down, or nobody. */
  clear(): void {
    this.picked = new Map();
    this.shown = this.drawing = this.#programme = null;
    this.list = [];
    this.#known = false;
    this.#told.clear();
  }

  /** Read again shortly. */
  readonly touched = later(() => this.read(), 250);

  async read(): Promise<void> {
    const list = await this.#host.call("groups", {}).catch(() => null);
    if (list === null) return;
    this.list = list;
    this.#tell(list);
  }

  /** Decides on a group as a whole; the refusal, if any, is said. */
  async decide(decision: "group_stop" | "group_press" | "group_abandon", groupId: string, reason = ""): Promise<boolean> {
    if (this.deciding.has(groupId)) return false;
    this.deciding = new Set([...this.deciding, groupId]);
    try {
      await this.#host.call(decision, { group_id: groupId, reason });
      if (decision === "group_stop") this.#announcer.say(t("group.stopped_said"));
      return true;
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
      return false;
    } finally {
      this.deciding = new Set([...this.deciding].filter((id) => id !== groupId));
      await this.read();
    }
  }

  /** An own group of which everything is known is said once, with its counts. */
  #tell(list: readonly GroupView[]): void {
    for (const group of list) {
      const over = group.to_send === 0 && group.under_way === 0;
      if (!over || !group.mine || this.#told.has(group.group_id)) continue;
      this.#told.add(group.group_id);
      if (!this.#known) continue;
      const whole = group.done === group.total;
      this.#announcer.say(t("group.said", { action: actionText(group.action), outcome: outcomeText(group) }), whole ? "good" : "bad");
    }
    this.#known = true;
  }
}

/** What became of a group: "37 faits sur 40, 2 refusés, 1 sans compte rendu". */
export function outcomeText(group: Pick<GroupView, "total" | "to_send" | "under_way" | "done" | "refused" | "unknown">): string {
  const rest = (["refused", "unknown", "under_way", "to_send"] as const)
    .filter((word) => group[word] > 0)
    .map((word) => tn(`group.count.${word}`, group[word]));
  return [t("group.count.done", { done: group.done, total: group.total }), ...rest].join(", ");
}
