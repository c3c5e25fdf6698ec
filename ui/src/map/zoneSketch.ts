/**
 * A zone while it is drawn or changed, over the map's own sheets: its outline, a handle on each corner and a smaller one in the
 * middle of each side. By pointer here; by keyboard the corner that is taken follows the middle of the map.
 */
import * as L from "leaflet";
import { cornerAt, cornerCount, middleAfter, outlineOf, type Corner, type Drawing } from "./rings";

export interface SketchState {
  drawing: Drawing;
  /** The corner that is chosen. */
  at: number | null;
  /** Corners are being put one after the other: the outline is not closed by who draws. */
  open: boolean;
}

export interface SketchEvents {
  /** A click while corners are put. */
  put(to: Corner): void;
  choose(n: number | null): void;
  /** The first corner was clicked while corners are put: the outline is whole. */
  close(): void;
  /** A corner is dragged; `last` when it is let go. */
  drag(n: number, to: Corner, last: boolean): void;
  /** The handle in the middle of a side was taken: a corner more after the nth. */
  insert(n: number, to: Corner): void;
  /** The map moved under its middle. */
  middle(at: Corner): void;
}

/** Pixels around a handle within which it is taken. */
const REACH = 11;
const MIDDLE_REACH = 8;
/** Handles on the screen at a time: beyond, one zooms in. */
const MOST = 400;
/** Sides shorter than this have no handle in their middle, pixels. */
const SHORT = 26;

export class ZoneSketch {
  readonly #map: L.Map;
  readonly #events: SketchEvents;
  readonly #shape: L.Polygon;
  readonly #handles = L.layerGroup();
  readonly #pane: string;
  #state: SketchState = { drawing: { rings: [[]], parts: [1], several: false }, at: null, open: false };
  #dragged: number | null = null;
  /** It moved since it was taken: a click alone is no stroke. */
  #hasMoved = false;
  /** The click that ends a drag picks nothing. */
  #quiet = false;

