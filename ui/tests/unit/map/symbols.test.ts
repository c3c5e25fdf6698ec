import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FRESHNESS, type EquipmentKind, type Look } from "../../../src/host/bindings";
import { PointGrid } from "../../../src/map/grid";
import { HALF_WORLD, pixelsPerMetre } from "../../../src/map/mercator";
import { palette, rgb, type Palette, type Rgb } from "../../../src/map/palette";
import { PointFrame } from "../../../src/map/pointFrame";
import { Shown } from "../../../src/map/shown";
import { makeStamp, over, pack, type Stamp } from "../../../src/map/stamp";
import { coats, halfSize, lookColour, StampSet } from "../../../src/map/symbols";
import { AGEING, freshnessOf, KINDS, lookOf, LOOKS, PENDING, STALE, stateByte, UNREACHABLE, urgency, withoutLink } from "../../../src/map/state";

const CSS = readFileSync(new URL("../../../src/styles/tokens.css", import.meta.url), "utf8");
const THEMES: Record<string, Palette> = Object.fromEntries(
  ["night", "day"].map((theme) => {
    const block = new RegExp(`\\[data-theme="${theme}"\\]\\s*\\{([^}]*)\\}`).exec(CSS)![1]!;
    return [theme, palette((name) => new RegExp(`${name}:\\s*(#[0-9a-f]{6})`).exec(block)![1]!)];
  }),
);
const ABNORMAL: Look[] = ["notice", "fault", "danger", "no_value"];

/** Which pixels are inked with the look's colour: the form without its colour. */
function form(look: Look, colours: Palette, marks = 0): string {
  const stamp = makeStamp(coats("camera", LOOKS.indexOf(look) | marks, 9, true, colours), 12);
  const [r, g, b] = lookColour(look, colours);
  return [...stamp.pixels].map((pixel) => (Math.abs((pixel & 255) - r) + Math.abs(((pixel >> 8) & 255) - g) + Math.abs(((pixel >> 16) & 255) - b) < 90 && pixel >>> 24 > 128 ? "#" : ".")).join("");
}

function difference(a: string, b: string): number {
  return [...a].filter((pixel, i) => pixel !== b[i]).length;
}

// How eyes without one of the three kinds of cones see a colour (linear RGB, Viénot, Brettel and Mollon 1999 in form).
const EYES: Record<string, (c: number[]) => number[]> = {
  ordinary: (c) => c,
  deuteranopia: ([r, g, b]) => [0.29275 * r! + 0.70725 * g!, 0.29275 * r! + 0.70725 * g!, -0.02234 * r! + 0.02234 * g! + b!],
  protanopia: ([r, g, b]) => [0.10889 * r! + 0.89111 * g!, 0.10889 * r! + 0.89111 * g!, 0.00447 * r! - 0.00447 * g! + b!],
  tritanopia: ([r, g, b]) => [r! + 0.1273 * g! - 0.1273 * b!, 0.8739 * g! + 0.1261 * b!, 0.8739 * g! + 0.1261 * b!],
};

