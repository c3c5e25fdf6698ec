/** The map as the screens use it: everything of Leaflet stays behind this. */
import * as L from "leaflet";
import type { City, ZoneView } from "../host/bindings";
import { AreaCoat } from "./areaCoat";
import type { Bounds } from "./bounds";
import { hit } from "./hit";
import { groundPaths } from "./ground";
import { GroundCoat } from "./groundCoat";
import type { PointGrid } from "./grid";
import type { Place } from "./geodesy";
import type { Layers } from "./layers";
import type { MapEvents, Shows } from "./mapEvents";
import { pixelsPerMetre, toMercator } from "./mercator";
import { OverlayCoat, type PointLabel } from "./overlayCoat";
import { css, type Palette } from "./palette";
import { CoatPlate } from "./plate";
import { PointPlate } from "./pointPlate";
import { Sheet } from "./sheet";
import type { TileGround } from "./tileGround";
import { placeOf, Viewport } from "./viewport";

/** The pane of a ground of tiles. */
const TILES = "tiles";
/** Pixels around the pointer within which a point is hit. */
const HIT_RADIUS = 11;
/** A sign and the count at its corner. */
const CLUSTER_RADIUS = 22;

export class CityMap {
  readonly #map: L.Map;
  readonly #viewport: Viewport;
  readonly #ground: GroundCoat;
  readonly #areas: AreaCoat;
  readonly #points: PointPlate;
  readonly #overlay: OverlayCoat;
  readonly #under: CoatPlate;
  readonly #sheet: Sheet;
  readonly #events: MapEvents;
  readonly #watch: ResizeObserver;
  readonly #element: HTMLElement;
  #grid: PointGrid | null = null;
  #placed = false;
  #measuring = false;
  #city: City | null = null;
  #zones: readonly ZoneView[] = [];
  #lent = false;
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
    this.#viewport = new Viewport(this.#map);
    const pane = (name: string, level: number): string => {
      this.#map.createPane(name).style.zIndex = String(level);
      return name;
    };
    pane(TILES, 90);
    this.#ground = new GroundCoat(colours);
    this.#points = new PointPlate(colours, {
      painted: (count) => events.painted(count),
      clustered: (clusters, ratio) => this.#overlay.setClusters(clusters, ratio),
    });
    this.#areas = new AreaCoat(colours, this.#points.shown);
    this.#overlay = new OverlayCoat(colours, this.#points.shown);
    this.#under = new CoatPlate(this.#ground, this.#areas);
    this.#sheet = new Sheet(pane("city", 300), this.#under, this.#points, new CoatPlate(this.#overlay));
    pane("sketch", 450);
    this.#map.on("click", (event) => {
      if (!this.#lent) this.#pick(event.latlng);
    });
    this.#map.on("moveend", () => this.#moved());
    this.#map.on("mousemove", ({ latlng }) => this.#pointed({ lon: latlng.lng, lat: latlng.lat }));
    this.#map.on("mouseout", () => this.#pointed(null));
    this.#watch = new ResizeObserver(() => this.#resized());
    this.#watch.observe(element);
  }

  /** Where the middle of the map is. */
  middle(): Place {
    return this.#viewport.middle();
  }

  /** A new city: every point identifier is new. */
  setCity(city: City, grid: PointGrid): void {
    this.#city = city;
    this.#grid = grid;
    this.#overlay.selected = this.#overlay.focused = -1;
    this.#ground.setPaths(groundPaths(city));
    this.#areas.setCity(city, grid);
    this.#points.setGrid(grid);
    this.#overlay.setCity(city, grid);
    if (!this.#placed) {
      this.#placed = true;
      this.#viewport.whole(grid);
      this.#placeTiles();
      this.#sheet.addTo(this.#map);
    }
    this.#moved();
  }

  /** Zones as they are now: they change while the city stays. */
  setZones(zones: readonly ZoneView[]): void {
    this.#zones = zones;
    this.#areas.setZones(zones);
    this.#overlay.setZones(zones);
  }

  /** Lends the map to what draws on it, whose clicks they are until it is given back. */
  lend(draw: (map: L.Map, pane: string) => () => void): () => void {
    this.#lent = true;
    const end = draw(this.#map, "sketch");
    return () => {
      end();
      this.#lent = false;
    };
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
    const { lon, lat } = this.#viewport.middle();
    const { x, y } = toMercator(lon, lat);
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
    this.#under.setBackground(this.#tileLayer ? null : this.#colours["map-out"]);
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
    if (this.#placed) this.#viewport.reveal(lon, lat, zoom);
  }

  /** Shows the whole of a place, from no nearer than its street can be read. */
  frame(bounds: Bounds): void {
    if (this.#placed) this.#viewport.frame(bounds);
  }

  /** Shows a view as it was: as near as shows all of it. */
  restore(bounds: Bounds): void {
    if (this.#placed) this.#viewport.restore(bounds);
  }

  /** Zooms around what is selected while it is in view, else around the middle. */
  zoomBy(step: number): void {
    this.#viewport.zoomBy(step, this.#selectedPlace());
  }

  wholeCity(): void {
    if (this.#grid) this.#viewport.whole(this.#grid);
  }

  /**
   * The same view in another element, in other colours and as sharp as paper wants: a picture of this moment, which neither moves
   * nor follows. Null before there is a city.
   */
  picture(element: HTMLElement, colours: Palette, sharpness: number, events: Partial<MapEvents> = {}): CityMap | null {
    if (!this.#city || !this.#grid) return null;
    const nothing = (): void => undefined;
    const made = new CityMap(element, colours, true, { pick: nothing, pointer: nothing, gathered: nothing, placed: nothing, painted: nothing, moved: nothing, ...events });
    const { shown } = this.#points;
    made.#sheet.sharpness = sharpness;
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
    made.setZones(this.#zones);
    made.restore(this.#viewport.view().bounds);
    made.#map.dragging.disable();
    made.#map.scrollWheelZoom.disable();
    made.#map.doubleClickZoom.disable();
    made.#map.keyboard.disable();
    element.tabIndex = -1;
    return made;
  }

  destroy(): void {
    this.#watch.disconnect();
    this.#points.stop();
    this.#map.remove();
  }

  #paintGround(colours: Palette): void {
    this.#element.style.backgroundColor = css(colours["map-out"]);
  }

  /** A panel opened or closed: nothing moves under the pointer, unless what is selected would be hidden. */
  #resized(): void {
    this.#map.invalidateSize({ pan: false, animate: false });
    const place = this.#selectedPlace();
    if (place) this.#viewport.keep(place);
  }

  #selectedPlace(): Place | null {
    const index = this.#overlay.selected;
    return this.#grid && index >= 0 && this.#placed ? placeOf(this.#grid, index) : null;
  }

  #index(point: number | null): number {
    return point === null || !this.#grid ? -1 : this.#grid.indexOf(point);
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
    if (this.#placed) this.#events.moved(this.#viewport.view());
  }
}
