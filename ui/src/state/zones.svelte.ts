/** Zones of the map: kept up to date, and the one that is being drawn. */
import type { ZoneKind, ZoneView } from "../host/bindings";
import type { Host } from "../host/host";
import type { CityState } from "./city.svelte";
import { later } from "./later";
import type { Shelf } from "./shelf";
import type { ZoneForm } from "./zoneForm.svelte";

export class Zones {
  /** Kinds that somebody here may draw and change. */
  mayWrite = $state.raw<readonly ZoneKind[]>([]);
  form = $state.raw<ZoneForm | null>(null);
  readonly #host: Host;
  readonly #city: CityState;
  readonly #shelf: Shelf;

  constructor(host: Host, city: CityState, shelf: Shelf) {
    this.#host = host;
    this.#city = city;
    this.#shelf = shelf;
  }

  /** Read again shortly. */
  readonly touched = later(() => this.read());

  async read(): Promise<void> {
    const found = await this.#host.call("zones", {}).catch(() => null);
    this.mayWrite = found?.may_write ?? [];
    if (found) this.#city.zones = found.zones;
  }

  /** Opens the form on a zone, or on a new one. */
  async open(zone: ZoneView | null): Promise<void> {
    const { ZoneForm } = await import("./zoneForm.svelte");
    this.form = new ZoneForm(this.#host, this.#shelf, zone, this.mayWrite, this.#city);
  }

  /** One step back: a corner that follows the cross first goes back to where it was. */
  back(): void {
    if (this.form?.taken) this.form.giveUp();
    else this.close();
  }

  /** What is drawn is kept: Esc never discards it. */
  close(): void {
    this.form = null;
  }
}
