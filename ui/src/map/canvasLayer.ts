/**
 * A Leaflet layer that is one canvas over the view and a quarter more on each side, so that dragging shows no blank edge.
 * It is drawn again when a movement ends, and only scaled while a zoom is on its way.
 */
import * as L from "leaflet";

const PADDING = 0.25;
/** Drawn when a movement ends and else left alone: kept in memory rather than on a graphics card that may not be there. */
export const IN_MEMORY: CanvasRenderingContext2DSettings = { willReadFrequently: true };

export abstract class CanvasLayer extends L.Layer {
  /** Device pixels per CSS pixel; null for those of the screen. */
  sharpness: number | null = null;
  protected readonly canvas = document.createElement("canvas");
  protected ratio = 1;
  /** CSS size of the canvas. */
  protected size = L.point(0, 0);
  /** World pixel (CSS) of its top left corner. */
  protected world = L.point(0, 0);
  protected zoom = 0;
  protected map: L.Map | null = null;
  #corner: L.LatLng | null = null;
  /** Where its corner lies in the pane. */
  #origin = L.point(0, 0);
  #frame = 0;

  constructor(pane: string) {
    super({ pane });
    this.canvas.className = "leaflet-zoom-animated";
    this.canvas.setAttribute("aria-hidden", "true");
  }

  protected abstract draw(): void;

  override onAdd(map: L.Map): this {
    this.map = map;
    this.getPane()?.appendChild(this.canvas);
    this.place();
    return this;
  }

  override onRemove(): this {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.canvas.remove();
    this.map = null;
    return this;
  }

  override getEvents(): Record<string, L.LeafletEventHandlerFn> {
    return {
      moveend: () => this.place(),
      resize: () => this.place(),
      zoomanim: (event) => this.#animate(event as L.ZoomAnimEvent),
    };
  }

  /** Draws at the next frame, once however often it is asked. */
  redraw(): void {
    this.soon();
  }

  /** What the next frame does; a layer that can do less than a whole drawing says so here. */
  protected paint(): void {
    this.draw();
  }

  protected soon(): void {
    if (this.#frame !== 0 || !this.map) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.map) this.paint();
    });
  }

  /** Puts the canvas where the view now is, and draws. */
  protected place(): void {
    const map = this.map;
    if (!map) return;
    const view = map.getSize();
    const corner = map.containerPointToLayerPoint(view.multiplyBy(-PADDING)).round();
    this.ratio = this.sharpness ?? Math.min(2, window.devicePixelRatio || 1);
    this.size = view.multiplyBy(1 + 2 * PADDING).round();
    this.zoom = map.getZoom();
    this.world = map.getPixelOrigin().add(corner);
    this.#corner = map.layerPointToLatLng(corner);
    const width = Math.round(this.size.x * this.ratio);
    const height = Math.round(this.size.y * this.ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${this.size.x}px`;
      this.canvas.style.height = `${this.size.y}px`;
    }
    flat(this.canvas, corner);
    this.#origin = corner;
    this.draw();
  }

  #animate(event: L.ZoomAnimEvent): void {
    const map = this.map;
    if (!map || !this.#corner) return;
    const panes = L.DomUtil.getPosition(map.getPane("mapPane")!) ?? L.point(0, 0);
    const origin = map.project(event.center, event.zoom).subtract(map.getSize().divideBy(2)).add(panes).round();
    const offset = map.project(this.#corner, event.zoom).subtract(origin);
    L.DomUtil.setTransform(this.canvas, offset.subtract(this.#origin), map.getZoomScale(event.zoom, this.zoom));
  }
}

/**
 * Places an element by its left and top. Leaflet's way, a transform in space, would make a surface of its own of each canvas, to be laid over
 * the others at every frame of a drag: without a GPU that is most of what a drag costs.
 */
export function flat(element: HTMLElement, at: L.Point): void {
  element.style.transform = "";
  element.style.left = `${at.x}px`;
  element.style.top = `${at.y}px`;
}
