/** The colours a canvas needs, from the same tokens as the rest of the page. */

export type Rgb = readonly [number, number, number];

const NAMES = [
  "map-out", "map-in", "map-edge", "map-water", "map-road", "map-rail", "map-tram", "map-name",
  "normal", "normal-on", "zone", "cone", "p1", "p2", "p3", "p-ink", "focus", "select", "text", "text-2", "text-3", "panel",
] as const;

export type ColourName = (typeof NAMES)[number];
export type Palette = Readonly<Record<ColourName, Rgb>>;

/** Reads `#rrggbb`, or `#rgb` as a minifier writes it. */
export function rgb(hex: string): Rgb {
  const digits = hex.trim().slice(1);
  const value = Number.parseInt(digits.length === 3 ? digits.replace(/./g, "$&$&") : digits, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** A palette from a reader of custom properties. */
export function palette(read: (name: string) => string): Palette {
  return Object.fromEntries(NAMES.map((name) => [name, rgb(read(`--${name}`))])) as unknown as Palette;
}

/**
 * The palette of a map whose link is lost: shapes stay, colour almost goes, so that nothing on it looks fresh. The selection
 * and the focus keep theirs: they belong to the desk.
 */
export function desaturated(colours: Palette, amount = 0.82): Palette {
  const own: readonly ColourName[] = ["select", "focus"];
  return Object.fromEntries(
    NAMES.map((name) => [name, own.includes(name) ? colours[name] : greyed(colours[name], amount)]),
  ) as unknown as Palette;
}

export function greyed([r, g, b]: Rgb, amount: number): Rgb {
  const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const mix = (c: number): number => Math.round(c + (grey - c) * amount);
  return [mix(r), mix(g), mix(b)];
}

export function css([r, g, b]: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`;
}
