/** What may be shown or left out of the map. Objects are not a layer: what hides them is a filter, and says so. */

export const LAYERS = ["ground", "names", "zone.cctv", "zone.flood", "zone.closed_building", "zone.district", "cones", "labels", "density"] as const;
export type Layer = (typeof LAYERS)[number];
export type Layers = ReadonlySet<Layer>;

export const ALL_LAYERS: Layers = new Set(LAYERS);

/** Whether zones of a kind are shown. A kind that is not known here is: better shown than lost. */
export function showsZone(layers: Layers, kind: string): boolean {
  const layer = LAYERS.find((one) => one === `zone.${kind}`);
  return layer === undefined || layers.has(layer);
}
