import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const CSS = readFileSync(new URL("../../../src/styles/tokens.css", import.meta.url), "utf8");

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function ratio(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Ink, ground, least ratio (WCAG 2.2: 4.5 for text, 3 for what is drawn). */
const PAIRS: [string, string, number][] = [
  ...["text", "text-2"].flatMap((ink): [string, string, number][] => [[ink, "ground", 4.5], [ink, "panel", 4.5], [ink, "raised", 4.5]]),
  ["text-3", "panel", 4.5], ["text-3", "raised", 4.5], ["map-name", "map-in", 4.5],
  ["p1", "panel", 4.5], ["p2", "panel", 4.5], ["p3", "panel", 4.5], ["p1", "map-in", 3], ["p2", "map-in", 3], ["p3", "map-in", 3],
  ["p-ink", "p1", 4.5], ["p-ink", "p2", 4.5], ["p-ink", "p3", 4.5],
  ["normal", "map-in", 3], ["normal-on", "map-in", 3], ["zone", "map-in", 3], ["cone", "map-in", 3],
  ["select", "map-in", 3], ["select", "panel", 3], ["select", "raised", 3], ["text-2", "map-in", 4.5], ["text", "map-in", 4.5],
  ["act-ink", "act", 4.5], ["danger", "panel", 4.5], ["danger", "raised", 3], ["ok", "panel", 4.5], ["p2", "raised", 3],
  ["training", "panel", 3], ["lost-ink", "lost", 7], ["focus", "panel", 7], ["focus", "map-in", 7],
];

describe("contrast", () => {
  for (const theme of ["night", "day"]) {
    const block = new RegExp(`\\[data-theme="${theme}"\\]\\s*\\{([^}]*)\\}`).exec(CSS)?.[1] ?? "";
    const colours = Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, hex]) => [name!, hex!]));

    it.each(PAIRS)(`${theme}: %s on %s is at least %d to 1`, (ink, ground, least) => {
      expect(ratio(colours[ink]!, colours[ground]!)).toBeGreaterThanOrEqual(least);
    });
  }
});
