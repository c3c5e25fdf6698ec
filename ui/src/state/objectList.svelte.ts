/** The list twin of the map: worst first, read page by page as it is scrolled. */
import type { EquipmentKind, Freshness, Look, ObjectFilter, ObjectLine, Tally } from "../host/bindings";
import type { Host } from "../host/host";
import { EVERYTHING, isNarrow, type Choice } from "./choice";
import { Pages, type Page } from "./pages.svelte";

/** Not read again more often than this while the city lives, ms. */
const REST = 1500;

export class ObjectList {
  abnormal = $state(true);
  inView = $state(false);
  kinds = $state.raw<readonly EquipmentKind[]>([]);
  looks = $state.raw<readonly Look[]>([]);
  /** INSEE codes. */
  communes = $state.raw<readonly string[]>([]);
  /** Codes; empty for objects of no service. */
  services = $state.raw<readonly string[]>([]);
  ages = $state.raw<readonly Freshness[]>([]);
  /** The points that one sign of the map stands for, while they are listed. */
  gathered = $state.raw<readonly number[]>([]);
  /** Objects that would be listed but for what is chosen. */
  hidden = $state(0);
  byLook = $state.raw<readonly number[]>([]);
  #bounds: ObjectFilter["bounds"] = null;
  #readAt = -Infinity;
  readonly #pages: Pages<ObjectLine>;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.#pages = new Pages((offset, limit) => this.#ask(offset, limit), (line) => line.equipment_id);
  }

  get total(): number {
    return this.#pages.total;
  }

  get loaded(): boolean {
    return this.#pages.loaded;
  }

  /** Line that has the focus. */
  get active(): number {
    return this.#pages.active;
  }

  set active(index: number) {
    this.#pages.active = index;
  }

  /** What is chosen, on the map and in the list alike. */
  get choice(): Choice {
    return { kinds: this.kinds, looks: this.looks, communes: this.communes, services: this.services, ages: this.ages };
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
    return this.#pages.line(index);
  }

  /** Lines held now, in order: what the map writes names from. */
  get held(): ObjectLine[] {
    return this.#pages.held;
  }

  get activeLine(): ObjectLine | undefined {
    return this.#pages.activeLine;
  }

  /** Where an object stands among the lines held; -1 when it is not. */
  find(equipmentId: string): number {
    return this.#pages.find(equipmentId);
  }

  /** These lines are on the screen. */
  show(from: number, to: number): void {
    this.#pages.show(from, to);
  }

  filter(change: Partial<Pick<ObjectList, "abnormal" | "inView" | "kinds" | "looks" | "communes" | "services" | "ages" | "gathered">>): void {
    Object.assign(this, change);
    this.#pages.restart();
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
    this.#pages.soon(delay);
  }

  read(): Promise<void> {
    return this.#pages.read();
  }

  #chosen(): Pick<ObjectFilter, "kinds" | "looks" | "communes" | "services" | "ages"> {
    return { kinds: [...this.kinds], looks: [...this.looks], communes: [...this.communes], services: [...this.services], ages: [...this.ages] };
  }

  async #ask(offset: number, limit: number): Promise<Page<ObjectLine>> {
    const asked = (this.#readAt = performance.now());
    const page = await this.#host.call("objects", {
      ...this.#chosen(), offset, limit,
      // A sign's objects are listed whole, wherever the view has moved since.
      ...(this.gathered.length > 0
        ? { points: [...this.gathered], abnormal: false, bounds: null }
        : { points: [], abnormal: this.abnormal, bounds: this.inView ? this.#bounds : null }),
    });
    // A later question has the later answer.
    if (asked === this.#readAt) {
      this.hidden = page.hidden;
      this.byLook = page.by_look;
    }
    return page;
  }
}
