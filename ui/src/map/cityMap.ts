/** The map as the screens use it: everything of Leaflet stays behind this. */
import * as L from "leaflet";
import type { City } from "../host/bindings";
import { AreaLayer } from "./areaLayer";
import { AreaSketch } from "./areaSketch";
import type { Bounds } from "./bounds";
import { hit } from "./hit";
import { groundPaths } from "./ground";
import { GroundLayer } from "./groundLayer";
import type { PointGrid } from "./grid";
import type { Place } from "./geodesy";
import type { Layers } from "./layers";
import { pixelsPerMetre, scaleBar, toDegrees, toMercator } from "./mercator";
import { OverlayLayer, type PointLabel } from "./overlayLayer";
import { css, type Palette } from "./palette";
import { PointLayer } from "./pointLayer";
import type { TileGround } from "./tileGround";

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
  /** 1 by index in the grid for what is shown whatever else is chosen. */
  urgent: Uint8Array | null;
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
  pointer(at: Place | null): void;
  painted(points: number): void;
  /** A corner of the area that is being drawn was put. */
  corner(at: { lon: number; lat: number }): void;
  /** A sign that stands for several was picked: these points, the worst first. */
  gathered(points: readonly number[]): void;
  /** A place was picked while one measures. */
  placed(at: Place): void;
}

