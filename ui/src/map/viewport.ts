/** Where the map looks, and how it is led elsewhere. Places are degrees. */
import * as L from "leaflet";
import type { Bounds } from "./bounds";
import type { Place } from "./geodesy";
import type { PointGrid } from "./grid";
import type { MapView } from "./mapEvents";
import { scaleBar, toDegrees } from "./mercator";

/** Longest bar of the scale, pixels. */
const BAR = 110;
/** No nearer than a street can be read. */
const STREET = 17;

export class Viewport {
  readonly #map: L.Map;

  constructor(map: L.Map) {
    this.#map = map;
  }

  middle(): Place {
    const { lng, lat } = this.#map.getCenter();
    return { lon: lng, lat };
  }

  view(): MapView {
    const { lon, lat } = this.middle();
    const bounds = this.#map.getBounds();
    const zoom = this.#map.getZoom();
    return { zoom, lon, lat, bounds: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], bar: scaleBar(zoom, lat, BAR) };
  }

  /** Brings a place into view without changing more than is needed. */
  reveal(lon: number, lat: number, zoom = 0): void {
    const place = L.latLng(lat, lon);
    const target = Math.max(zoom, this.#map.getZoom());
    if (target === this.#map.getZoom() && this.#map.getBounds().pad(-0.15).contains(place)) return;
    this.#map.setView(place, target, { animate: false });
  }

  /** Brings a place to the middle when it would be at the edge. */
  keep({ lon, lat }: Place): void {
    const place = L.latLng(lat, lon);
    if (!this.#map.getBounds().pad(-0.25).contains(place)) this.#map.panTo(place, { animate: false });
  }

  /** Shows the whole of a place. */
  frame([west, south, east, north]: Bounds): void {
    this.#map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24], maxZoom: STREET });
  }

  /** Shows a view as it was: as near as shows all of it. */
  restore([west, south, east, north]: Bounds): void {
    // A thousandth less: what was the whole of a screen must not be too large for the same screen.
    this.#map.fitBounds(L.latLngBounds([south, west], [north, east]).pad(-0.001), { animate: false });
  }

  /** Zooms around a place while it is in view, else around the middle. */
  zoomBy(step: number, around: Place | null): void {
    const zoom = this.#map.getZoom() + step;
    const place = around && L.latLng(around.lat, around.lon);
    if (place && this.#map.getBounds().contains(place)) this.#map.setZoomAround(place, zoom);
    else this.#map.setZoom(zoom);
  }

  /** Shows all points. */
  whole(grid: PointGrid): void {
    const { minX, minY, maxX, maxY } = grid.extent;
    const south = toDegrees(grid.originX + minX, grid.originY + minY);
    const north = toDegrees(grid.originX + maxX, grid.originY + maxY);
    this.#map.fitBounds([[south.lat, south.lon], [north.lat, north.lon]], { animate: false, padding: [8, 8] });
  }
}

/** Where a point of the grid stands. */
export function placeOf(grid: PointGrid, index: number): Place {
  return toDegrees(grid.originX + grid.x[index]!, grid.originY + grid.y[index]!);
}
