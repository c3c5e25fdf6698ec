import { describe, expect, it } from "vitest";
import { toLambert93 } from "../../../src/map/lambert93";

describe("Lambert-93", () => {
  // The places of the core's own tests, computed apart from the defining parameters (EPSG method 9802).
  it.each([
    [5.0415, 47.322, 854184.5476022296, 6693290.461508677],
    [-4.4861, 48.3904, 146632.978527516, 6836262.326655938],
    [9.4506, 42.7028, 1228569.6906101764, 6199735.043423199],
    [3, 46.5, 700_000, 6_600_000],
  ])("puts %f E %f N where its definition does, within a millimetre", (lon, lat, x, y) => {
    const place = toLambert93(lon, lat)!;
    expect(Math.abs(place.x - x)).toBeLessThan(1e-3);
    expect(Math.abs(place.y - y)).toBeLessThan(1e-3);
  });

  it("is not said where the projection does not serve", () => {
    for (const [lon, lat] of [[-61.5, 16.2], [55.5, -21.1], [13.4, 52.5], [0, 90], [0, -90]] as const) expect(toLambert93(lon, lat)).toBeNull();
  });
});
