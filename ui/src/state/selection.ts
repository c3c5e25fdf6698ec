/** One selection for all windows of a desk: what is opened in one is shown in the others. */
import type { Selection } from "../host/bindings";
import type { Host } from "../host/host";
import type { SheetState } from "./sheet.svelte";

/** A sheet that closes to open another one is not a selection that ended. */
const REST = 80;

export class SharedSelection {
  readonly #host: Host;
  readonly #sheet: SheetState;
  /** This page among the desk's: it ignores its own echo. */
  readonly #window: string;
  #told: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, sheet: SheetState, window: string = crypto.randomUUID()) {
    this.#host = host;
    this.#sheet = sheet;
    this.#window = window;
  }

  /** This page shows another object now, or none. */
  share(equipmentId: string | null): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (equipmentId === this.#told) return;
      this.#told = equipmentId;
      void this.#host.call("select", { equipment_id: equipmentId, window: this.#window }).catch(() => undefined);
    }, REST);
  }

  /** Another window shows another object. */
  hear(selection: Selection): void {
    if (selection.window === this.#window) return;
    this.#show(selection.equipment_id);
  }

  /** What the other windows look at already, for a page that opens. */
  async takeUp(): Promise<void> {
    const { equipment_id } = await this.#host.call("selection", {}).catch(() => ({ equipment_id: null }));
    if (equipment_id !== null) this.#show(equipment_id);
  }

  #show(equipmentId: string | null): void {
    clearTimeout(this.#timer);
    this.#told = equipmentId;
    if (equipmentId === this.#sheet.equipmentId) return;
    if (equipmentId === null) this.#sheet.close();
    else void this.#sheet.show(equipmentId);
  }
}
