/**
 * A city too large for dots: neutral density, warmer with the share of faults, hatched where values are missing; the signs
 * that matter are pressed on top one by one. Never "the worst wins": at a million points that is a solid red with 2 % of faults.
 */
import { Framing, hatchPhase, type FrameView } from "./framing";
import type { PointGrid } from "./grid";
import type { Palette } from "./palette";
import type { CountPyramid, Level } from "./pyramid";
import type { Shown } from "./shown";
import { over, pack, press, wipe, type Frame, type Phase, type Rect } from "./stamp";
import { LAMP, urgency, withoutLink } from "./state";
import { gathered, type Cluster, type Sign } from "./clusters";
import { StampSet } from "./symbols";

/** Smallest side of a cell on the screen, CSS pixels. */
const GRAIN = 2.5;
/** Shades of density and of faults. */
const SHADES = 24;
const TINTS = 16;
/** A cell with this share of faults is as warm as can be. */
const HOT = 0.25;
/** Lamps at fault are grains of their own while this many at most are in the frame; beyond, only their share is told. */
const MOST_GRAINS = 3_000;
const HATCH_PERIOD = 4;
const NOTICE = 2;
const DANGER = 4;

export class DensityFrame {
  readonly #grid: PointGrid;
  readonly #pyramid: CountPyramid;
  readonly #frame: Frame;
  readonly #framing: Framing;
  readonly #stamps: StampSet;
  readonly #shown: Shown;
  readonly #ratio: number;
  readonly #shades: Uint32Array;
  readonly #hatch: number;
  readonly #phase: Phase;
  readonly #cut: boolean;

  constructor(grid: PointGrid, pyramid: CountPyramid, frame: Frame, view: FrameView, colours: Palette, shown: Shown) {
    this.#grid = grid;
    this.#pyramid = pyramid;
    this.#frame = frame;
    this.#framing = new Framing(grid, view);
    this.#stamps = StampSet.of(view.zoom, view.ratio, colours);
    this.#shown = shown;
    this.#ratio = view.ratio;
    this.#shades = shadesOf(colours);
    this.#hatch = pack(colours["text-3"], 0.55);
    this.#phase = hatchPhase(view);
    this.#cut = view.cut ?? false;
  }

  /** Draws everything, or only the signs. Returns what signs were gathered under another. */
  draw(cells = true): Cluster[] {
    const whole = { left: 0, top: 0, right: this.#frame.width, bottom: this.#frame.height };
    wipe(this.#frame, whole);
    if (cells) this.#cells(this.#pyramid.level((GRAIN * this.#ratio) / this.#framing.scale), whole);
    return this.#signs(whole);
  }

  #cells(level: Level, whole: Rect): void {
    const { extent } = this.#grid;
    const framing = this.#framing;
    const area = framing.metres(whole, 0);
    const bound = (metres: number, cells: number): number => Math.max(0, Math.min(cells - 1, Math.floor(metres / level.cell)));
    const firstColumn = bound(area.minX - extent.minX, level.columns);
    const lastColumn = bound(area.maxX - extent.minX, level.columns);
    const lastRow = bound(area.maxY - extent.minY, level.rows);
    const lefts = new Int32Array(lastColumn - firstColumn + 2);
    for (let c = 0; c < lefts.length; c++) {
      lefts[c] = Math.max(0, Math.min(whole.right, framing.pixelX(extent.minX + (firstColumn + c) * level.cell)));
    }
    const full = Math.log2(1 + level.full);
    for (let row = bound(area.minY - extent.minY, level.rows); row <= lastRow; row++) {
      const top = Math.max(0, framing.pixelY(extent.minY + (row + 1) * level.cell));
      const bottom = Math.min(whole.bottom, framing.pixelY(extent.minY + row * level.cell));
      if (top >= bottom) continue;
      for (let column = firstColumn; column <= lastColumn; column++) {
        const cell = row * level.columns + column;
        const points = level.points[cell]!;
        if (points === 0) continue;
        const shade = Math.min(SHADES - 1, Math.floor((Math.log2(1 + points) / full) * (SHADES - 1)));
        const heat = level.faults[cell] === 0 ? 0 : Math.min(1, level.faults[cell]! / points / HOT) ** 0.6;
        const pixel = this.#shades[shade * TINTS + Math.round(heat * (TINTS - 1))]!;
        const silent = this.#cut || 2 * level.silent[cell]! > points;
        this.#fill(lefts[column - firstColumn]!, top, lefts[column - firstColumn + 1]!, bottom, pixel, silent);
      }
    }
  }

  #fill(left: number, top: number, right: number, bottom: number, pixel: number, silent: boolean): void {
    const { pixels, width } = this.#frame;
    for (let y = top; y < bottom; y++) {
      for (let x = left, at = y * width + left; x < right; x++, at++) {
        pixels[at] = silent && (x + y + this.#phase.x + this.#phase.y) % HATCH_PERIOD === 0 ? this.#hatch : pixel;
      }
    }
  }

  #signs(whole: Rect): Cluster[] {
    const { x, y, kind, state } = this.#grid;
    const signs: Sign[] = [];
    const grains: number[] = [];
    const reach = Math.ceil(16 * this.#ratio);
    this.#grid.runs(this.#framing.metres(whole, reach), (from, to) => {
      for (let i = from; i < to; i++) {
        const level = urgency(state[i]!);
        if (level < NOTICE || !this.#shown.has(this.#grid, i)) continue;
        if (kind[i] === LAMP && level < DANGER) {
          if (grains.length <= MOST_GRAINS) grains.push(i);
        } else {
          signs.push({ index: i, x: this.#framing.pixelX(x[i]!), y: this.#framing.pixelY(y[i]!), urgency: level });
        }
      }
    });
    if (grains.length <= MOST_GRAINS) for (const i of grains) this.#press(i, this.#framing.pixelX(x[i]!), this.#framing.pixelY(y[i]!), whole);
    const clusters = gathered(signs, this.#ratio);
    for (let c = clusters.length - 1; c >= 0; c--) this.#press(clusters[c]!.worst, clusters[c]!.x, clusters[c]!.y, whole);
    return clusters;
  }

  #press(index: number, x: number, y: number, clip: Rect): void {
    const state = this.#grid.state[index]!;
    press(this.#frame, this.#stamps.stamp(this.#grid.kind[index]!, this.#cut ? withoutLink(state) : state), x, y, clip);
  }
}

const SHADES_OF = new WeakMap<Palette, Uint32Array>();

function shadesOf(colours: Palette): Uint32Array {
  const known = SHADES_OF.get(colours);
  if (known) return known;
  const made = shades(colours);
  SHADES_OF.set(colours, made);
  return made;
}

/** Pixels by density and share of faults: the neutral shade, with the colour of faults laid over it. */
function shades(colours: Palette): Uint32Array {
  const made = new Uint32Array(SHADES * TINTS);
  for (let shade = 0; shade < SHADES; shade++) {
    const neutral = pack(colours.normal, 0.22 + (0.63 * shade) / (SHADES - 1));
    for (let tint = 0; tint < TINTS; tint++) made[shade * TINTS + tint] = over(pack(colours.p2, (0.9 * tint) / (TINTS - 1)), neutral);
  }
  return made;
}
