/** The ground, drawn once per tile and zoom from GeoJSON. */
import * as L from "leaflet";
import { flat, IN_MEMORY } from "./canvasLayer";
import type { GroundKind, GroundPath } from "./ground";
import { HALF_WORLD, pixelsPerMetre } from "./mercator";
import { css, type ColourName, type Palette } from "./palette";

const TILE = 512;
/** Farthest a stroke reaches out of its path, pixels. */
const BLEED = 8;

interface Stroke {
  colour: ColourName;
  /** Width in pixels at zoom 12 and what it grows by per zoom. */
  width: number;
  growth: number;
  dash?: number[];
  from?: number;
}

/**
 * All of it; the communes alone, on a map without its ground; or only their borders, over a ground of tiles. On which side of a border
 * something lies is always seen.
 */
export type GroundMode = "whole" | "communes" | "borders";

const STROKES: Record<Exclude<GroundKind, "lake">, Stroke> = {
  commune: { colour: "map-edge", width: 1, growth: 1.08, dash: [1.5, 3] },
  river: { colour: "map-water", width: 3.2, growth: 1.4 },
  canal: { colour: "map-water", width: 1.8, growth: 1.35 },
  street: { colour: "map-road", width: 0.5, growth: 1.55, from: 12 },
  road: { colour: "map-road", width: 1.6, growth: 1.4 },
  rail: { colour: "map-rail", width: 1.2, growth: 1.2, dash: [5, 3] },
  tram: { colour: "map-tram", width: 1.5, growth: 1.25 },
  motorway: { colour: "map-road", width: 3.4, growth: 1.35 },
};

export class GroundLayer extends L.GridLayer {
  #paths: GroundPath[] = [];
  #colours: Palette;
  #mode: GroundMode = "whole";
  /** Device pixels per CSS pixel; null for those of the screen. */
  sharpness: number | null = null;

  constructor(pane: string, colours: Palette) {
    super({ pane, tileSize: TILE, minZoom: 9, maxZoom: 20, updateWhenZooming: false, keepBuffer: 1 });
    this.#colours = colours;
    this.on("tileloadstart", ({ tile }) => flat(tile, L.DomUtil.getPosition(tile)));
  }

  setPaths(paths: GroundPath[]): void {
    this.#paths = paths;
    this.redraw();
  }

  setPalette(colours: Palette): void {
    this.#colours = colours;
    this.redraw();
  }

  setMode(mode: GroundMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.redraw();
  }

  protected override createTile(coords: L.Coords): HTMLElement {
    const ratio = this.sharpness ?? Math.min(2, window.devicePixelRatio || 1);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = TILE * ratio;
    const context = canvas.getContext("2d", IN_MEMORY);
    if (!context) return canvas;
    const scale = pixelsPerMetre(coords.z);
    const left = (coords.x * TILE) / scale - HALF_WORLD;
    const top = HALF_WORLD - (coords.y * TILE) / scale;
    const span = TILE / scale;
    const bleed = BLEED / scale;
    context.scale(ratio, ratio);
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const path of this.#paths) {
      if (this.#mode !== "whole" && path.kind !== "commune") continue;
      if (path.maxX < left - bleed || path.minX > left + span + bleed) continue;
      if (path.maxY < top - span - bleed || path.minY > top + bleed) continue;
      this.#drawPath(context, path, coords.z, (x) => (x - left) * scale, (y) => (top - y) * scale);
    }
    return canvas;
  }

  #drawPath(context: CanvasRenderingContext2D, path: GroundPath, zoom: number, px: (x: number) => number, py: (y: number) => number): void {
    const stroke = path.kind === "lake" ? null : STROKES[path.kind];
    if (stroke?.from !== undefined && zoom < stroke.from) return;
    context.beginPath();
    for (const ring of path.rings) {
      for (let i = 0; i < ring.length; i += 2) {
        if (i === 0) context.moveTo(px(ring[0]!), py(ring[1]!));
        else context.lineTo(px(ring[i]!), py(ring[i + 1]!));
      }
      if (path.area) context.closePath();
    }
    if (path.area && this.#mode !== "borders") {
      context.fillStyle = css(this.#colours[path.kind === "commune" ? "map-in" : "map-water"]);
      context.fill("evenodd");
    }
    if (!stroke) return;
    context.strokeStyle = css(this.#colours[stroke.colour]);
    context.lineWidth = Math.min(2 * BLEED, stroke.width * stroke.growth ** (zoom - 12));
    context.setLineDash(stroke.dash ?? []);
    context.stroke();
  }
}
