/** The map in the few colours that a system forces on every page: forms say what is what, as everywhere; colours only keep them apart from the ground. */
import type { ColourName } from "./palette";

const NAMES: Partial<Record<ColourName, string>> = {
  "map-out": "Canvas", "map-in": "Canvas", panel: "Canvas", "p-ink": "Canvas",
  "map-edge": "GrayText", "map-water": "GrayText", "map-road": "GrayText", "map-rail": "GrayText", "map-tram": "GrayText", normal: "GrayText",
  focus: "Highlight", select: "Highlight",
};

/** Whether the system forces its colours, and word when that changes; how to stop listening. */
export function onForcedColours(told: (forced: boolean) => void): () => void {
  const query = matchMedia("(forced-colors: active)");
  const tell = (): void => told(query.matches);
  tell();
  query.addEventListener("change", tell);
  return () => query.removeEventListener("change", tell);
}

/** A reader of the system's colours as `#rrggbb`, by the names of a palette. */
export function forcedReader(): (name: string) => string {
  const probe = document.createElement("span");
  // The probe shows what it is told, and not what the page would be forced to.
  probe.style.setProperty("forced-color-adjust", "none");
  document.body.append(probe);
  const hex = (name: string): string => {
    probe.style.color = name;
    const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
    return `#${parts.slice(0, 3).map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
  };
  const known = new Map(["Canvas", "CanvasText", "GrayText", "Highlight"].map((name) => [name, hex(name)]));
  probe.remove();
  return (name) => known.get(NAMES[name.replace(/^--/, "") as ColourName] ?? "CanvasText") ?? "#000000";
}
