/** The ground, drawn from GeoJSON once per tile and zoom, fractions of a zoom included: a tile is never scaled. */
import { trace, type GroundKind, type GroundPath } from "./ground";
import { HALF_WORLD, pixelsPerMetre } from "./mercator";
import { css, type ColourName, type Palette } from "./palette";
import type { Placement } from "./placement";
import { Coat, IN_MEMORY } from "./plate";
import { Recent } from "./recent";

/** CSS pixels of a side. */
const TILE = 512;
/** Kept: a view with its margins takes some thirty. A megabyte each, four where pixels are many. */
const MOST_TILES = 72;
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

export class GroundCoat extends Coat {
  #paths: GroundPath[] = [];
  #mode: GroundMode = "whole";
  /** By zoom, column, row and sharpness. */
  readonly #tiles = new Recent<string, HTMLCanvasElement>(MOST_TILES);

  setPaths(paths: GroundPath[]): void {
    this.#paths = paths;
    this.#anew();
  }

  override setPalette(colours: Palette): void {
    this.#tiles.clear();
    super.setPalette(colours);
  }

  setMode(mode: GroundMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.#anew();
  }

  override draw(context: CanvasRenderingContext2D, at: Placement): void {
    if (this.#paths.length === 0) return;
    const [left, top] = [Math.floor(at.world.x / TILE), Math.floor(at.world.y / TILE)];
    for (let row = top; row * TILE < at.world.y + at.size.y; row++) {
      for (let column = left; column * TILE < at.world.x + at.size.x; column++) {
        context.drawImage(this.#tile(at.zoom, column, row, at.ratio), column * TILE - at.world.x, row * TILE - at.world.y, TILE, TILE);
      }
    }
  }

  #anew(): void {
    this.#tiles.clear();
    this.redraw();
  }

  #tile(zoom: number, column: number, row: number, ratio: number): HTMLCanvasElement {
    const key = `${zoom} ${column} ${row} ${ratio}`;
    const known = this.#tiles.get(key);
    if (known) return known;
    const made = this.#draw(zoom, column, row, ratio);
    this.#tiles.set(key, made);
    return made;
  }

  #draw(zoom: number, column: number, row: number, ratio: number): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.round(TILE * ratio);
    const context = canvas.getContext("2d", IN_MEMORY);
    if (!context) return canvas;
    const scale = pixelsPerMetre(zoom);
    const left = (column * TILE) / scale - HALF_WORLD;
    const top = HALF_WORLD - (row * TILE) / scale;
    const span = TILE / scale;
    const bleed = BLEED / scale;
    context.scale(ratio, ratio);
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const path of this.#paths) {
      if (this.#mode !== "whole" && path.kind !== "commune") continue;
      if (path.maxX < left - bleed || path.minX > left + span + bleed) continue;
      if (path.maxY < top - span - bleed || path.minY > top + bleed) continue;
      this.#drawPath(context, path, zoom, (x) => (x - left) * scale, (y) => (top - y) * scale);
    }
    return canvas;
  }

  #drawPath(context: CanvasRenderingContext2D, path: GroundPath, zoom: number, px: (x: number) => number, py: (y: number) => number): void {
    const stroke = path.kind === "lake" ? null : STROKES[path.kind];
    if (stroke?.from !== undefined && zoom < stroke.from) return;
    context.beginPath();
    trace(context, path, px, py);
    if (path.area && this.#mode !== "borders") {
      context.fillStyle = css(this.colours[path.kind === "commune" ? "map-in" : "map-water"]);
      context.fill("evenodd");
    }
    if (!stroke) return;
    context.strokeStyle = css(this.colours[stroke.colour]);
    context.lineWidth = Math.min(2 * BLEED, stroke.width * stroke.growth ** (zoom - 12));
    context.setLineDash(stroke.dash ?? []);
    context.stroke();
  }
}
