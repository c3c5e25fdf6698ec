/**
 * Lambert-93 (EPSG:2154), the projection of French plans, from degrees: as `vigie_core::geo::lambert93` has it. Formulas and
 * constants: IGN, note technique NTG_71, algorithms ALG0001 and ALG0003; ellipsoid IAG GRS 1980.
 */

const E = 0.0818191910428158;
const N = 0.725607765053267;
const C = 11_754_255.426096;
const XS = 700_000;
const YS = 12_655_612.049876;
const MERIDIAN = 3;

/** Metres of Lambert-93. */
export interface Lambert93 {
  x: number;
  y: number;
}

/** Metres of a place in degrees (WGS 84, which RGF93 follows within a metre); null far from metropolitan France. */
export function toLambert93(lon: number, lat: number): Lambert93 | null {
  const sine = Math.sin((lat * Math.PI) / 180);
  const isometric = Math.atanh(sine) - E * Math.atanh(E * sine);
  const radius = C * Math.exp(-N * isometric);
  const angle = (N * (lon - MERIDIAN) * Math.PI) / 180;
  const x = XS + radius * Math.sin(angle);
  const y = YS - radius * Math.cos(angle);
  return x >= 0 && x <= 1_350_000 && y >= 6_000_000 && y <= 7_250_000 ? { x, y } : null;
}
