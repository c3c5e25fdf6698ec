/** The map as the screens use it: everything of Leaflet stays behind this. */
import * as L from "leaflet";
import type { City } from "../host/bindings";
import { AreaLayer } from "./areaLayer";
import type { Bounds } from "./bounds";
import { hit } from "./hit";
import { groundPaths } from "./ground";
import { GroundLayer } from "./groundLayer";
import type { PointGrid } from "./grid";
import { pixelsPerMetre, scaleBar, toDegrees, toMercator } from "./mercator";
import { OverlayLayer, type PointLabel } from "./overlayLayer";
import { css, type Palette } from "./palette";
import { PointLayer } from "./pointLayer";

export interface MapView {
  zoom: number;
  lon: number;
  lat: number;
  /** West, south, east, north. */
  bounds: [number, number, number, number];
  bar: { metres: number; pixels: number };
}

/** What is shown. */
export interface Shows {
  /** Indices of kinds; all when empty. */
  kinds: readonly number[];
  /** By state byte. */
  states: readonly boolean[];
  /** 1 by index in the grid; null for all. */
  points: Uint8Array | null;
}

/** Something that stands at a place of the map. */
export interface Spot {
  point: number;
  lon: number;
  lat: number;
}

export interface MapEvents {
  /** A point was picked, or none. */
  pick(point: number | null): void;
  moved(view: MapView): void;
  /** Where the pointer is, or null when it left. */
  pointer(at: { lon: number; lat: number } | null): void;
  painted(points: number): void;
  /** A sign that stands for several was picked: these points, the worst first. */
  gathered(points: readonly number[]): void;
}

/** Pixels around the pointer within which a point is hit. */
const HIT_RADIUS = 11;
/** A sign and the count at its corner. */
const CLUSTER_RADIUS = 22;

export class CityMap {
  readonly #map: L.Map;
  readonly #ground: GroundLayer;
  readonly #areas: AreaLayer;
  readonly #points: PointLayer;
  readonly #overlay: OverlayLayer;
  readonly #events: MapEvents;
  readonly #watch: ResizeObserver;
  readonly #element: HTMLElement;
  #grid: PointGrid | null = null;
  #placed = false;

