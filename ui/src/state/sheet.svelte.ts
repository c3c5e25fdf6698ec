/** The object whose sheet is open, kept up to date while it is. */
import type { HistoryLine, ObjectSheet } from "../host/bindings";
import { asHostError, type Host } from "../host/host";

const REST = 250;

export class SheetState {
  sheet = $state.raw<ObjectSheet | null>(null);
  /** Why the sheet cannot be shown. */
  error = $state<string | null>(null);
  older = $state.raw<readonly HistoryLine[]>([]);
  olderEnded = $state(false);
  olderError = $state<string | null>(null);
  #equipmentId = $state<string | null>(null);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get open(): boolean {
    return this.#equipmentId !== null || this.error !== null;
  }

  get equipmentId(): string | null {
    return this.#equipmentId;
  }

  /** The point of the map that is selected. */
  get point(): number | null {
    return this.sheet?.line.point ?? null;
  }

  async show(equipmentId: string): Promise<void> {
    if (equipmentId !== this.#equipmentId) this.#start(equipmentId);
    await this.#read(() => this.#host.call("object", { equipment_id: equipmentId }));
  }

  async showPoint(point: number): Promise<void> {
    if (point === this.point) return;
    this.#start(null);
    await this.#read(() => this.#host.call("object_at", { point }));
  }

  close(): void {
    this.#asked++;
    this.#start(null);
  }

  /** It may have changed: read again shortly. */
  touched(): void {
    const id = this.#equipmentId;
    if (id === null || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#equipmentId === id) void this.#read(() => this.#host.call("object", { equipment_id: id }));
    }, REST);
  }

  /** Asks the metropolis for more of the past. */
  async readOlder(): Promise<void> {
    const sheet = this.sheet;
    if (!sheet) return;
    const last = this.older.at(-1) ?? sheet.history.at(-1);
    const before = last?.observed_at ?? sheet.line.observed_at ?? 0;
    const id = sheet.line.equipment_id;
    try {
      const lines = await this.#host.call("history", { equipment_id: id, before });
      if (this.#equipmentId !== id) return;
      this.older = [...this.older, ...lines];
      this.olderEnded = lines.length === 0;
      this.olderError = null;
    } catch (error) {
      this.olderError = asHostError(error).code;
    }
  }

  #start(equipmentId: string | null): void {
    this.#equipmentId = equipmentId;
    this.sheet = null;
    this.error = null;
    this.older = [];
    this.olderEnded = false;
    this.olderError = null;
  }

  async #read(ask: () => Promise<ObjectSheet>): Promise<void> {
    const asked = ++this.#asked;
    try {
      const sheet = await ask();
      if (asked !== this.#asked) return;
      this.#equipmentId = sheet.line.equipment_id;
      this.sheet = sheet;
      this.error = null;
    } catch (error) {
      if (asked === this.#asked) this.error = asHostError(error).code;
    }
  }
}
