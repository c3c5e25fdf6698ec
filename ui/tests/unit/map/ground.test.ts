import { describe, expect, it } from "vitest";
import { groundPaths, pathsOf } from "../../../src/map/ground";
import { LabelRoom } from "../../../src/map/labels";
import { metresPerPixel, scaleBar, toDegrees, toMercator } from "../../../src/map/mercator";

describe("ground", () => {
  it("puts areas under lines and water under roads, whatever the order they come in", () => {
    const line = { type: "LineString", coordinates: [[5, 47], [5.1, 47.1]] };
    const square = { type: "Polygon", coordinates: [[[5, 47], [5.1, 47], [5.1, 47.1], [5, 47]]] };
    const paths = groundPaths({
      communes: [{ insee_code: "1", name: "A", lon: 5, lat: 47, population: 1, outline: square }],
      ground: [{ kind: "motorway", name: "", geometry: line }, { kind: "lake", name: "", geometry: square }, { kind: "river", name: "", geometry: line }],
    });
    expect(paths.map((path) => path.kind)).toEqual(["commune", "lake", "river", "motorway"]);
  });

  it("takes each line of a street network apart, so that a tile draws only what crosses it", () => {
    const paths = pathsOf("street", { type: "MultiLineString", coordinates: [[[5, 47], [5.001, 47]], [[6, 48], [6.001, 48]]] });
    expect(paths).toHaveLength(2);
    expect(paths[0]!.maxX).toBeLessThan(paths[1]!.minX);
  });

  it("draws nothing of what it does not understand, and never fails on it", () => {
    expect(pathsOf("road", null)).toEqual([]);
    expect(pathsOf("road", { type: "Point", coordinates: [5, 47] })).toEqual([]);
  });
});

describe("projection", () => {
  it("comes back to the same degrees", () => {
    const { x, y } = toMercator(5.0415, 47.322);
    const { lon, lat } = toDegrees(x, y);
    expect(lon).toBeCloseTo(5.0415, 9);
    expect(lat).toBeCloseTo(47.322, 9);
    const corner = toMercator(180, 85.0511287798066);
    expect(corner.x).toBeCloseTo(20_037_508.342789244, 3);
    expect(corner.y).toBeCloseTo(corner.x, 0);
    expect(toMercator(0, 45).y).toBeCloseTo(5_621_521.486, 2);
  });

  it("the scale bar is a round length that fits", () => {
    for (let zoom = 9; zoom <= 19; zoom += 0.5) {
      const bar = scaleBar(zoom, 47.3, 110);
      expect(bar.pixels).toBeLessThanOrEqual(110);
      expect(bar.pixels).toBeGreaterThan(40);
      expect(bar.metres / metresPerPixel(zoom, 47.3)).toBeCloseTo(bar.pixels, 6);
      expect(["1", "2", "5"]).toContain(String(bar.metres)[0]);
    }
  });
});

describe("labels", () => {
  it("the first to ask keeps its place", () => {
    const room = new LabelRoom();
    expect(room.place({ left: 0, top: 0, right: 50, bottom: 10 })).toBe(true);
    expect(room.place({ left: 40, top: 5, right: 90, bottom: 15 })).toBe(false);
    expect(room.place({ left: 60, top: 0, right: 90, bottom: 10 })).toBe(true);
  });
});
