/** A zone being drawn or changed: what is typed and drawn, what is wrong in it, what stands in it, what became of saving it. */
import type { JsonValue, ZoneArgs, ZoneChanged, ZoneCheck, ZoneKind, ZoneView } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { appended, cornerAt, cornerCount, drawingOf, EMPTY, FEWEST, inserted, moved, outlineOf, removed, type Corner, type Drawing } from "../map/rings";
import type { CityState } from "./city.svelte";
import type { Shelf } from "./shelf";

/** Between two strokes of who draws, ms. */
const REST = 250;
/** Strokes that can be taken back. */
const STEPS = 100;

const PREFIX: Record<ZoneKind, string> = { cctv: "ZV", flood: "ZI", closed_building: "BF", district: "Q" };

interface Kept {
  reference: string;
  name: string;
  kind: ZoneKind;
  drawing: Drawing;
}

export class ZoneForm {
  reference = $state("");
  name = $state("");
  kind = $state<ZoneKind>("cctv");
  drawing = $state.raw<Drawing>(EMPTY);
  /** The corner that is chosen. */
  at = $state<number | null>(null);
  /** Counts how often a corner was chosen that is to be brought into view: in the list, or by key. */
  shown = $state(0);
  /** Corners are put one after the other; else they are changed. */
  open = $state(false);
  /** Where the corner was that follows the middle of the map; null while none does. */
  taken = $state.raw<Corner | null>(null);
  check = $state.raw<ZoneCheck | null>(null);
  busy = $state(false);
  error = $state<string | null>(null);
  /** Somebody else's change, that the metropolis told of when this one was to be saved. */
  refused = $state.raw<ZoneChanged | null>(null);
  /** What was typed here before was taken up. */
  takenUp = $state(false);
  /** The revision that is changed. */
  after = $state<number | null>(null);
  /** The zone as it was opened; null for a new one. */
  readonly of: ZoneView | null;
  readonly kinds: readonly ZoneKind[];
  #past = $state.raw<readonly { drawing: Drawing; at: number | null; open: boolean }[]>([]);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;
  readonly #shelf: Shelf;
  readonly #city: CityState;

  constructor(host: Host, shelf: Shelf, of: ZoneView | null, kinds: readonly ZoneKind[], city: CityState) {
    this.#host = host;
    this.#shelf = shelf;
    this.#city = city;
    this.of = of;
    this.kinds = kinds;
    this.#begin(of);
    const kept = shelf.of(this.key);
    if (isKept(kept)) {
      Object.assign(this, { name: kept.name, kind: kept.kind, drawing: kept.drawing });
      if (of === null) this.reference = kept.reference;
      this.open = cornerCount(this.drawing) < FEWEST;
      this.takenUp = true;
    }
    this.#look();
  }

  /** Under which it is kept: per zone and revision, so that nobody's later change is written over by what was typed before it. */
  get key(): string {
    return this.of === null ? "zone/new" : `zone/${this.of.zone_id}/${this.after ?? 0}`;
  }

  /** The zone as the room has it now: undefined when it is gone. */
  get now(): ZoneView | undefined {
    return this.#city.zones.find((zone) => zone.zone_id === this.of?.zone_id);
  }

  /** Somebody else changed the zone while it was open here. */
  get overtaken(): ZoneChanged | null {
    if (this.of === null) return null;
    const { now } = this;
    if (this.refused) return this.refused;
    return now && now.revision !== this.after ? { by: now.changed_by, at: now.changed_at } : null;
  }

  get gone(): boolean {
    return this.of !== null && this.now === undefined && this.#city.zones.length > 0;
  }

  get corners(): number {
    return cornerCount(this.drawing);
  }

  get enough(): boolean {
    return this.drawing.rings.every((ring) => ring.length >= FEWEST);
  }