/** The pane of a ground of tiles. */
const TILES = "tiles";
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
  readonly #sketch: AreaSketch;
  readonly #events: MapEvents;
  readonly #watch: ResizeObserver;
  readonly #element: HTMLElement;
  #grid: PointGrid | null = null;
  #placed = false;
  #measuring = false;
  #city: City | null = null;
  #tiles: TileGround | null = null;
  #tileLayer: L.Layer | null = null;
  #colours: Palette;
  #cut = false;

  constructor(element: HTMLElement, colours: Palette, calm: boolean, events: MapEvents) {
    this.#events = events;
    this.#element = element;
    this.#colours = colours;
    this.#paintGround(colours);
    this.#map = L.map(element, {
      zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, keyboard: true, inertia: !calm,
      zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: false, wheelPxPerZoomLevel: 90, zoomSnap: 0.5, boxZoom: false,
    });
    const pane = (name: string, level: number): string => {
      this.#map.createPane(name).style.zIndex = String(level);
      return name;
    };
    pane(TILES, 90);
    this.#ground = new GroundLayer(pane("ground", 100), colours);
    this.#points = new PointLayer(pane("points", 300), colours, {
      painted: (count) => events.painted(count),
      clustered: (clusters, ratio) => this.#overlay.setClusters(clusters, ratio),
    });
    this.#areas = new AreaLayer(pane("areas", 200), colours, this.#points.shown);
    this.#overlay = new OverlayLayer(pane("overlay", 400), colours, this.#points.shown);
    this.#sketch = new AreaSketch(pane("sketch", 450));
    this.#map.on("click", (event) => {
      if (this.#sketch.drawing) events.corner({ lon: event.latlng.lng, lat: event.latlng.lat });
      else this.#pick(event.latlng);
    });
    this.#map.on("moveend", () => this.#moved());
    this.#map.on("mousemove", ({ latlng }) => this.#pointed({ lon: latlng.lng, lat: latlng.lat }));
    this.#map.on("mouseout", () => this.#pointed(null));
    this.#watch = new ResizeObserver(() => this.#resized());
    this.#watch.observe(element);
  }

  /** Shows the corners of an area that is being drawn; null when none is. */
  sketch(corners: readonly [number, number][] | null): void {
    this.#sketch.show(this.#map, corners);
  }

  /** Where the middle of the map is. */
  middle(): { lon: number; lat: number } {
    const { lng, lat } = this.#map.getCenter();
    return { lon: lng, lat };
  }

  /** A new city: every point identifier is new. */
  setCity(city: City, grid: PointGrid): void {
    this.#city = city;
    this.#grid = grid;
    this.#overlay.selected = this.#overlay.focused = -1;
    if (!this.#placed) {
      this.#placed = true;
      this.#fit(grid);
      for (const layer of [this.#ground, this.#areas, this.#points, this.#overlay]) layer.addTo(this.#map);
      this.#placeTiles();
    }
    this.#ground.setPaths(groundPaths(city));
    this.#areas.setCity(city, grid);
    this.#points.setGrid(grid);
    this.#overlay.setCity(city, grid);
    this.#moved();
  }

  /** `cut`: the desk's link is lost, and nothing on the map is live. */
  setPalette(colours: Palette, cut: boolean): void {
    this.#cut = cut;
    this.#colours = colours;
    this.#paintGround(colours);
    this.#placeTiles();
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
  show({ kinds, states, points, urgent }: Shows): void {
    const { shown } = this.#points;
    states.forEach((is, state) => (shown.states[state] = is ? 1 : 0));
    shown.points = points;
    shown.urgent = urgent;
    shown.kinds.forEach((_, kind) => (shown.kinds[kind] = kinds.length === 0 || kinds.includes(kind) ? 1 : 0));
    this.#points.filtered();
    for (const layer of [this.#areas, this.#overlay]) layer.redraw();
  }

  /** How many objects are not shown by choice. */
  get hidden(): number {
    return this.#grid ? this.#points.shown.hidden(this.#grid, this.#grid.count) : 0;
  }

  setLayers(layers: Layers): void {
    this.#areas.layers = this.#overlay.layers = layers;
    this.#points.density = layers.has("density");
    this.#placeTiles();
    for (const layer of [this.#areas, this.#points, this.#overlay]) layer.redraw();
  }

  /** A ground of tiles under the city's own lines, of which only the borders of communes are then drawn; null for none. */
  setTiles(tiles: TileGround | null): void {
    this.#tiles = tiles;
    this.#placeTiles();
  }

  #placeTiles(): void {
    const wanted = this.#overlay.layers.has("ground");
    this.#tileLayer?.remove();
    this.#tileLayer = this.#placed && wanted ? (this.#tiles?.layer(TILES, this.#colours).addTo(this.#map) ?? null) : null;
    this.#ground.setMode(!wanted ? "communes" : this.#tiles ? "borders" : "whole");
  }

  /** Draws a measure, whose next corner a click places; null: a click picks an object again. */
  setMeasure(corners: readonly Place[] | null): void {
    this.#measuring = corners !== null;
    this.#overlay.measure = corners;
    if (corners === null) this.#overlay.pointer = null;
    if (this.#measuring) this.#map.doubleClickZoom.disable();
    else this.#map.doubleClickZoom.enable();
    this.#element.classList.toggle("measuring", this.#measuring);
    this.#overlay.redraw();
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

  /** Outlines the zone that has the focus in its list; null for none. */
  highlight(zone: string | null): void {
    this.#overlay.highlight = zone;
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

  /** Shows a view as it was: as near as shows all of it. */
  restore([west, south, east, north]: Bounds): void {
    // A thousandth less: what was the whole of a screen must not be too large for the same screen.
    const bounds = L.latLngBounds([south, west], [north, east]).pad(-0.001);
    if (this.#placed) this.#map.fitBounds(bounds, { animate: false });
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

  /**
   * The same view in another element, in other colours and as sharp as paper wants: a picture of this moment, which neither moves
   * nor follows. Null before there is a city.
   */
  picture(element: HTMLElement, colours: Palette, sharpness: number, events: Partial<MapEvents> = {}): CityMap | null {
    if (!this.#city || !this.#grid) return null;
    const nothing = (): void => undefined;
    const made = new CityMap(element, colours, true, { pick: nothing, pointer: nothing, gathered: nothing, placed: nothing, corner: nothing, painted: nothing, moved: nothing, ...events });
    const { shown } = this.#points;
    made.#ground.sharpness = made.#areas.sharpness = made.#points.sharpness = made.#overlay.sharpness = sharpness;
    made.#cut = this.#cut;
    made.#points.shown.kinds.set(shown.kinds);
    made.#points.shown.states.set(shown.states);
    made.#points.shown.points = shown.points;
    made.#points.shown.urgent = shown.urgent;
    made.#points.density = this.#points.density;
    made.#tiles = this.#tiles;
    made.#areas.layers = made.#overlay.layers = this.#overlay.layers;
    made.#overlay.labels = this.#overlay.labels;
    made.#overlay.measure = this.#overlay.measure;
    made.#points.setPalette(colours, this.#cut);
    made.setCity(this.#city, this.#grid);
    const bounds = this.#map.getBounds();
    made.restore([bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]);
    made.#map.dragging.disable();
    made.#map.scrollWheelZoom.disable();
    made.#map.doubleClickZoom.disable();
    made.#map.keyboard.disable();
    element.tabIndex = -1;
    return made;
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

  #pointed(at: Place | null): void {
    this.#events.pointer(at);
    if (!this.#measuring) return;
    this.#overlay.pointer = at;
    this.#overlay.redraw();
  }

  #pick(at: L.LatLng): void {
    if (this.#measuring) {
      this.#events.placed({ lon: at.lng, lat: at.lat });
      return;
    }
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
