/** An area while it is drawn on the map that is lent for it: its corners so far, and the side that would close it. */
import * as L from "leaflet";

export class AreaSketch {
  readonly #map: L.Map;
  readonly #shape: L.Polygon;
  readonly #put: (lon: number, lat: number) => void;

  /** `put` is told of each corner that is clicked. */
  constructor(map: L.Map, pane: string, put: (lon: number, lat: number) => void) {
    this.#map = map;
    this.#put = put;
    this.#shape = L.polygon([], { pane, className: "sketch", interactive: false, weight: 2.5, dashArray: "7 5", fillOpacity: 0.12 }).addTo(map);
    map.getContainer().style.cursor = "crosshair";
    map.on("click", this.#click, this);
  }

  show(corners: readonly (readonly [number, number])[]): void {
    this.#shape.setLatLngs(corners.map(([lon, lat]) => L.latLng(lat, lon)));
  }

  remove(): void {
    this.#map.off("click", this.#click, this);
    this.#shape.remove();
    this.#map.getContainer().style.cursor = "";
  }

  #click({ latlng }: L.LeafletMouseEvent): void {
    this.#put(latlng.lng, latlng.lat);
  }
}