  constructor(element: HTMLElement, colours: Palette, calm: boolean, events: MapEvents) {
    this.#events = events;
    this.#element = element;
    this.#paintGround(colours);
    this.#map = L.map(element, {
      zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, keyboard: true, inertia: !calm,
      zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: false, wheelPxPerZoomLevel: 90, zoomSnap: 0.5, boxZoom: false,
    });
    const pane = (name: string, level: number): string => {
      this.#map.createPane(name).style.zIndex = String(level);
      return name;
    };
    this.#ground = new GroundLayer(pane("ground", 100), colours);
    this.#points = new PointLayer(pane("points", 300), colours, {
      painted: (count) => events.painted(count),
      clustered: (clusters, ratio) => this.#overlay.setClusters(clusters, ratio),
    });
    this.#areas = new AreaLayer(pane("areas", 200), colours, this.#points.shown);
    this.#overlay = new OverlayLayer(pane("overlay", 400), colours, this.#points.shown);
    this.#map.on("click", (event) => this.#pick(event.latlng));
    this.#map.on("moveend", () => this.#moved());
    this.#map.on("mousemove", (event) => events.pointer({ lon: event.latlng.lng, lat: event.latlng.lat }));
    this.#map.on("mouseout", () => events.pointer(null));
    this.#watch = new ResizeObserver(() => this.#resized());
    this.#watch.observe(element);
  }

  /** A new city: every point identifier is new. */
  setCity(city: City, grid: PointGrid): void {
    this.#grid = grid;
    this.#overlay.selected = this.#overlay.focused = -1;
    if (!this.#placed) {
      this.#placed = true;
      this.#fit(grid);
      for (const layer of [this.#ground, this.#areas, this.#points, this.#overlay]) layer.addTo(this.#map);
    }
    this.#ground.setPaths(groundPaths(city));
    this.#areas.setCity(city);
    this.#points.setGrid(grid);
    this.#overlay.setCity(city, grid);
    this.#moved();
  }

  /** `cut`: the desk's link is lost, and nothing on the map is live. */
  setPalette(colours: Palette, cut: boolean): void {
    this.#paintGround(colours);
    this.#ground.setPalette(colours);
    this.#areas.setPalette(colours);
    this.#points.setPalette(colours, cut);
    this.#overlay.setPalette(colours);
  }

  changed(indices: readonly number[]): void {
    this.#points.changed(indices);
    this.#overlay.changed(indices);
  }

  /** Tells of the sign that stands for several and is nearest to the middle of the view. False when there is none. */
  gatherMiddle(): boolean {
    const grid = this.#grid;
    if (!grid || !this.#placed) return false;
    const centre = this.#map.getCenter();
    const { x, y } = toMercator(centre.lng, centre.lat);
    const cluster = this.#overlay.clusterAt(x, y, Infinity);
    if (!cluster) return false;
    this.#events.gathered(cluster.members.map((index) => grid.ids[index]!));
    return true;
  }

  /** Shows only these kinds, states and points; all of what is empty or null. */
  show({ kinds, states, points }: Shows): void {
    const { shown } = this.#points;
    states.forEach((is, state) => (shown.states[state] = is ? 1 : 0));
    shown.points = points;
    shown.kinds.forEach((_, kind) => (shown.kinds[kind] = kinds.length === 0 || kinds.includes(kind) ? 1 : 0));
    this.#points.filtered();
    for (const layer of [this.#areas, this.#overlay]) layer.redraw();
  }

  setLabels(labels: readonly PointLabel[]): void {
    this.#overlay.labels = labels;
    this.#overlay.redraw();
  }

  /** Marks the object of the sheet, and the line that has the focus in the list. */
  mark(selected: number | null, focused: number | null): void {
    this.#overlay.selected = this.#index(selected);
    this.#overlay.focused = this.#index(focused);
    this.#overlay.redraw();
  }

  /** Brings a place into view without changing more than is needed. */
  reveal(lon: number, lat: number, zoom?: number): void {
    if (!this.#placed) return;
    const place = L.latLng(lat, lon);
    const target = Math.max(zoom ?? 0, this.#map.getZoom());
    const inner = this.#map.getBounds().pad(-0.15);
    if (target === this.#map.getZoom() && inner.contains(place)) return;
    this.#map.setView(place, target, { animate: false });
  }

  /** Shows the whole of a place, from no nearer than its street can be read. */
  frame([west, south, east, north]: Bounds): void {
    if (this.#placed) this.#map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24], maxZoom: 17 });
  }

  /** Zooms around what is selected while it is in view, else around the middle. */
  zoomBy(step: number): void {
    const zoom = this.#map.getZoom() + step;
    const place = this.#selectedPlace();
    if (place && this.#map.getBounds().contains(place)) this.#map.setZoomAround(place, zoom);
    else this.#map.setZoom(zoom);
  }

  wholeCity(): void {
    if (this.#grid) this.#fit(this.#grid);
  }

  destroy(): void {
    this.#watch.disconnect();
    this.#map.remove();
  }

  #paintGround(colours: Palette): void {
    this.#element.style.backgroundColor = css(colours["map-out"]);
  }

  /** A panel opened or closed: nothing moves under the pointer, unless what is selected would be hidden. */
  #resized(): void {
    this.#map.invalidateSize({ pan: false, animate: false });
    const place = this.#selectedPlace();
    if (place && !this.#map.getBounds().pad(-0.25).contains(place)) this.#map.panTo(place, { animate: false });
  }

  #selectedPlace(): L.LatLng | null {
    const grid = this.#grid;
    const index = this.#overlay.selected;
    if (!grid || index < 0 || !this.#placed) return null;
    const { lon, lat } = toDegrees(grid.originX + grid.x[index]!, grid.originY + grid.y[index]!);
    return L.latLng(lat, lon);
  }

  #index(point: number | null): number {
    return point === null || !this.#grid ? -1 : this.#grid.indexOf(point);
  }

  #fit(grid: PointGrid): void {
    const { minX, minY, maxX, maxY } = grid.extent;
    const south = toDegrees(grid.originX + minX, grid.originY + minY);
    const north = toDegrees(grid.originX + maxX, grid.originY + maxY);
    this.#map.fitBounds([[south.lat, south.lon], [north.lat, north.lon]], { animate: false, padding: [8, 8] });
  }

  #pick(at: L.LatLng): void {
    const grid = this.#grid;
    if (!grid) return;
    const { x, y } = toMercator(at.lng, at.lat);
    const cluster = this.#overlay.clusterAt(x, y, CLUSTER_RADIUS);
    if (cluster) {
      this.#events.gathered(cluster.members.map((index) => grid.ids[index]!));
      return;
    }
    const radius = HIT_RADIUS / pixelsPerMetre(this.#map.getZoom());
    const found = hit(grid, x - grid.originX, y - grid.originY, radius, (index) => this.#points.shown.has(grid, index));
    this.#events.pick(found < 0 ? null : grid.ids[found]!);
  }

  #moved(): void {
    if (!this.#placed) return;
    const centre = this.#map.getCenter();
    const bounds = this.#map.getBounds();
    const zoom = this.#map.getZoom();
    this.#events.moved({
      zoom, lon: centre.lng, lat: centre.lat,
      bounds: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      bar: scaleBar(zoom, centre.lat, 110),
    });
  }
}
