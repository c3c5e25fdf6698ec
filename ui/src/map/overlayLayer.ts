/** What lies over the points: names, rings of commands, and where the selection and the focus are. */
import type { City } from "../host/bindings";
import { CanvasLayer, IN_MEMORY } from "./canvasLayer";
import type { Cluster } from "./clusters";
import { pathsOf, type GroundPath } from "./ground";
import type { PointGrid } from "./grid";
import type { Place } from "./geodesy";
import { LabelRoom } from "./labels";
import { ALL_LAYERS, showsZone, type Layers } from "./layers";
import { drawMeasure } from "./measureDrawing";
import { HALF_WORLD, pixelsPerMetre, toMercator } from "./mercator";
import { css, type Palette } from "./palette";
import { halfSize } from "./symbols";
import type { Shown } from "./shown";
import { KINDS, lookOf, OVERRIDE, PENDING, ringed, UNKNOWN, urgency } from "./state";

/** A name to write beside a point. */
export interface PointLabel {
  point: number;
  text: string;
  /** Shown from this zoom. */
  from: number;
}

interface Zone {
  id: string;
  kind: string;
  text: string;
  paths: GroundPath[];
}

interface Name {
  x: number;
  y: number;
  text: string;
  large: boolean;
}

const DANGER = 4;
const FONT = '"B612", system-ui, sans-serif';

