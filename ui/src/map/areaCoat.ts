/** What lies under the points: zones and the cones of cameras. */
import type { City, ZoneView } from "../host/bindings";
import { pathsOf, trace, type GroundPath } from "./ground";
import type { PointGrid } from "./grid";
import { ALL_LAYERS, showsZone, type Layers } from "./layers";
import { toMercator } from "./mercator";
import { css, type Palette } from "./palette";
import type { Placement } from "./placement";
import { Coat } from "./plate";
import type { Shown } from "./shown";

interface Area {
  kind: string;
  paths: GroundPath[];
}

interface Cone {
  /** Of its camera, in the grid. */
  index: number;
  x: number;
  y: number;
  heading: number;
  fov: number;
  /** Projected metres. */
  range: number;
}

const CONES_FROM = 15;
const BUILDINGS_FROM = 14;

export class AreaCoat extends Coat {
  layers: Layers = ALL_LAYERS;
  #grid: PointGrid | null = null;
  #areas: Area[] = [];
  #cones: Cone[] = [];
  readonly #shown: Shown;

  constructor(colours: Palette, shown: Shown) {
    super(colours);
    this.#shown = shown;
  }

  setCity(city: City, grid: PointGrid): void {
    this.#grid = grid;
    this.#cones = city.cameras.map((cone) => ({
      index: grid.indexOf(cone.point), ...toMercator(cone.lon, cone.lat), heading: cone.heading, fov: cone.fov,
      range: cone.range_m / Math.cos((cone.lat * Math.PI) / 180),
    }));
    this.redraw();
  }

  setZones(zones: readonly ZoneView[]): void {
    this.#areas = zones
      .filter((zone) => zone.kind !== "district")
      .map((zone) => ({ kind: zone.kind, paths: pathsOf("road", zone.outline) }));
    this.redraw();
  }

  override draw(context: CanvasRenderingContext2D, at: Placement): void {
    for (const area of this.#areas) {
      const large = area.kind !== "closed_building" || at.zoom >= BUILDINGS_FROM;
      if (large && showsZone(this.layers, area.kind)) this.#drawArea(context, at, area);
    }
    if (at.zoom >= CONES_FROM && this.layers.has("cones")) this.#drawCones(context, at);
  }

  /** A flood area is filled with water; a CCTV zone is a dashed line; a closed building a plain one. */
  #drawArea(context: CanvasRenderingContext2D, at: Placement, { kind, paths }: Area): void {
    const flood = kind === "flood";
    const colour = this.colours[flood ? "map-water" : "zone"];
    context.strokeStyle = css(colour);
    context.fillStyle = css(colour, flood ? 0.4 : 0.07);
    context.lineWidth = flood ? 1 : 1.2;
    context.setLineDash(flood ? [2, 4] : kind === "cctv" ? [7, 4] : []);
    for (const path of paths) {
      if (at.px(path.maxX) < 0 || at.px(path.minX) > at.size.x || at.py(path.minY) < 0 || at.py(path.maxY) > at.size.y) continue;
      context.beginPath();
      trace(context, path, (x) => at.px(x), (y) => at.py(y));
      context.fill("evenodd");
      context.stroke();
    }
    context.setLineDash([]);
  }

  #drawCones(context: CanvasRenderingContext2D, at: Placement): void {
    context.fillStyle = css(this.colours.cone, 0.16);
    context.strokeStyle = css(this.colours.cone, 0.5);
    context.lineWidth = 0.8;
    for (const cone of this.#cones) {
      if (this.#grid && cone.index >= 0 && !this.#shown.has(this.#grid, cone.index)) continue;
      const x = at.px(cone.x);
      const y = at.py(cone.y);
      const range = cone.range * at.scale;
      if (at.outside(x, y, range)) continue;
      const middle = ((cone.heading - 90) * Math.PI) / 180;
      const half = (Math.min(cone.fov, 360) * Math.PI) / 360;
      context.beginPath();
      if (cone.fov < 360) context.moveTo(x, y);
      context.arc(x, y, range, middle - half, middle + half);
      context.closePath();
      context.fill();
      context.stroke();
    }
  }
}