  constructor(map: L.Map, pane: string, events: SketchEvents) {
    this.#map = map;
    this.#pane = pane;
    this.#events = events;
    this.#shape = L.polygon([], { pane, className: "sketch", interactive: false, weight: 2.5, dashArray: "7 5", fillOpacity: 0.1 }).addTo(map);
    this.#handles.addTo(map);
    map.doubleClickZoom.disable();
    map.getContainer().style.cursor = "crosshair";
    map.on("click", this.#click, this).on("mousedown", this.#down, this).on("move", this.#moved, this).on("moveend zoomend", this.#handle, this);
  }

  show(state: SketchState): void {
    this.#state = state;
    const outline = outlineOf(state.drawing) as unknown as { type: string; coordinates: number[][][] | number[][][][] };
    const rings = (of: number[][][]): L.LatLngExpression[][] => of.map((ring) => ring.map(([lon, lat]) => L.latLng(lat ?? 0, lon ?? 0)));
    const shape = outline.type === "MultiPolygon" ? (outline.coordinates as number[][][][]).map(rings) : rings(outline.coordinates as number[][][]);
    this.#shape.setLatLngs(shape);
    this.#handle();
  }

  /** The corner nearest to the middle of the view; null when there is none. */
  nearest(): number | null {
    const middle = this.#map.latLngToContainerPoint(this.#map.getCenter());
    return this.#found(middle, (n) => cornerAt(this.#state.drawing, n), Infinity);
  }

  /** Brings a corner under the middle. */
  center([lon, lat]: Corner): void {
    this.#map.setView(L.latLng(lat, lon), this.#map.getZoom(), { animate: false });
  }

  remove(): void {
    const map = this.#map;
    map.off("click", this.#click, this).off("mousedown", this.#down, this).off("move", this.#moved, this).off("moveend zoomend", this.#handle, this);
    this.#drop();
    this.#shape.remove();
    this.#handles.remove();
    map.doubleClickZoom.enable();
    map.getContainer().style.cursor = "";
  }

  #point(corner: Corner): L.Point {
    return this.#map.latLngToContainerPoint(L.latLng(corner[1], corner[0]));
  }

  #found(at: L.Point, of: (n: number) => Corner | null, reach: number): number | null {
    let best: number | null = null;
    let least = reach;
    for (let n = 0; n < cornerCount(this.#state.drawing); n++) {
      const corner = of(n);
      const distance = corner ? this.#point(corner).distanceTo(at) : Infinity;
      if (distance < least) [best, least] = [n, distance];
    }
    return best;
  }

  #click({ latlng }: L.LeafletMouseEvent): void {
    if (this.#quiet) this.#quiet = false;
    else if (this.#state.open) this.#events.put([latlng.lng, latlng.lat]);
    else this.#events.choose(null);
  }

  #down(event: L.LeafletMouseEvent): void {
    this.#quiet = false;
    if (event.originalEvent.button !== 0) return;
    const { drawing, open } = this.#state;
    let taken = this.#found(event.containerPoint, (n) => cornerAt(drawing, n), REACH);
    if (taken === null && !open) {
      const side = this.#found(event.containerPoint, (n) => this.#middle(n), MIDDLE_REACH);
      const middle = side === null ? null : middleAfter(drawing, side);
      if (side !== null && middle) {
        this.#events.insert(side, middle);
        taken = side + 1;
      }
    }
    if (taken === null) return;
    this.#dragged = taken;
    this.#hasMoved = false;
    this.#quiet = true;
    this.#events.choose(taken);
    this.#map.dragging.disable();
    this.#map.on("mousemove", this.#drag, this);
    // Let go wherever that is, outside of the map too.
    document.addEventListener("mouseup", this.#up);
  }

  #drag({ latlng }: L.LeafletMouseEvent): void {
    if (this.#dragged === null) return;
    this.#hasMoved = true;
    this.#events.drag(this.#dragged, [latlng.lng, latlng.lat], false);
  }

  readonly #up = (): void => {
    const dragged = this.#dragged;
    this.#drop();
    const corner = dragged === null ? null : cornerAt(this.#state.drawing, dragged);
    if (dragged === 0 && !this.#hasMoved && this.#state.open) this.#events.close();
    else if (dragged !== null && corner && this.#hasMoved) this.#events.drag(dragged, corner, true);
  };

  #drop(): void {
    this.#dragged = null;
    document.removeEventListener("mouseup", this.#up);
    this.#map.off("mousemove", this.#drag, this);
    this.#map.dragging.enable();
  }

  #moved(): void {
    const { lng, lat } = this.#map.getCenter();
    this.#events.middle([lng, lat]);
  }

  /** In the middle of the side after the nth corner, where a handle has room. */
  #middle(n: number): Corner | null {
    const { drawing } = this.#state;
    const [corner, middle] = [cornerAt(drawing, n), middleAfter(drawing, n)];
    return corner && middle && this.#point(corner).distanceTo(this.#point(middle)) * 2 >= SHORT ? middle : null;
  }

  #handle(): void {
    this.#handles.clearLayers();
    const { drawing, at, open } = this.#state;
    const view = this.#map.getBounds().pad(0.1);
    const seen: number[] = [];
    for (let n = 0; n < cornerCount(drawing); n++) {
      const corner = cornerAt(drawing, n);
      if (corner && (n === at || view.contains(L.latLng(corner[1], corner[0])))) seen.push(n);
    }
    const all = seen.length <= MOST;
    const add = (corner: Corner | null, className: string, radius: number): void => {
      if (corner) L.circleMarker(L.latLng(corner[1], corner[0]), { pane: this.#pane, interactive: false, className, radius, weight: 2, fillOpacity: 1 }).addTo(this.#handles);
    };
    for (const n of seen) {
      if (all && !open) add(this.#middle(n), "sketch-middle", 3.5);
      if (all || n === at) add(cornerAt(drawing, n), n === at ? "sketch-corner chosen" : "sketch-corner", n === at ? 8 : 5.5);
    }
  }
}
