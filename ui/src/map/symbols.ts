/**
 * What each state looks like: shape, fill and glyph as well as colour, so that it is read without colour too.
 *
 * | state | form |
 * |---|---|
 * | normal, active | a grey dot; from zoom 14, other kinds than lamps have a grey shape of their own |
 * | notice | square with a bar |
 * | fault | triangle with an exclamation mark |
 * | danger | octagon with a cross |
 * | no value | ring with a slash |
 * | ageing | the same with one cut (and a thin hatch by the frame) |
 * | stale | the same with two cuts, faded (and a dense hatch) |
 * | unreachable | the same, hollow (and hatched the other way) |
 * | never seen | as no value (and dotted) |
 */
import type { EquipmentKind, Freshness, Look } from "../host/bindings";
import type { Palette, Rgb } from "./palette";
import { band, box, disc, grown, moved, outline, polygon, regular, turned, union, without, type Shape } from "./shapes";
import { makeStamp, type Coat, type Stamp } from "./stamp";
import { freshnessOf, FRESHNESS, KINDS, LOOK, lookOf } from "./state";

/** Half size of a symbol in CSS pixels. The lamps carry the city's shape and stay small; the worst is the largest. */
export function halfSize(kind: EquipmentKind, look: Look, zoom: number): number {
  const lamp = kind === "street_light";
  switch (look) {
    case "danger": return at(zoom, [9, 9.5, 10, 10.5, 11]);
    case "fault": return lamp ? at(zoom, [1.7, 2.4, 3.8, 5.6, 8]) : at(zoom, [5.5, 6.5, 8, 8.5, 9]);
    case "notice": return lamp ? at(zoom, [1.5, 2.1, 3.3, 5, 7]) : at(zoom, [4, 5, 6.5, 7.5, 8]);
    case "no_value": return lamp ? at(zoom, [1.4, 1.8, 2.4, 3.4, 5]) : at(zoom, [4, 4.5, 5.5, 6.5, 7.5]);
    case "normal":
    case "active": return lamp ? at(zoom, [0.62, 0.85, 1.2, 1.7, 2.3, 3, 4, 5, 6]) : at(zoom, [0.9, 1.3, 1.9, 4.6, 5.4, 6.2, 7, 8, 9]);
  }
}

/** Values for zoom 11 and under, 12, 13 … */
function at(zoom: number, sizes: readonly number[]): number {
  return sizes[Math.max(0, Math.min(sizes.length - 1, Math.round(zoom) - 11))]!;
}

/** From this zoom, other kinds than lamps show their own shape. */
export const KIND_SHAPES_FROM = 14;

/** The shape of a kind at rest. */
export function kindShape(kind: EquipmentKind, r: number): Shape {
  const stroke = Math.max(1, r * 0.34);
  switch (kind) {
    case "street_light": return disc(r);
    case "signal_junction": return union(box(r, r * 0.34), box(r * 0.34, r));
    case "camera": return polygon([[-r, -r * 0.75], [r, 0], [-r, r * 0.75]]);
    case "gauge": return union(box(r * 0.22, r), box(r * 0.75, r * 0.18, 0, -r * 0.5), box(r * 0.75, r * 0.18, 0, r * 0.35));
    case "container": return without(box(r * 0.8, r * 0.9), box(r * 0.8 - stroke, r, 0, -stroke));
    case "bollard": return union(box(r * 0.4, r * 0.9), box(r * 0.8, r * 0.2, 0, r * 0.8));
    case "building": return outline(polygon([[0, -r], [r * 0.9, -r * 0.2], [r * 0.9, r * 0.9], [-r * 0.9, r * 0.9], [-r * 0.9, -r * 0.2]]), stroke);
    case "message_sign": return union(outline(box(r, r * 0.55, 0, -r * 0.2), stroke), box(stroke / 2, r * 0.5, 0, r * 0.6));
    case "pump": return union(outline(disc(r * 0.9), stroke), disc(r * 0.35));
    case "cabinet": return union(outline(box(r * 0.75, r * 0.9), stroke), box(stroke / 2, r * 0.9));
    case "substation": return union(outline(polygon([[0, -r], [r, 0], [0, r], [-r, 0]]), stroke), disc(r * 0.3));
  }
}

