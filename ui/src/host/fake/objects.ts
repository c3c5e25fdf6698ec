/** What is looked at in the fake city: lists, counts, search, sheets, sources. */
import type { HistoryLine, ObjectFilter, ObjectLine, ObjectProgramme, ObjectSheet, PlaceView, SourceView, Tally } from "../bindings";
import { KINDS, LOOKS } from "../../map/state";
import { AGES, SORTS, type Sort } from "../../state/choice";
import { actionsOf, freshFor, SERVICES, type FakeObject } from "./city";
import type { Answers, Room } from "./room";

/** Nothing chosen, as a filter that is written to. */
const EVERYTHING = { kinds: [], looks: [], communes: [], services: [], ages: [] };
const ORDER = ["danger", "fault", "notice", "no_value", "active", "normal"];

export class Objects {
  readonly #room: Room;
  /** A suspended session shows neither what may be asked nor what was. */
  readonly #suspended: () => boolean;
  #selected: string | null = null;

  constructor(room: Room, suspended: () => boolean) {
    this.#room = room;
    this.#suspended = suspended;
  }

  answers(): Answers<"city" | "ground_file" | "ground_tiles" | "search" | "places" | "kept" | "tally" | "objects" | "object" | "object_at" | "history" | "select" | "selection" | "sources"> {
    const room = this.#room;
    return {
      city: () => room.city.city,
      ground_file: () => ({ size: null, error: null }),
      ground_tiles: () => ({ zooms: null, credit: "", error: null }),
      search: ({ text, limit }) => ({ near: false, lines: room.lines.filter((line) => has(text, `${line.reference} ${line.name} ${line.commune}`)).slice(0, limit) }),
      places: ({ text, limit }) => ({ near: false, places: this.#places(text, limit) }),
      kept: (filter) => ({
        generation: room.city.city.generation,
        runs: room.lines.filter((line) => this.#keeps(filter, line)).map(({ point }): [number, number] => [point, point]),
        urgent: room.lines.filter((line) => this.#isUrgent(line)).map(({ point }) => point),
      }),
      tally: (filter) => this.#tally(filter),
      objects: (filter) => {
        const matching = room.lines.filter((line) => this.#keeps(filter, line));
        matching.sort((a, b) => ORDER.indexOf(a.look) - ORDER.indexOf(b.look) || a.reference.localeCompare(b.reference));
        const lines = matching.slice(filter.offset, filter.offset + filter.limit);
        const hidden = room.lines.filter((line) => this.#keeps({ ...filter, ...EVERYTHING }, line)).length - matching.length;
        return { total: matching.length, hidden, by_look: LOOKS.map((look) => matching.filter((line) => line.look === look).length), lines };
      },
      object: ({ equipment_id }) => this.#sheet(room.object(equipment_id)),
      object_at: ({ point }) => this.#sheet(room.at(point)),
      history: ({ equipment_id, before }) => (before < room.now() - 7_200_000 ? [] : history(room.object(equipment_id), before)),
      select: (selection) => {
        this.#selected = selection.equipment_id;
        room.emit({ type: "selection", selection });
        return {};
      },
      selection: () => ({ equipment_id: this.#selected, window: "" }),
      sources: () => this.#sources(),
    };
  }

  #sheet(object: FakeObject): ObjectSheet {
    const room = this.#room;
    const { line } = object;
    const hidden = this.#suspended();
    return {
      line, street: object.street, attributes: object.attributes, quality: object.quality,
      received_at: line.observed_at === null ? null : line.observed_at + 400, source: line.kind === "street_light" ? "concentrator" : "controller",
      ageing_after_ms: freshFor(line.kind) * 0.6, fresh_for_ms: freshFor(line.kind), out_of_reach: room.link !== "live" ? "link" : object.reachable ? null : "gateway",
      mode: object.mode, target: object.target, effect_until: object.effectUntil, programme: this.#programme(line), version: 1, control_version: object.controlVersion,
      actions: hidden ? [] : actionsOf(line.kind), live: !hidden && line.kind === "camera", phone: object.phone, service: SERVICES.find(({ code }) => code === object.service) ?? null,
      locks: hidden ? [] : room.locks.on(line.equipment_id).map((lock) => ({ ...lock })),
      commands: hidden ? [] : room.commands.all.filter((command) => command.equipment_id === line.equipment_id).slice(0, 20),
      history: history(object, line.observed_at ?? room.heard),
    };
  }

  /** Lights follow the programme of the fake city that was applied, but for those that report their own. */
  #programme(line: ObjectLine): ObjectProgramme | null {
    const applied = this.#room.programmes.all.find(({ objects }) => objects > 0);
    if (line.kind !== "street_light" || !applied) return null;
    const differs = applied.differing.some(({ reference }) => reference === line.reference);
    const hidden = this.#suspended();
    return {
      applied: applied.reference, applied_at: applied.since - 86_400_000, author: hidden ? null : applied.author, approved_by: hidden ? null : "S. Bernard",
      reported: differs ? "own" : applied.reference, standing: differs ? "differs" : "as_applied", differs_since: differs ? applied.since : null,
    };
  }

  /** No object of the fake city knows its street. */
  #places(text: string, limit: number): PlaceView[] {
    const plain = { reference: "", commune: "", objects: 0, zone_id: null, bounds: null };
    const { communes, zones } = this.#room.city.city;
    return [
      ...communes.map((c): PlaceView => ({ ...plain, kind: "commune", name: c.name })),
      ...zones.map((z): PlaceView => ({ ...plain, kind: "zone", name: z.name, reference: z.reference, zone_id: z.zone_id })),
    ].filter((place) => has(text, `${place.reference} ${place.name}`)).slice(0, limit);
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
    const of = { kinds: line.kind, looks: line.look, ages: line.freshness, communes: this.#code(line.commune), services: this.#room.at(line.point).service }[sort];
    return filter[sort].length === 0 || (filter[sort] as string[]).includes(of);
  }

  #code(commune: string): string {
    return this.#room.city.city.communes.find(({ name }) => name === commune)?.insee_code ?? "";
  }

  #isUrgent(line: ObjectLine): boolean {
    return this.#room.alarms.urgent.has(line.equipment_id);
  }

  #tally(filter: ObjectFilter): Tally {
    const scope = this.#room.lines.filter((line) => this.#keeps({ ...filter, ...EVERYTHING }, line));
    const but = (sort: Sort): ObjectLine[] => scope.filter((line) => SORTS.every((other) => other === sort || this.#chooses(filter, other, line)));
    const count = (sort: Sort, is: (line: ObjectLine) => boolean): number => but(sort).filter(is).length;
    return {
      total: scope.length, kept: scope.filter((line) => this.#keeps(filter, line)).length,
      kinds: KINDS.map((kind) => count("kinds", (line) => line.kind === kind)), looks: LOOKS.map((look) => count("looks", (line) => line.look === look)),
      ages: AGES.map((age) => count("ages", (line) => line.freshness === age)),
      services: [...SERVICES, { code: "", name: "" }].map(({ code, name }) => ({ code, name, objects: count("services", (line) => this.#room.at(line.point).service === code) })),
      communes: this.#room.city.city.communes.map(({ insee_code, name }) => ({ insee_code, name, objects: count("communes", (line) => line.commune === name) })),
    };
  }

  #sources(): SourceView[] {
    const { heard } = this.#room;
    const count = (kind: string): number => this.#room.lines.filter((line) => line.kind === kind).length;
    const source = (code: string, name: string, kind: SourceView["covers"][number] | null, state: SourceView["state"], ago: number, error: string | null = null): SourceView => ({
      code, name, state, covers: kind ? [kind] : [], objects: kind ? count(kind) : 0, tried_at: heard - (error ? 20_000 : ago), contact_at: heard - ago, period_ms: 180_000,
      delay_ms: 1800, error, error_since: error ? heard - ago + 60_000 : null,
    });
    return [
      source("lighting", "Éclairage public (télégestion)", "street_light", "stale", 540_000),
      source("hubeau", "Hub'Eau hydrométrie", "gauge", "failing", 2_700_000, "timeout"),
      source("signals", "Carrefours à feux (poste central)", "signal_junction", "live", 30_000),
      source("cameras", "Vidéoprotection (état des caméras)", "camera", "live", 12_000),
      source("requests", "Demandes Open311", null, "live", 40_000),
    ];
  }
}

/** Six reports, one of which is missing. */
function history(object: FakeObject, before: number): HistoryLine[] {
  const { reading, look } = object.line;
  const levels = [0, 30, 30, 70, 70, 100];
  return [1, 2, 3, 5, 6, 7].map((step, i) => ({
    observed_at: before - step * 1_500_000, reading: typeof reading.level === "number" ? { ...reading, level: levels[i] ?? 0 } : reading,
    look, quality: "good" as const, mode: "programme" as const, source: object.line.kind === "street_light" ? "concentrator" : "controller",
  }));
}

function has(text: string, within: string): boolean {
  const fold = (words: string): string => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return fold(text).split(/\s+/).filter(Boolean).every((word) => fold(within).includes(word));
}
