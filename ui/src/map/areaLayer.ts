/** What lies under the points: zones and the cones of cameras. */
import type { City } from "../host/bindings";
import { CanvasLayer, IN_MEMORY } from "./canvasLayer";
import { pathsOf, type GroundPath } from "./ground";
import type { PointGrid } from "./grid";
import { ALL_LAYERS, showsZone, type Layers } from "./layers";
import { HALF_WORLD, pixelsPerMetre, toMercator } from "./mercator";
import { css, type Palette } from "./palette";
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

export class AreaLayer extends CanvasLayer {
  layers: Layers = ALL_LAYERS;
  #grid: PointGrid | null = null;
  #areas: Area[] = [];
  #cones: Cone[] = [];
  #colours: Palette;
  readonly #shown: Shown;

  constructor(pane: string, colours: Palette, shown: Shown) {
    super(pane);
    this.#colours = colours;
    this.#shown = shown;
  }

  setPalette(colours: Palette): void {
    this.#colours = colours;
    this.redraw();
  }

  setCity(city: City, grid: PointGrid): void {
    this.#grid = grid;
    this.#areas = city.zones
      .filter((zone) => zone.kind !== "district")
      .map((zone) => ({ kind: zone.kind, paths: pathsOf("road", zone.outline) }));
    this.#cones = city.cameras.map((cone) => ({
      index: grid.indexOf(cone.point), ...toMercator(cone.lon, cone.lat), heading: cone.heading, fov: cone.fov,
      range: cone.range_m / Math.cos((cone.lat * Math.PI) / 180),
    }));
    this.redraw();
  }

  protected override draw(): void {
    const context = this.canvas.getContext("2d", IN_MEMORY);
    if (!context) return;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.size.x, this.size.y);
    for (const area of this.#areas) {
      const large = area.kind !== "closed_building" || this.zoom >= BUILDINGS_FROM;
      if (large && showsZone(this.layers, area.kind)) this.#drawArea(context, area);
    }
    if (this.zoom >= CONES_FROM && this.layers.has("cones")) this.#drawCones(context);
  }

  #px(x: number): number {
    return (x + HALF_WORLD) * pixelsPerMetre(this.zoom) - this.world.x;
  }

  #py(y: number): number {
    return (HALF_WORLD - y) * pixelsPerMetre(this.zoom) - this.world.y;
  }

  /** A flood area is filled with water; a CCTV zone is a dashed line; a closed building a plain one. */
  #drawArea(context: CanvasRenderingContext2D, { kind, paths }: Area): void {
    const flood = kind === "flood";
    const colour = this.#colours[flood ? "map-water" : "zone"];
    context.strokeStyle = css(colour);
    context.fillStyle = css(colour, flood ? 0.4 : 0.07);
    context.lineWidth = flood ? 1 : 1.2;
    context.setLineDash(flood ? [2, 4] : kind === "cctv" ? [7, 4] : []);
    for (const path of paths) {
      context.beginPath();
      for (const ring of path.rings) {
        for (let i = 0; i < ring.length; i += 2) {
          if (i === 0) context.moveTo(this.#px(ring[0]!), this.#py(ring[1]!));
          else context.lineTo(this.#px(ring[i]!), this.#py(ring[i + 1]!));
        }
        context.closePath();
      }
      context.fill("evenodd");
      context.stroke();
    }
    context.setLineDash([]);
  }

  #drawCones(context: CanvasRenderingContext2D): void {
    context.fillStyle = css(this.#colours.cone, 0.16);
    context.strokeStyle = css(this.#colours.cone, 0.5);
    context.lineWidth = 0.8;
    for (const cone of this.#cones) {
      if (this.#grid && cone.index >= 0 && !this.#shown.has(this.#grid, cone.index)) continue;
      const x = this.#px(cone.x);
      const y = this.#py(cone.y);
      const range = cone.range * pixelsPerMetre(this.zoom);
      if (x < -range || y < -range || x > this.size.x + range || y > this.size.y + range) continue;
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