export class OverlayLayer extends CanvasLayer {
  /** Points of the selection and of the list's focus; -1 for none. */
  selected = -1;
  focused = -1;
  /** The zone that has the focus in its list. */
  highlight: string | null = null;
  labels: readonly PointLabel[] = [];
  layers: Layers = ALL_LAYERS;
  /** The measure under way, and where its next corner would be. */
  measure: readonly Place[] | null = null;
  pointer: Place | null = null;
  #clusters: readonly Cluster[] = [];
  /** Points that another sign stands for. */
  #covered = new Set<number>();
  #clusterRatio = 1;
  #grid: PointGrid | null = null;
  #zones: Zone[] = [];
  #names: Name[] = [];
  #ringed = new Set<number>();
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
    this.#zones = city.zones.map((zone) => ({ id: zone.zone_id, kind: zone.kind, text: zone.name, paths: pathsOf("road", zone.outline) }));
    this.#names = [...city.communes]
      .sort((a, b) => b.population - a.population)
      .map((commune) => ({ ...toMercator(commune.lon, commune.lat), text: commune.name, large: commune.population > 50_000 }));
    this.#ringed = new Set();
    this.#clusters = [];
    this.#covered.clear();
    for (let i = 0; i < grid.count; i++) if (ringed(grid.state[i]!)) this.#ringed.add(i);
    this.redraw();
  }

  /** The signs that stand for several, in device pixels of the points' canvas, which lies where this one does. */
  setClusters(clusters: readonly Cluster[], ratio: number): void {
    if (clusters.length === 0 && this.#clusters.length === 0) return;
    this.#clusters = clusters;
    this.#clusterRatio = ratio;
    this.#covered = new Set(clusters.flatMap(({ members }) => members.slice(1)));
    this.redraw();
  }

  /** The cluster whose sign or count is within `radius` pixels of a place in projected metres. */
  clusterAt(x: number, y: number, radius: number): Cluster | null {
    const [px, py] = [this.#px(x) * this.#clusterRatio, this.#py(y) * this.#clusterRatio];
    let best: Cluster | null = null;
    let least = radius * this.#clusterRatio;
    for (const cluster of this.#clusters) {
      const distance = Math.hypot(cluster.x - px, cluster.y - py);
      if (distance < least) [best, least] = [cluster, distance];
    }
    return best;
  }

  /** Clusters in view, the worst and largest first. */
  get clusters(): readonly Cluster[] {
    return [...this.#clusters].sort((a, b) => b.urgency - a.urgency || b.members.length - a.members.length);
  }

  /** States of these points changed; draws again only when a ring, or what is selected, is concerned. */
  changed(indices: readonly number[]): void {
    const grid = this.#grid;
    if (!grid) return;
    let shown = false;
    for (const index of indices) {
      const has = ringed(grid.state[index]!);
      if (has || this.#ringed.has(index) || index === this.selected) shown = true;
      if (has) this.#ringed.add(index);
      else this.#ringed.delete(index);
    }
    if (shown) this.redraw();
  }

  protected override draw(): void {
    const context = this.canvas.getContext("2d", IN_MEMORY);
    if (!context) return;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.size.x, this.size.y);
    const room = new LabelRoom();
    this.#keepSigns(room, true);
    this.#drawRings(context);
    this.#drawCounts(context, room);
    this.#drawHighlight(context);
    this.#drawMark(context, this.selected, true);
    this.#drawMark(context, this.focused, false);
    this.#drawLabels(context, room);
    this.#keepSigns(room, false);
    this.#drawZoneNames(context, room);
    if (this.layers.has("names")) this.#drawNames(context, room);
    if (this.measure && this.map) drawMeasure(context, this.#placed(this.measure), this.#next(), this.#colours);
  }

  #placed(places: readonly Place[]): [number, number][] {
    return places.map(({ lon, lat }) => {
      const { x, y } = toMercator(lon, lat);
      return [this.#px(x), this.#py(y)];
    });
  }

  /** Where the next corner would be: under the pointer, else in the middle of the view. */
  #next(): [number, number] {
    if (this.pointer) return this.#placed([this.pointer])[0]!;
    const { lng, lat } = this.map!.getCenter();
    return this.#placed([{ lon: lng, lat }])[0]!;
  }

  #px(x: number): number {
    return (x + HALF_WORLD) * pixelsPerMetre(this.zoom) - this.world.x;
  }

  #py(y: number): number {
    return (HALF_WORLD - y) * pixelsPerMetre(this.zoom) - this.world.y;
  }

  #at(index: number): [number, number] {
    const grid = this.#grid!;
    return [this.#px(grid.originX + grid.x[index]!), this.#py(grid.originY + grid.y[index]!)];
  }

  #radius(index: number): number {
    const grid = this.#grid!;
    return halfSize(KINDS[grid.kind[index]!] ?? "street_light", lookOf(grid.state[index]!), this.zoom);
  }

  #outside(x: number, y: number, margin = 40): boolean {
    return x < -margin || y < -margin || x > this.size.x + margin || y > this.size.y + margin;
  }

  #drawRings(context: CanvasRenderingContext2D): void {
    const grid = this.#grid;
    if (!grid) return;
    for (const index of this.#ringed) {
      if (!this.#shown.has(grid, index)) continue;
      const [x, y] = this.#at(index);
      if (this.#outside(x, y)) continue;
      const state = grid.state[index]!;
      const radius = Math.max(6, this.#radius(index) + 4);
      context.lineWidth = 1.8;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (state & UNKNOWN) {
        context.strokeStyle = css(this.#colours.text);
        context.setLineDash([2, 3]);
        context.stroke();
        this.#write(context, "?", x + radius * 0.75, y - radius, 12, true, this.#colours.text, "left");
      } else if (state & PENDING) {
        context.strokeStyle = css(this.#colours.select);
        context.setLineDash([4, 3]);
        context.stroke();
      } else if (state & OVERRIDE && this.zoom >= 13) {
        // An override in force: two arcs, like hands around it.
        context.strokeStyle = css(this.#colours["text-2"]);
        context.lineWidth = 1.3;
        context.setLineDash([(radius * Math.PI) / 2]);
        context.stroke();
      }
      context.setLineDash([]);
    }
  }

  /** How many a sign stands for, at its corner. */
  #drawCounts(context: CanvasRenderingContext2D, room: LabelRoom): void {
    context.font = `700 12px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const cluster of this.#clusters) {
      const text = String(cluster.members.length);
      const half = context.measureText(text).width / 2 + 4;
      const x = cluster.x / this.#clusterRatio + 8 + half;
      const y = cluster.y / this.#clusterRatio - 8;
      if (this.#outside(x, y)) continue;
      context.beginPath();
      context.roundRect(x - half, y - 8, 2 * half, 16, 4);
      context.fillStyle = css(this.#colours.panel);
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = css(this.#colours["text-2"]);
      context.stroke();
      context.fillStyle = css(this.#colours.text);
      context.fillText(text, x, y + 0.5);
      room.place({ left: x - half, top: y - 9, right: x + half, bottom: y + 9 });
    }
  }

  /** The outline of a zone, as a line in a line: seen over any ground, with its layer or without. */
  #drawHighlight(context: CanvasRenderingContext2D): void {
    const zone = this.#zones.find(({ id }) => id === this.highlight);
    if (!zone) return;
    context.beginPath();
    for (const { rings } of zone.paths) {
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          if (i === 0) context.moveTo(this.#px(ring[0]!), this.#py(ring[1]!));
          else context.lineTo(this.#px(ring[i]!), this.#py(ring[i + 1]!));
        }
        context.closePath();
      }
    }
    context.lineJoin = "round";
    for (const [width, colour] of [[6, css(this.#colours["map-in"], 0.8)], [2.5, css(this.#colours.focus)]] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }

  #drawMark(context: CanvasRenderingContext2D, index: number, chosen: boolean): void {
    if (index < 0 || !this.#grid || index >= this.#grid.count) return;
    const [x, y] = this.#at(index);
    if (this.#outside(x, y)) return;
    const radius = Math.max(9, this.#radius(index) + 6);
    const ring = (r: number, width: number, colour: string): void => {
      context.beginPath();
      context.arc(x, y, r, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    };
    if (chosen) {
      ring(radius + 3, 3, css(this.#colours.select));
      ring(radius, 2, css(this.#colours.focus));
    } else {
      ring(radius + 1, 4, css(this.#colours["map-in"], 0.8));
      ring(radius + 1, 2, css(this.#colours.focus));
    }
  }

  /** Nothing is written over a danger, and no name of a place over any sign that has a label. */
  #keepSigns(room: LabelRoom, dangers: boolean): void {
    const grid = this.#grid;
    if (!grid) return;
    for (const label of this.labels) {
      const index = grid.indexOf(label.point);
      if (index < 0 || !this.#shown.has(grid, index) || (urgency(grid.state[index]!) === DANGER) !== dangers) continue;
      const [x, y] = this.#at(index);
      const r = this.#radius(index);
      room.place({ left: x - r, top: y - r, right: x + r, bottom: y + r });
    }
  }

  #drawLabels(context: CanvasRenderingContext2D, room: LabelRoom): void {
    const grid = this.#grid;
    if (!grid) return;
    for (const label of this.labels) {
      const index = grid.indexOf(label.point);
      if (!this.layers.has("labels") && index !== this.selected) continue;
      if (index < 0 || ((this.zoom < label.from || this.#covered.has(index)) && index !== this.selected) || !this.#shown.has(grid, index)) continue;
      const [x, y] = this.#at(index);
      if (this.#outside(x, y)) continue;
      const gap = Math.max(9, this.#radius(index) + (index === this.selected ? 12 : 5));
      const bold = index === this.selected;
      context.font = `${bold ? "700 " : ""}13px ${FONT}`;
      const width = context.measureText(label.text).width;
      // On the left where it would run out of the view: the canvas reaches a sixth of its width beyond it.
      const left = x + gap + width > this.size.x * (5 / 6) ? x - gap - width : x + gap;
      const box = { left, top: y - 8, right: left + width, bottom: y + 8 };
      if (room.place(box)) this.#write(context, label.text, left, y, 13, bold, this.#colours.text, "left");
    }
  }

  #drawZoneNames(context: CanvasRenderingContext2D, room: LabelRoom): void {
    for (const zone of this.#zones) {
      const path = zone.paths[0];
      const from = zone.kind === "district" ? 13 : zone.kind === "closed_building" ? 16 : 15;
      if (!path || this.zoom < from || zone.kind === "flood" || !showsZone(this.layers, zone.kind)) continue;
      const district = zone.kind === "district";
      const x = this.#px((path.minX + path.maxX) / 2);
      const y = this.#py(district ? (path.minY + path.maxY) / 2 : path.maxY) - (district ? 0 : 9);
      if (this.#outside(x, y)) continue;
      context.font = `12px ${FONT}`;
      const half = context.measureText(zone.text).width / 2;
      if (room.place({ left: x - half, top: y - 8, right: x + half, bottom: y + 8 })) {
        this.#write(context, zone.text, x, y, 12, false, this.#colours["map-name"], "center");
      }
    }
  }

  #drawNames(context: CanvasRenderingContext2D, room: LabelRoom): void {
    for (const name of this.#names) {
      const x = this.#px(name.x);
      const y = this.#py(name.y);
      if (this.#outside(x, y, 80)) continue;
      const size = name.large ? 15 : 13;
      context.font = `${size}px ${FONT}`;
      const half = context.measureText(name.text).width / 2;
      if (room.place({ left: x - half - 4, top: y - 9, right: x + half + 4, bottom: y + 9 })) {
        this.#write(context, name.text, x, y, size, false, this.#colours["map-name"], "center");
      }
    }
  }

  #write(context: CanvasRenderingContext2D, text: string, x: number, y: number, size: number, bold: boolean, colour: readonly [number, number, number], align: CanvasTextAlign): void {
    context.font = `${bold ? "700 " : ""}${size}px ${FONT}`;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = css(this.#colours["map-in"], 0.85);
    context.strokeText(text, x, y);
    context.fillStyle = css(colour);
    context.fillText(text, x, y);
  }
}