/** The shape of an abnormal look, with the glyph cut in it. */
function lookShape(look: Look, r: number): { body: Shape; glyph: Shape | null } {
  const bold = Math.max(0.8, r * 0.16);
  switch (look) {
    case "danger": {
      const bar = box(r * 0.5, bold);
      return { body: regular(8, r * 1.06, Math.PI / 8), glyph: union(turned(bar, Math.PI / 4), turned(bar, -Math.PI / 4)) };
    }
    case "fault": return {
      body: polygon([[0, -r * 1.05], [r * 1.08, r * 0.85], [-r * 1.08, r * 0.85]]),
      glyph: r < 4 ? null : union(box(bold * 0.85, r * 0.32, 0, -r * 0.08), box(bold * 0.85, bold * 0.85, 0, r * 0.54)),
    };
    case "notice": return { body: box(r * 0.86, r * 0.86), glyph: r < 4 ? null : box(r * 0.5, bold) };
    default: {
      const ring = outline(disc(r), Math.max(1, r * 0.24));
      return { body: union(ring, moved(turned(box(r, Math.max(0.5, r * 0.11)), -Math.PI / 4), 0, 0)), glyph: null };
    }
  }
}

const LOOK_COLOUR: Record<Look, "normal" | "normal-on" | "p1" | "p2" | "p3" | "text-2"> = {
  normal: "normal", active: "normal-on", notice: "p3", fault: "p2", danger: "p1", no_value: "text-2",
};

export function lookColour(look: Look, colours: Palette): Rgb {
  return colours[LOOK_COLOUR[look]];
}

/** The body of a symbol as the age of its value cuts it. Too small a one is left whole: there the hatch says it. */
function cutBy(age: Freshness, body: Shape, r: number): Shape {
  if (r < 3 || (age !== "ageing" && age !== "stale")) return body;
  const width = Math.max(1.2, r * 0.2);
  const cut = without(body, band(r * 0.55, width));
  return age === "stale" ? without(cut, band(-r * 0.55, width)) : cut;
}

/** The coats of a point's symbol with half size `r` in device pixels. */
export function coats(kind: EquipmentKind, state: number, r: number, shaped: boolean, colours: Palette): Coat[] {
  const look = lookOf(state);
  const colour = lookColour(look, colours);
  const age = freshnessOf(state);
  const hollow = age === "unreachable";
  const alpha = age === "stale" ? 0.6 : 1;
  // Thirty thousand lamps seen from afar are a texture: a little less of it leaves the grains of colour to be seen.
  const plain = kind === "street_light" && r < 1.5 ? 0.8 * alpha : alpha;
  if (look === "normal" || look === "active") {
    const shape = cutBy(age, shaped ? kindShape(kind, r) : disc(r), r);
    return [{ shape: hollow && r >= 1.6 ? outline(grown(shape, 0.4), 1) : shape, colour, alpha: plain }];
  }
  const { body, glyph } = lookShape(look, r);
  // A lamp among thousands gets no halo: at the scale of the city it is a grain of colour, not a sign.
  const halo: Coat = { shape: grown(body, Math.max(1, r * 0.18)), colour: colours["map-in"], alpha: r < 3 ? 0.35 : 0.9 };
  if (look === "no_value") return [halo, { shape: body, colour, alpha }];
  if (hollow) {
    const coated: Coat[] = [halo, { shape: outline(body, Math.max(1.2, r * 0.26)), colour, alpha }];
    return glyph ? [...coated, { shape: glyph, colour, alpha }] : coated;
  }
  const coated: Coat[] = [halo, { shape: cutBy(age, body, r), colour, alpha }];
  return glyph ? [...coated, { shape: glyph, colour: colours["p-ink"], alpha }] : coated;
}

/** Stamps made when first needed, for one zoom, screen density and palette; the same set is given as long as these are. */
export class StampSet {
  static #last: StampSet | null = null;

  readonly #stamps = new Map<number, Stamp>();
  readonly #zoom: number;
  readonly #ratio: number;
  readonly #colours: Palette;

  static of(zoom: number, ratio: number, colours: Palette): StampSet {
    const last = StampSet.#last;
    if (last && last.#zoom === zoom && last.#ratio === ratio && last.#colours === colours) return last;
    return (StampSet.#last = new StampSet(zoom, ratio, colours));
  }

  constructor(zoom: number, ratio: number, colours: Palette) {
    this.#zoom = zoom;
    this.#ratio = ratio;
    this.#colours = colours;
  }

  /** The stamp of a point by its two bytes. Rings are the overlay's and make no difference here. */
  stamp(kind: number, state: number): Stamp {
    const key = (kind << 8) | (state & (LOOK | FRESHNESS));
    const known = this.#stamps.get(key);
    if (known) return known;
    const name = KINDS[kind] ?? "street_light";
    const r = halfSize(name, lookOf(state), this.#zoom) * this.#ratio;
    const made = makeStamp(coats(name, state, r, this.#zoom >= KIND_SHAPES_FROM, this.#colours), r * 1.3 + 1);
    this.#stamps.set(key, made);
    return made;
  }
}