  get ready(): boolean {
    return !this.busy && !this.open && this.taken === null && this.check?.faults.length === 0 && this.overtaken === null && !this.gone;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  typed(): void {
    this.error = null;
    this.#keep();
    this.#look();
  }

  /** A new zone of another kind has the next reference of that kind, unless one was typed. */
  choose(kind: ZoneKind): void {
    const offered = this.of === null && this.reference === this.#nextReference(this.kind);
    this.kind = kind;
    if (offered) this.reference = this.#nextReference(kind);
    this.typed();
  }

  /** Chooses a corner from where the map is not looked at: it is brought into view. */
  show(n: number): void {
    this.at = n;
    this.shown++;
  }

  put(to: Corner): void {
    if (this.open) this.#draw(appended(this.drawing, to), this.corners);
  }

  /** The outline is whole: its corners can be changed. */
  finish(): void {
    if (this.open && this.enough) this.#draw(this.drawing, null, false);
  }

  /** A corner is dragged: one step, however long its way. */
  drag(n: number, to: Corner, last: boolean): void {
    if (!this.#dragging) this.#step();
    this.#dragging = !last;
    this.drawing = moved(this.drawing, n, to);
    if (last) this.typed();
  }

  #dragging = false;

  insert(n: number, to?: Corner): void {
    this.#draw(inserted(this.drawing, n, to), n + 1);
  }

  remove(n: number): boolean {
    const without = removed(this.drawing, n);
    if (without === this.drawing) return false;
    this.#draw(without, Math.min(n, cornerCount(without) - 1));
    return true;
  }

  /** Moves the chosen corner by so much, degrees. */
  nudge(east: number, north: number): void {
    const corner = this.at === null ? null : cornerAt(this.drawing, this.at);
    if (corner) this.#draw(moved(this.drawing, this.at!, [corner[0] + east, corner[1] + north]), this.at);
  }

  /** The chosen corner follows the middle of the map from now on. */
  take(n: number): void {
    this.at = n;
    this.taken = cornerAt(this.drawing, n);
    if (this.taken) this.#step();
  }

  /** Where the middle of the map is. */
  middle(to: Corner): void {
    if (this.taken && this.at !== null) this.drawing = moved(this.drawing, this.at, to);
  }

  /** It stays where it is now. */
  leave(): void {
    this.taken = null;
    this.typed();
  }

  /** It goes back to where it was. */
  giveUp(): void {
    if (this.taken && this.at !== null) this.drawing = moved(this.drawing, this.at, this.taken);
    this.taken = null;
    this.#past = this.#past.slice(0, -1);
    this.typed();
  }

  undo(): void {
    const last = this.#past.at(-1);
    if (!last) return;
    this.taken = null;
    this.#past = this.#past.slice(0, -1);
    Object.assign(this, last);
    this.typed();
  }

  /** Begins again from the zone as it is now: what was typed here is thrown away, by who typed it. */
  anew(): void {
    this.#shelf.discard(this.key);
    this.#begin(this.of === null ? null : (this.now ?? this.of));
    this.#look();
  }

  /** Keeps what is drawn here, in full knowledge of the change that it will write over. */
  over(): void {
    const { now } = this;
    if (!now) return;
    this.#shelf.discard(this.key);
    this.refused = null;
    this.after = now.revision;
    this.typed();
  }

  /** Saves it in the metropolis; whether it did. */
  save(): Promise<boolean> {
    return this.#change(() => this.#host.call("save_zone", this.#args()));
  }

  drop(): Promise<boolean> {
    return this.#change(() => this.#host.call("drop_zone", { zone_id: this.of?.zone_id ?? "", after: this.after ?? 0 }));
  }

  async #change(ask: () => Promise<{ changed: ZoneChanged | null }>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      const { changed } = await ask();
      this.refused = changed;
      if (changed) return false;
      this.#shelf.discard(this.key);
      return true;
    } catch (error) {
      this.error = asHostError(error).code;
      return false;
    } finally {
      this.busy = false;
    }
  }

  #begin(of: ZoneView | null): void {
    this.#past = [];
    this.taken = this.at = this.refused = this.error = null;
    this.takenUp = false;
    this.after = of === null ? null : of.revision;
    this.kind = (of?.kind as ZoneKind | undefined) ?? this.kinds[0] ?? "cctv";
    this.reference = of?.reference ?? this.#nextReference(this.kind);
    this.name = of?.name ?? "";
    this.drawing = of === null ? EMPTY : drawingOf(of.outline);
    this.open = of === null;
  }

  #nextReference(kind: ZoneKind): string {
    const taken = new Set(this.#city.zones.map((zone) => zone.reference));
    for (let n = 1; ; n++) {
      const reference = `${PREFIX[kind]}-${String(n).padStart(2, "0")}`;
      if (!taken.has(reference)) return reference;
    }
  }

  #step(): void {
    this.#past = [...this.#past, { drawing: this.drawing, at: this.at, open: this.open }].slice(-STEPS);
  }

  #draw(drawing: Drawing, at: number | null, open = this.open): void {
    this.#step();
    Object.assign(this, { drawing, at, open });
    this.typed();
  }

  #args(): ZoneArgs {
    return {
      zone_id: this.of?.zone_id ?? null, after: this.after, reference: this.reference, name: this.name, kind: this.kind,
      outline: outlineOf(this.drawing),
    };
  }

  #keep(): void {
    const kept: Kept = { reference: this.reference, name: this.name, kind: this.kind, drawing: this.drawing };
    this.#shelf.keep(this.key, JSON.parse(JSON.stringify(kept)) as JsonValue);
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), REST);
  }

  async look(): Promise<void> {
    const mine = ++this.#asked;
    try {
      const check = await this.#host.call("check_zone", this.#args());
      if (mine === this.#asked) this.check = check;
    } catch (error) {
      if (mine === this.#asked) this.error = asHostError(error).code;
    }
  }
}

/** Whether what was kept can be gone on with. */
function isKept(kept: JsonValue | undefined): kept is JsonValue & Kept {
  if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return false;
  const { name, reference, kind, drawing } = kept;
  const texts = [name, reference, kind].every((text) => typeof text === "string");
  if (!texts || typeof drawing !== "object" || drawing === null || Array.isArray(drawing)) return false;
  return Array.isArray(drawing.rings) && drawing.rings.every(Array.isArray) && Array.isArray(drawing.parts);
}
