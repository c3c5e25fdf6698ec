/**
 * The one picture of the map on the page: plates laid over each other. Still, it is as large as the view and only what changed is laid
 * again; while the map moves a film of it with its margins is moved as a whole, and taken anew when the margins are used up.
 */
import * as L from "leaflet";
import { Film } from "./film";
import { BEAT } from "./pace";
import { Placement } from "./placement";
import { IN_MEMORY, type CoatPlate, type Plate } from "./plate";
import { common, few, isEmpty } from "./rects";
import type { Rect } from "./stamp";

/** Margin on each side, share of the view; less where pixels are many, for what it holds in memory. */
const MARGIN = 0.25;
const MARGIN_OF_MANY = 0.125;

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export class Sheet extends L.Layer {
  /** Device pixels per CSS pixel; null for those of the screen. */
  sharpness: number | null = null;
  readonly #under: CoatPlate;
  readonly #plates: readonly Plate[];
  #glass = document.createElement("canvas");
  #film = new Film(false);
  /** Whether nothing shows through these two. */
  #opaque = false;
  #at: Placement | null = null;
  #map: L.Map | null = null;
  /** Of the film: the place of its corner, and where that lies in the pane. */
  #corner = L.latLng(0, 0);
  #origin = L.point(0, 0);
  #frame = 0;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #moving = false;
  #filmed = false;

  /** `under`: the lowest plate, which may let through what is under the sheet. */
  constructor(pane: string, under: CoatPlate, ...over: readonly Plate[]) {
    super();
    L.Util.setOptions(this, { pane });
    this.#under = under;
    this.#plates = [under, ...over];
    for (const plate of this.#plates) plate.ask = () => this.#soon();
  }

  override onAdd(map: L.Map): this {
    this.#map = map;
    this.#renew();
    this.#place();
    return this;
  }

  override onRemove(): this {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#beat);
    this.#beat = undefined;
    this.#frame = 0;
    this.#glass.remove();
    this.#film.canvas.remove();
    this.#map = null;
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return {
      movestart: () => this.#start(),
      move: () => this.#follow(),
      moveend: () => this.#stop(),
      resize: () => this.#place(),
      zoomanim: (event) => {
        const { center, zoom } = event as L.ZoomAnimEvent;
        if (!this.#filmed) this.#shoot();
        this.#scale(center, zoom);
      },
      zoom: () => {
        if (this.#filmed && this.#map) this.#scale(this.#map.getCenter(), this.#map.getZoom());
      },
    };
  }

  /** Other canvases: one that lets nothing through is copied where another is blended, and stays so. */
  #renew(): void {
    this.#glass.remove();
    this.#film.canvas.remove();
    this.#opaque = this.#under.opaque;
    this.#film = new Film(this.#opaque);
    this.#filmed = false;
    this.#glass = document.createElement("canvas");
    this.#glass.setAttribute("aria-hidden", "true");
    this.getPane()?.append(this.#glass, this.#film.canvas);
  }

  #soon(): void {
    if (this.#frame !== 0 || !this.#map) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#map) this.#paint();
    });
  }

  #paint(): void {
    if (this.#opaque !== this.#under.opaque) {
      this.#renew();
      this.#place();
      return;
    }
    if (!this.#at) return;
    const begun = performance.now();
    const { view, whole } = this.#at;
    const changed = this.#plates.flatMap((plate) => [...plate.paint(this.#filmed ? whole : view)]);
    if (changed.length === 0) return;
    if (!this.#filmed) this.#lay(changed);
    else this.#beat ??= setTimeout(() => {
      this.#beat = undefined;
      if (this.#filmed) this.#shoot();
    }, BEAT);
    const spent = performance.now() - begun;
    for (const plate of this.#plates) plate.spent = spent;
  }

  /** Places the plates where the view now is, and shows them. */
  #place(): void {
    const map = this.#map;
    if (!map) return;
    const view = map.getSize();
    const ratio = this.sharpness ?? Math.min(2, window.devicePixelRatio || 1);
    const margin = view.multiplyBy(ratio > 1 ? MARGIN_OF_MANY : MARGIN).round();
    const corner = map.containerPointToLayerPoint(L.point(0, 0)).round();
    this.#origin = corner.subtract(margin);
    this.#corner = map.layerPointToLatLng(this.#origin);
    this.#at = new Placement(map.getZoom(), ratio, map.getPixelOrigin().add(this.#origin), view.add(margin.multiplyBy(2)), margin);
    for (const plate of this.#plates) plate.place(this.#at);
    if (this.#filmed && this.#moving) {
      this.#shoot();
      return;
    }
    const { view: seen } = this.#at;
    for (const plate of this.#plates) plate.paint(seen);
    const [width, height] = [seen.right - seen.left, seen.bottom - seen.top];
    if (this.#glass.width !== width || this.#glass.height !== height) {
      this.#glass.width = width;
      this.#glass.height = height;
      this.#glass.style.width = `${view.x}px`;
      this.#glass.style.height = `${view.y}px`;
      this.#glass.dataset.opaque = String(this.#under.opaque);
    }
    flat(this.#glass, corner);
    this.#lay([seen]);
    this.#putAway();
  }

  /** Lays the plates over each other where they changed and are in view. */
  #lay(changed: readonly Rect[]): void {
    const at = this.#at;
    const context = this.#glass.getContext("2d", { ...IN_MEMORY, alpha: !this.#opaque });
    if (!at || !context) return;
    for (const rect of few(changed.map((each) => common(each, at.view)).filter((each) => !isEmpty(each)))) {
      this.#compose(context, rect, at.view);
    }
  }

  /** Lays a rectangle of the placement into a picture whose corner is that of `frame`. */
  #compose(context: Context, rect: Rect, frame: Rect): void {
    if (!this.#opaque) context.clearRect(rect.left - frame.left, rect.top - frame.top, rect.right - rect.left, rect.bottom - rect.top);
    for (const { canvas, area } of this.#plates) {
      const { left, top, right, bottom } = common(rect, area);
      if (left >= right || top >= bottom) continue;
      context.drawImage(canvas, left - area.left, top - area.top, right - left, bottom - top, left - frame.left, top - frame.top, right - left, bottom - top);
    }
  }

  /** The map begins to move: filmed at the next frame, unless it has arrived by then. */
  #start(): void {
    this.#moving = true;
    requestAnimationFrame(() => {
      if (this.#moving && !this.#filmed && this.#map) this.#shoot();
    });
  }

  #shoot(): void {
    const at = this.#at;
    // Of a map that has no room there is nothing to film.
    if (!at || isEmpty(at.view)) return;
    for (const plate of this.#plates) plate.paint(at.whole);
    this.#film.shoot(at.whole.right, at.whole.bottom, (context) => this.#compose(context, at.whole, at.whole));
    const { style } = this.#film.canvas;
    style.width = `${at.size.x}px`;
    style.height = `${at.size.y}px`;
    if (!this.#filmed) {
      this.#filmed = true;
      this.#glass.style.display = "none";
    }
    flat(this.#film.canvas, this.#origin);
  }

  #follow(): void {
    const map = this.#map;
    if (!map || !this.#at || !this.#filmed || map.getZoom() !== this.#at.zoom) return;
    const corner = map.containerPointToLayerPoint(L.point(0, 0)).add(map.getPixelOrigin());
    if (!this.#at.holds(corner, map.getSize())) this.#place();
  }

  #stop(): void {
    this.#moving = false;
    this.#place();
  }

  #putAway(): void {
    if (!this.#filmed) return;
    this.#filmed = false;
    clearTimeout(this.#beat);
    this.#beat = undefined;
    this.#glass.style.display = "";
    this.#film.clear();
  }

  #scale(center: L.LatLng, zoom: number): void {
    const map = this.#map;
    if (!map || !this.#at) return;
    const pane = L.DomUtil.getPosition(map.getPane("mapPane")!) ?? L.point(0, 0);
    const origin = map.project(center, zoom).subtract(map.getSize().divideBy(2)).add(pane).round();
    const offset = map.project(this.#corner, zoom).subtract(origin);
    L.DomUtil.setTransform(this.#film.canvas, offset.subtract(this.#origin), map.getZoomScale(zoom, this.#at.zoom));
  }
}

/**
 * Places an element by its left and top. Leaflet's way, a transform in space, would make a surface of its own of each canvas, to be laid over
 * the others at every frame of a drag: without a GPU that is most of what a drag costs.
 */
function flat(element: HTMLElement, at: L.Point): void {
  element.style.transform = "";
  element.style.left = `${at.x}px`;
  element.style.top = `${at.y}px`;
}