function linear(colour: Rgb): number[] {
  return colour.map((c) => ((c / 255) <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
}

/** Distance in CIE Lab, for colours in linear RGB. */
function apart(a: number[], b: number[]): number {
  const lab = ([r, g, bl]: number[]): number[] => {
    const f = (v: number): number => (v > 0.008856 ? Math.cbrt(Math.max(0, v)) : 7.787 * v + 16 / 116);
    const x = f((0.4124 * r! + 0.3576 * g! + 0.1805 * bl!) / 0.9505);
    const y = f(0.2126 * r! + 0.7152 * g! + 0.0722 * bl!);
    const z = f((0.0193 * r! + 0.1192 * g! + 0.9505 * bl!) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(...p.map((v, i) => v - q[i]!));
}

function grey([r, g, b]: number[]): number[] {
  const light = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  return [light, light, light];
}

/** A point alone on the map's ground, as linear colours. */
function sight(kind: EquipmentKind, state: number, zoom: number, colours: Palette): number[][] {
  const size = 40;
  const grid = new PointGrid({
    generation: 1, originX: 0, originY: 0, ids: Uint32Array.of(1), x: Float32Array.of(0), y: Float32Array.of(0),
    kind: Uint8Array.of(KINDS.indexOf(kind)), state: Uint8Array.of(state),
  });
  const frame = { width: size, height: size, pixels: new Uint32Array(size * size) };
  const middle = HALF_WORLD * pixelsPerMetre(zoom) - size / 2;
  new PointFrame(grid, frame, { zoom, ratio: 1, worldX: middle, worldY: middle }, colours, new Shown()).drawAll();
  const ground = pack(colours["map-in"], 1);
  return [...frame.pixels].map((pixel) => {
    const shown = over(pixel, ground);
    return linear([shown & 255, (shown >> 8) & 255, (shown >> 16) & 255]);
  });
}

describe("symbols", () => {
  for (const [theme, colours] of Object.entries(THEMES)) {
    it(`${theme}: every look has a form of its own, that needs no colour`, () => {
      for (const [i, a] of ABNORMAL.entries()) {
        for (const b of ABNORMAL.slice(i + 1)) expect(difference(form(a, colours), form(b, colours)), `${a} and ${b}`).toBeGreaterThan(25);
        expect(difference(form(a, colours), form("normal", colours)), `${a} and normal`).toBeGreaterThan(25);
      }
    });

    it(`${theme}: unreachable is hollow, not another colour`, () => {
      for (const look of ["fault", "danger", "notice"] as const) {
        expect(difference(form(look, colours), form(look, colours, UNREACHABLE)), look).toBeGreaterThan(25);
      }
    });

    for (const [eye, seen] of Object.entries(EYES)) {
      it(`${theme}: what is urgent stands out of the grey city for ${eye} eyes`, () => {
        for (const look of ["notice", "fault", "danger"] as const) {
          for (const grey of ["normal", "normal-on", "map-in"] as const) {
            const distance = apart(seen(linear(lookColour(look, colours))), seen(linear(colours[grey])));
            // Two is just noticeable; ten is another colour, before any difference of form and size.
            expect(distance, `${look} on ${grey}`).toBeGreaterThan(10);
          }
        }
      });
    }
  }

  it("the worse, the larger, at every zoom", () => {
    for (let zoom = 9; zoom <= 19; zoom++) {
      const [fault, danger, lamp] = [halfSize("camera", "fault", zoom), halfSize("camera", "danger", zoom), halfSize("street_light", "fault", zoom)];
      expect(danger).toBeGreaterThanOrEqual(fault);
      expect(fault).toBeGreaterThanOrEqual(lamp);
      expect(lamp).toBeGreaterThan(halfSize("street_light", "active", zoom));
    }
  });

  it("each kind has a shape of its own where there is room for one", () => {
    const shapes = KINDS.map((kind) => makeStamp(coats(kind, 0, 7, true, THEMES.night!), 10).pixels.join());
    expect(new Set(shapes).size).toBe(KINDS.length);
  });

  it("a stamp is made once for the states that look the same", () => {
    const set = new StampSet(15, 1, THEMES.night!);
    expect(set.stamp(0, 1)).toBe(set.stamp(0, 1 | PENDING));
    expect(set.stamp(0, 1)).not.toBe(set.stamp(0, 1 | STALE));
  });
});

describe("state bytes", () => {
  it("keep look, freshness and marks apart, as the core packs them", () => {
    expect(stateByte("danger", "stale", ["pending", "unknown", "override"])).toBe(0b1111_0100);
    expect(lookOf(0b1111_0100)).toBe("danger");
    expect(ABNORMAL.map((look) => urgency(stateByte(look, "live", [])))).toEqual([2, 3, 4, 1]);
  });
});

describe("freshness", () => {
  it("comes back from its two bits, and what was never seen has no value", () => {
    for (const age of FRESHNESS) {
      for (const look of LOOKS) {
        if ((age === "never") !== (look === "no_value")) continue;
        expect(freshnessOf(stateByte(look, age, ["pending"])), `${look} ${age}`).toBe(age);
      }
    }
  });

  it("nothing is live behind a lost link, and the rest stays as old as it is", () => {
    expect(freshnessOf(withoutLink(stateByte("fault", "live", [])))).toBe("ageing");
    for (const state of [AGEING, STALE, UNREACHABLE]) expect(withoutLink(state)).toBe(state);
  });

  // A camera near enough to have a shape, and a lamp among thousands, which only its hatch can tell.
  const SIGHTS: [string, EquipmentKind, number, number][] = [["a camera", "camera", 17, 60], ["a lamp of the whole city", "street_light", 12, 6]];
  for (const [theme, colours] of Object.entries(THEMES)) {
    for (const [what, kind, zoom, least] of SIGHTS) {
      for (const [eye, seen] of Object.entries({ ...EYES, greyscale: grey })) {
        it(`${theme}: the five ages of ${what} are told apart by ${eye} eyes`, () => {
          for (const [i, a] of FRESHNESS.entries()) {
            for (const b of FRESHNESS.slice(i + 1)) {
              const [first, second] = [a, b].map((age) => sight(kind, stateByte(age === "never" ? "no_value" : "normal", age, []), zoom, colours));
              const differing = first!.filter((pixel, at) => apart(seen(pixel), seen(second![at]!)) > 10).length;
              expect(differing, `${a} and ${b}`).toBeGreaterThanOrEqual(least);
            }
          }
        });
      }
    }
  }
});

describe("colours", () => {
  it("are read as written and as a minifier shortens them", () => {
    expect(rgb(" #fff ")).toEqual([255, 255, 255]);
    expect(rgb("#0f141a")).toEqual([15, 20, 26]);
  });

  it("blend without premultiplying", () => {
    const half = pack([255, 0, 0], 0.5);
    expect(over(half, 0)).toBe(half);
    expect(over(half, pack([0, 0, 255], 1))).toBe(0xff7f0080);
    expect(over(0, half)).toBe(half);
  });

  it("a stamp has its point in the middle", () => {
    const stamp: Stamp = makeStamp(coats("street_light", 0, 3, false, THEMES.night!), 4);
    expect([stamp.left, stamp.top]).toEqual([(stamp.width - 1) / 2, (stamp.height - 1) / 2]);
    expect(stamp.pixels[stamp.top * stamp.width + stamp.left]! >>> 24).toBe(255);
  });
});
