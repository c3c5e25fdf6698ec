/** Zones in the fake city: drawn, changed, thrown away; whether sides cross is the core's to say. */
import type { DropZoneArgs, JsonValue, ObjectLine, ZoneArgs, ZoneCheck, ZoneFault, ZoneSaved, ZoneView } from "../bindings";
import { cornerCount, drawingOf, FEWEST, type Ring } from "../../map/rings";
import { HostError } from "../host";
import type { Answers, Room } from "./room";

export class FakeZones {
  readonly #room: Room;
  #next = 1;

  constructor(room: Room) {
    this.#room = room;
  }

  answers(): Answers<"zones" | "check_zone" | "save_zone" | "drop_zone"> {
    return {
      zones: () => ({ zones: this.#all, may_write: ["cctv", "flood", "closed_building", "district"] }),
      check_zone: (args) => this.#check(args),
      save_zone: (args) => this.#save(args),
      drop_zone: (args) => this.#drop(args),
    };
  }

  /** Somebody else at another desk changes a zone. */
  changedElsewhere(zoneId: string, by: string): void {
    this.#put(zoneId, (zone) => ({ ...zone, revision: zone.revision + 1, changed_by: by, changed_at: this.#room.now() }));
  }

  get #all(): ZoneView[] {
    return this.#room.city.city.zones;
  }

  #check({ zone_id, name, reference, outline }: ZoneArgs): ZoneCheck {
    const faults: ZoneFault[] = [];
    if (reference.trim() === "") faults.push("reference");
    if (name.trim() === "") faults.push("name");
    const drawing = drawingOf(outline);
    if (drawing.rings.some((ring) => ring.length < FEWEST)) faults.push("too_few");
    if (cornerCount(drawing) > 2000) faults.push("too_many");
    const was = this.#all.find((zone) => zone.zone_id === zone_id)?.outline ?? null;
    const inside = this.#room.lines.map((line) => [was !== null && holds(was, line), holds(outline, line)] as const);
    const count = (of: (was: boolean, is: boolean) => boolean): number => inside.filter(([before, now]) => of(before, now)).length;
    return { faults, holds: count((_, is) => is), enters: count((before, is) => is && !before), leaves: count((before, is) => before && !is) };
  }

  #save({ zone_id, after, reference, name, kind, outline }: ZoneArgs): ZoneSaved {
    const known = this.#known(zone_id, after);
    if (known === "changed") return this.#changed(zone_id);
    if (zone_id === null && this.#all.some((zone) => zone.reference === reference)) throw new HostError({ code: "reference_taken", message: reference });
    const id = zone_id ?? `01900000-0000-7000-8000-8${String(this.#next++).padStart(11, "0")}`;
    const made: ZoneView = { zone_id: id, reference, name, kind, outline, revision: (after ?? 0) + 1, changed_by: "C. Martin", changed_at: this.#room.now() };
    if (known) this.#put(id, () => made);
    else {
      this.#all.push(made);
      this.#room.emit({ type: "zones" });
    }
    return { zone_id: id, changed: null };
  }

  #drop({ zone_id, after }: DropZoneArgs): ZoneSaved {
    if (this.#known(zone_id, after) === "changed") return this.#changed(zone_id);
    this.#all.splice(this.#all.findIndex((zone) => zone.zone_id === zone_id), 1);
    this.#room.emit({ type: "zones" });
    return { zone_id, changed: null };
  }

  #known(zoneId: string | null, after: number | null): ZoneView | "changed" | null {
    if (this.#room.link !== "live") throw new HostError({ code: "unreachable", message: "" });
    if (zoneId === null) return null;
    const known = this.#all.find((zone) => zone.zone_id === zoneId);
    if (!known) throw new HostError({ code: "no_such_zone", message: zoneId });
    return known.revision === after ? known : "changed";
  }

  #changed(zoneId: string | null): ZoneSaved {
    const zone = this.#all.find((one) => one.zone_id === zoneId);
    return { zone_id: null, changed: { by: zone?.changed_by ?? "", at: zone?.changed_at ?? null } };
  }

  #put(id: string, change: (zone: ZoneView) => ZoneView): void {
    const at = this.#all.findIndex((zone) => zone.zone_id === id);
    if (at >= 0) this.#all[at] = change(this.#all[at]!);
    this.#room.emit({ type: "zones" });
  }
}

function holds(outline: JsonValue, { lon, lat }: ObjectLine): boolean {
  const crossed = (ring: Ring): number => ring.filter(([ax, ay], i) => {
    const [bx, by] = ring[(i + 1) % ring.length]!;
    return ay > lat !== by > lat && lon < ax + ((lat - ay) / (by - ay)) * (bx - ax);
  }).length;
  return drawingOf(outline).rings.reduce((sum, ring) => sum + crossed(ring), 0) % 2 === 1;
}
