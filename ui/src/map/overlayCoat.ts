/** What lies over the points: names, rings of commands, and where the selection and the focus are. */
import type { City, ZoneView } from "../host/bindings";
import type { Cluster } from "./clusters";
import { pathsOf } from "./ground";
import type { PointGrid } from "./grid";
import type { Place } from "./geodesy";
import { LabelRoom } from "./labels";
import { ALL_LAYERS, type Layers } from "./layers";
import { drawMeasure } from "./measureDrawing";
import { toMercator } from "./mercator";
import { drawNames, drawZoneNames, type Name, type Zone } from "./overlayNames";
import { drawCounts, drawHighlight, drawMark, drawRing } from "./overlaySigns";
import type { Palette } from "./palette";
import { FONT, write, type Pen } from "./pen";
import type { Placement } from "./placement";
import { Coat } from "./plate";
import type { Shown } from "./shown";
import { KINDS, lookOf, ringed, urgency } from "./state";
import { halfSize } from "./symbols";

/** A name to write beside a point. */
export interface PointLabel {
  point: number;
  text: string;
  /** Shown from this zoom. */
  from: number;
}

const DANGER = 4;

export class OverlayCoat extends Coat {
  /** Points of the selection and of the list's focus; -1 for none. */
  selected = -1;
  focused = -1;
  /** The zone that has the focus in its list. */
  highlight: string | null = null;
  labels: readonly PointLabel[] = [];
  layers: Layers = ALL_LAYERS;
  /** The measure under way, and where its next corner would be: in the middle of the view unless the pointer says it. */
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
  /** Where it was last drawn. */
  #at: Placement | null = null;
  readonly #shown: Shown;

  constructor(colours: Palette, shown: Shown) {
    super(colours);
    this.#shown = shown;
  }

  setCity(city: City, grid: PointGrid): void {
    this.#grid = grid;
    this.#names = [...city.communes]
      .sort((a, b) => b.population - a.population)
      .map((commune) => ({ ...toMercator(commune.lon, commune.lat), text: commune.name, large: commune.population > 50_000 }));
    this.#ringed = new Set();
    this.#clusters = [];
    this.#covered.clear();
    for (let i = 0; i < grid.count; i++) if (ringed(grid.state[i]!)) this.#ringed.add(i);
    this.redraw();
  }

  setZones(zones: readonly ZoneView[]): void {
    this.#zones = zones.map((zone) => ({ id: zone.zone_id, kind: zone.kind, text: zone.name, paths: pathsOf("road", zone.outline) }));
    this.redraw();
  }

  /** The signs that stand for several, in device pixels of the placement. */
  setClusters(clusters: readonly Cluster[], ratio: number): void {
    if (clusters.length === 0 && this.#clusters.length === 0) return;
    this.#clusters = clusters;
    this.#clusterRatio = ratio;
    this.#covered = new Set(clusters.flatMap(({ members }) => members.slice(1)));
    this.redraw();
  }

  /** The cluster whose sign or count is within `radius` pixels of a place in projected metres. */
  clusterAt(x: number, y: number, radius: number): Cluster | null {
    if (!this.#at) return null;
    const [px, py] = [this.#at.px(x) * this.#clusterRatio, this.#at.py(y) * this.#clusterRatio];
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

  override draw(context: CanvasRenderingContext2D, at: Placement): void {
    this.#at = at;
    const pen = { context, at, colours: this.colours };
    const room = new LabelRoom();
    this.#keepSigns(at, room, true);
    this.#drawRings(pen);
    drawCounts(pen, room, this.#clusters, this.#clusterRatio);
    const zone = this.#zones.find(({ id }) => id === this.highlight);
    if (zone) drawHighlight(pen, zone.paths);
    this.#drawMark(pen, this.selected, true);
    this.#drawMark(pen, this.focused, false);
    this.#drawLabels(pen, room);
    this.#keepSigns(at, room, false);
    drawZoneNames(pen, room, this.#zones, this.layers);
    if (this.layers.has("names")) drawNames(pen, room, this.#names);
    if (this.measure) {
      const next = this.pointer ? placed(at, this.pointer) : [at.size.x / 2, at.size.y / 2] as const;
      drawMeasure(context, this.measure.map((place) => placed(at, place)), next, this.colours);
    }
  }

  #pixel(at: Placement, index: number): [number, number] {
    const grid = this.#grid!;
    return [at.px(grid.originX + grid.x[index]!), at.py(grid.originY + grid.y[index]!)];
  }

  #radius(at: Placement, index: number): number {
    const grid = this.#grid!;
    return halfSize(KINDS[grid.kind[index]!] ?? "street_light", lookOf(grid.state[index]!), at.zoom);
  }

  #drawRings(pen: Pen): void {
    const grid = this.#grid;
    if (!grid) return;
    for (const index of this.#ringed) {
      if (!this.#shown.has(grid, index)) continue;
      const [x, y] = this.#pixel(pen.at, index);
      if (!pen.at.outside(x, y)) drawRing(pen, x, y, this.#radius(pen.at, index), grid.state[index]!);
    }
  }

  #drawMark(pen: Pen, index: number, chosen: boolean): void {
    if (index < 0 || !this.#grid || index >= this.#grid.count) return;
    const [x, y] = this.#pixel(pen.at, index);
    if (!pen.at.outside(x, y)) drawMark(pen, x, y, this.#radius(pen.at, index), chosen);
  }

  /** Nothing is written over a danger, and no name of a place over any sign that has a label. */
  #keepSigns(at: Placement, room: LabelRoom, dangers: boolean): void {
    const grid = this.#grid;
    if (!grid) return;
    for (const label of this.labels) {
      const index = grid.indexOf(label.point);
      if (index < 0 || !this.#shown.has(grid, index) || (urgency(grid.state[index]!) === DANGER) !== dangers) continue;
      const [x, y] = this.#pixel(at, index);
      const r = this.#radius(at, index);
      room.place({ left: x - r, top: y - r, right: x + r, bottom: y + r });
    }
  }

  #drawLabels(pen: Pen, room: LabelRoom): void {
    const grid = this.#grid;
    if (!grid) return;
    const { context, at } = pen;
    for (const label of this.labels) {
      const index = grid.indexOf(label.point);
      const bold = index === this.selected;
      if (!this.layers.has("labels") && !bold) continue;
      if (index < 0 || ((at.zoom < label.from || this.#covered.has(index)) && !bold) || !this.#shown.has(grid, index)) continue;
      const [x, y] = this.#pixel(at, index);
      if (at.outside(x, y)) continue;
      const gap = Math.max(9, this.#radius(at, index) + (bold ? 12 : 5));
      context.font = `${bold ? "700 " : ""}13px ${FONT}`;
      const width = context.measureText(label.text).width;
      // On the left where it would run out of the view.
      const left = x + gap + width > at.size.x - at.margin.x ? x - gap - width : x + gap;
      if (room.place({ left, top: y - 8, right: left + width, bottom: y + 8 })) {
        write(pen, label.text, left, y, { size: 13, bold, colour: this.colours.text, align: "left" });
      }
    }
  }
}

function placed(at: Placement, { lon, lat }: Place): [number, number] {
  const { x, y } = toMercator(lon, lat);
  return [at.px(x), at.py(y)];
}
