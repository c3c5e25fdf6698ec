import { describe, expect, it } from "vitest";
import { area, distance, length, type Place } from "../../../src/map/geodesy";

const at = (lon: number, lat: number): Place => ({ lon, lat });
const DIJON = at(5.0415, 47.322);
const CHENOVE = at(5.006, 47.291);

// Computed apart, by GeographicLib 2 on the same ellipsoid.
describe("a distance on the ground", () => {
  it.each([
    [DIJON, CHENOVE, 4368.617684944677],
    [DIJON, at(5.0416, 47.322), 7.559785841495358],
    [at(2.3522, 48.8566), at(5.3698, 43.2965), 660493.2687620026],
    [at(-4.4861, 48.3904), at(9.4506, 42.7028), 1255843.1255756249],
    [at(0, 0), at(1, 0), 111319.49079327357],
  ])("agrees with GeographicLib within a millimetre", (from, to, metres) => {
    expect(Math.abs(distance(from, to) - metres)).toBeLessThan(1e-3);
    expect(Math.abs(distance(to, from) - metres)).toBeLessThan(1e-3);
  });

  it("is nothing between a place and itself, and adds up along a line", () => {
    expect(distance(DIJON, DIJON)).toBe(0);
    expect(length([])).toBe(0);
    expect(length([DIJON])).toBe(0);
    expect(length([DIJON, CHENOVE, DIJON])).toBeCloseTo(2 * 4368.617684944677, 2);
  });

  it("says that it does not know rather than a wrong length, for places that face each other across the Earth", () => {
    expect(distance(at(0, 0), at(179.7, 0.5))).toBeNaN();
  });
});

describe("an area on the ground", () => {
  const square = [at(5.03, 47.31), at(5.05, 47.31), at(5.05, 47.33), at(5.03, 47.33)];

  it.each([
    [square, 3362026.5338306427],
    [[DIJON, at(5.0425, 47.322), at(5.042, 47.3229)], 3782.1341978907585],
    [[at(4.8, 47.2), at(5.2, 47.2), at(5.2, 47.5), at(4.8, 47.5)], 1008038466.7938232],
  ])("agrees with GeographicLib within a hundred-thousandth", (ring, metres) => {
    expect(Math.abs(area(ring) / metres - 1)).toBeLessThan(1e-5);
  });

  it("is the same whichever way the ring turns, and nothing without three corners", () => {
    expect(area([...square].reverse())).toBeCloseTo(area(square), 3);
    expect(area([])).toBe(0);
    expect(area([DIJON, CHENOVE])).toBeCloseTo(0, 3);
  });
});
