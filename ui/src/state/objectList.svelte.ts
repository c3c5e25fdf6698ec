/** The list twin of the map: worst first, read page by page as it is scrolled. */
import type { EquipmentKind, Freshness, Look, ObjectFilter, ObjectLine, Tally } from "../host/bindings";
import type { Host } from "../host/host";
import { EVERYTHING, isNarrow, type Choice } from "./choice";

const PAGE = 60;
/** Not read again more often than this while the city lives, ms. */
const REST = 1500;

export class ObjectList {
  abnormal = $state(true);
  inView = $state(false);
  kinds = $state.raw<readonly EquipmentKind[]>([]);
  looks = $state.raw<readonly Look[]>([]);
  /** INSEE codes. */
  communes = $state.raw<readonly string[]>([]);
  ages = $state.raw<readonly Freshness[]>([]);
  /** The points that one sign of the map stands for, while they are listed. */
  gathered = $state.raw<readonly number[]>([]);
  total = $state(0);
  /** Objects that would be listed but for what is chosen. */
  hidden = $state(0);
  byLook = $state.raw<readonly number[]>([]);
  loaded = $state(false);
  /** Line that has the focus. */
  active = $state(0);
  #lines = $state.raw<ReadonlyMap<number, ObjectLine>>(new Map());
  #bounds: ObjectFilter["bounds"] = null;
  #from = 0;
  #to = PAGE;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #readAt = -Infinity;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What is chosen, on the map and in the list alike. */
  get choice(): Choice {
    return { kinds: this.kinds, looks: this.looks, communes: this.communes, ages: this.ages };
  }

  /** Whether anything is hidden by choice. */
  get narrowed(): boolean {
    return isNarrow(this.choice);
  }

  /** Undoes every choice. */
  showAll(): void {
    if (this.narrowed) this.filter(EVERYTHING);
  }

  /** How many objects each choice would keep in the whole city, the other sorts standing. */
  tally(): Promise<Tally> {
    return this.#host.call("tally", { ...this.#chosen(), points: [], abnormal: false, bounds: null, offset: 0, limit: 0 });
  }

  line(index: number): ObjectLine | undefined {
    return this.#lines.get(index);
  }

  /** Lines held now, in order: what the map writes names from. */
  get held(): ObjectLine[] {
    return [...this.#lines.entries()].sort(([a], [b]) => a - b).map(([, line]) => line);
  }

  get activeLine(): ObjectLine | undefined {
    return this.#lines.get(this.active);
  }

  /** Where an object stands among the lines held; -1 when it is not. */
  find(equipmentId: string): number {
    for (const [index, line] of this.#lines) if (line.equipment_id === equipmentId) return index;
    return -1;
  }

  /** These lines are on the screen. */
  show(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    for (let i = from; i < Math.min(to, this.total); i++) {
      if (!this.#lines.has(i)) {
        this.soon(0);
        return;
      }
    }
  }

  filter(change: Partial<Pick<ObjectList, "abnormal" | "inView" | "kinds" | "looks" | "communes" | "ages" | "gathered">>): void {
    Object.assign(this, change);
    this.active = 0;
    this.#from = 0;
    this.#to = PAGE;
    this.#lines = new Map();
    this.loaded = false;
    this.soon(0);
  }

  moved(bounds: [number, number, number, number]): void {
    this.#bounds = bounds;
    if (this.inView) this.soon(200);
  }

  /** Something changed: the list is read again, not more often than is useful. */
  touched(): void {
    this.soon(Math.max(100, this.#readAt + REST - performance.now()));
  }

  soon(delay: number): void {
    if (this.#timer !== undefined && delay > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.read();
    }, delay);
  }

  #chosen(): Pick<ObjectFilter, "kinds" | "looks" | "communes" | "ages"> {
    return { kinds: [...this.kinds], looks: [...this.looks], communes: [...this.communes], ages: [...this.ages] };
  }

  /** Reads the pages that hold the lines shown. */
  async read(): Promise<void> {
    const asked = ++this.#asked;
    this.#readAt = performance.now();
    const offset = Math.max(0, this.#from - PAGE / 4);
    const limit = Math.max(PAGE, this.#to - offset + PAGE / 4);
    const kept = this.activeLine?.equipment_id;
    const page = await this.#host
      .call("objects", {
        ...this.#chosen(), offset, limit,
        // A sign's objects are listed whole, wherever the view has moved since.
        ...(this.gathered.length > 0
          ? { points: [...this.gathered], abnormal: false, bounds: null }
          : { points: [], abnormal: this.abnormal, bounds: this.inView ? this.#bounds : null }),
      })
      .catch(() => null);
    if (page === null || asked !== this.#asked) return;
    this.total = page.total;
    this.hidden = page.hidden;
    this.byLook = page.by_look;
    this.#lines = new Map(page.lines.map((line, i) => [offset + i, line]));
    this.loaded = true;
    const moved = kept === undefined ? -1 : this.find(kept);
    if (moved >= 0) this.active = moved;
    else this.active = Math.max(0, Math.min(this.active, page.total - 1));
  }
}
