/** An area while it is drawn: its corners so far, and the side that would close it. */
import * as L from "leaflet";

export class AreaSketch {
  readonly #pane: string;
  #shape: L.Polygon | null = null;

  constructor(pane: string) {
    this.#pane = pane;
  }

  /** Whether an area is being drawn. */
  get drawing(): boolean {
    return this.#shape !== null;
  }

  /** Shows these corners; null ends the drawing. */
  show(map: L.Map, corners: readonly [number, number][] | null): void {
    if (corners === null) {
      this.#shape?.remove();
      this.#shape = null;
      map.getContainer().style.cursor = "";
      return;
    }
    this.#shape ??= L.polygon([], { pane: this.#pane, className: "sketch", interactive: false, weight: 2.5, dashArray: "7 5", fillOpacity: 0.12 }).addTo(map);
    this.#shape.setLatLngs(corners.map(([lon, lat]) => L.latLng(lat, lon)));
    map.getContainer().style.cursor = "crosshair";
  }
}
