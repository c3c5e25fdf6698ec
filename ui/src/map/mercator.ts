/** Web Mercator (EPSG:3857) and screen pixels. */

const RADIUS = 6_378_137;
/** Half the width of the projected world, metres. */
export const HALF_WORLD = Math.PI * RADIUS;

export function toMercator(lon: number, lat: number): { x: number; y: number } {
  const bounded = Math.max(-85.05112878, Math.min(85.05112878, lat));
  const phi = (bounded * Math.PI) / 180;
  return { x: (RADIUS * lon * Math.PI) / 180, y: RADIUS * Math.log(Math.tan(Math.PI / 4 + phi / 2)) };
}

export function toDegrees(x: number, y: number): { lon: number; lat: number } {
  return { lon: (x / RADIUS) * (180 / Math.PI), lat: (2 * Math.atan(Math.exp(y / RADIUS)) - Math.PI / 2) * (180 / Math.PI) };
}

/** World pixels (origin at the north-west corner) per projected metre. */
export function pixelsPerMetre(zoom: number): number {
  return (256 * 2 ** zoom) / (2 * HALF_WORLD);
}

/** Ground metres per screen pixel at a latitude. */
export function metresPerPixel(zoom: number, lat: number): number {
  return Math.cos((lat * Math.PI) / 180) / pixelsPerMetre(zoom);
}

/** The longest round length (1, 2 or 5 × 10ⁿ metres) that fits in `maxPixels`, and its width. */
export function scaleBar(zoom: number, lat: number, maxPixels: number): { metres: number; pixels: number } {
  const perPixel = metresPerPixel(zoom, lat);
  const most = perPixel * maxPixels;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((step) => step * power).find((length) => length <= most) ?? power;
  return { metres, pixels: metres / perPixel };
}
