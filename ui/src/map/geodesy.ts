/** Lengths and areas on the ground, not on the paper: on the ellipsoid GRS 1980, which WGS 84 follows within a tenth of a millimetre. */

/** Degrees. */
export interface Place {
  lon: number;
  lat: number;
}

const A = 6_378_137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
/** Square of the first eccentricity, and the eccentricity. */
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
/** Where the longitude on the auxiliary sphere no longer moves, radians: less than a hundredth of a millimetre. */
const STILL = 1e-12;
const TURNS = 100;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres along the geodesic between two places, by Vincenty's inverse formula; not a number for places that face each other across the Earth. */
export function distance(from: Place, to: Place): number {
  const along = radians(to.lon - from.lon);
  const u1 = Math.atan((1 - F) * Math.tan(radians(from.lat)));
  const u2 = Math.atan((1 - F) * Math.tan(radians(to.lat)));
  const [sinU1, cosU1, sinU2, cosU2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = along;
  for (let turn = 0; turn < TURNS; turn++) {
    const sinSigma = Math.hypot(cosU2 * Math.sin(lambda), cosU1 * sinU2 - sinU1 * cosU2 * Math.cos(lambda));
    if (sinSigma === 0) return 0;
    const cosSigma = sinU1 * sinU2 + cosU1 * cosU2 * Math.cos(lambda);
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cosU1 * cosU2 * Math.sin(lambda)) / sinSigma;
    const cos2Alpha = 1 - sinAlpha ** 2;
    // On the equator there is no middle latitude.
    const middle = cos2Alpha === 0 ? 0 : cosSigma - (2 * sinU1 * sinU2) / cos2Alpha;
    const c = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const next = along + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (middle + c * cosSigma * (2 * middle ** 2 - 1)));
    if (Math.abs(next - lambda) < STILL) {
      const u = (cos2Alpha * (A ** 2 - B ** 2)) / B ** 2;
      const big = 1 + (u / 16384) * (4096 + u * (u * (320 - 175 * u) - 768));
      const small = (u / 1024) * (256 + u * (u * (74 - 47 * u) - 128));
      const rest = (small / 6) * middle * (4 * sinSigma ** 2 - 3) * (4 * middle ** 2 - 3);
      return B * big * (sigma - small * sinSigma * (middle + (small / 4) * (cosSigma * (2 * middle ** 2 - 1) - rest)));
    }
    lambda = next;
  }
  return NaN;
}

/** Metres along a line of places. */
export function length(line: readonly Place[]): number {
  return line.slice(1).reduce((sum, place, i) => sum + distance(line[i]!, place), 0);
}

/** `q` of a latitude: its sine on the sphere of equal area, times {@link WHOLE}. */
function q(sine: number): number {
  return (1 - E2) * (sine / (1 - E2 * sine ** 2) + Math.atanh(E * sine) / E);
}

const WHOLE = q(1);
/** Square of the radius of the sphere that has the ellipsoid's area. */
const AUTHALIC2 = (A ** 2 * WHOLE) / 2;

/**
 * Square metres inside a ring of places, closed by itself, whichever way it turns: the spherical excess on the sphere of equal
 * area, less than a millionth off for a city. A ring that crosses itself counts what it goes round once each way as nothing.
 */
export function area(ring: readonly Place[]): number {
  // Tangents of half the authalic latitudes.
  const halves = ring.map(({ lat }) => Math.tan(Math.asin(Math.max(-1, Math.min(1, q(Math.sin(radians(lat))) / WHOLE))) / 2));
  const excess = ring.reduce((sum, from, i) => {
    const next = (i + 1) % ring.length;
    const half = Math.tan(radians(ring[next]!.lon - from.lon) / 2);
    return sum + 2 * Math.atan2(half * (halves[i]! + halves[next]!), 1 + halves[i]! * halves[next]!);
  }, 0);
  return Math.abs(excess) * AUTHALIC2;
}
