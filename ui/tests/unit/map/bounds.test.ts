import { expect, it } from "vitest";
import { boundsOf } from "../../../src/map/bounds";

it("the box of a geometry holds all its positions, whatever its type", () => {
  expect(boundsOf({ type: "MultiPolygon", coordinates: [[[[5, 47], [5.1, 47.2], [4.9, 47.1]]], [[[6, 46], [6, 46], [6, 46]]]] })).toEqual([4.9, 46, 6, 47.2]);
  expect(boundsOf({ type: "Point", coordinates: [5, 47] })).toEqual([5, 47, 5, 47]);
});

it("a geometry without positions has no box", () => {
  for (const geometry of [null, {}, { type: "Polygon", coordinates: [] }, "x"]) expect(boundsOf(geometry)).toBeNull();
});
