/** Which layers the map shows: kept for the desk on this machine, each window its own. */
import { ALL_LAYERS, LAYERS, type Layer, type Layers } from "../map/layers";

const KEPT = "vigie.layers.";

export class LayerChoice {
  shown = $state.raw<Layers>(ALL_LAYERS);
  #key = KEPT;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Takes the layers of a desk's window; all of them where nothing was kept. Kept are those left out: a new layer is shown. */
  of(desk: string, window: string): void {
    this.#key = `${KEPT}${desk} ${window}`;
    const hidden = (this.#storage.getItem(this.#key) ?? "").split(" ");
    this.shown = new Set(LAYERS.filter((layer) => !hidden.includes(layer)));
  }

  /** Shows these and no others. */
  choose(layers: Iterable<Layer>): void {
    this.shown = new Set(layers);
    const hidden = LAYERS.filter((layer) => !this.shown.has(layer));
    if (hidden.length === 0) this.#storage.removeItem(this.#key);
    else this.#storage.setItem(this.#key, hidden.join(" "));
  }

  toggle(layer: Layer): void {
    this.choose(LAYERS.filter((one) => (one === layer) !== this.shown.has(one)));
  }
}
