import { describe, expect, it } from "vitest";
import { appended, cornerAt, cornerCount, drawingOf, EMPTY, inserted, middleAfter, moved, nextCorner, outlineOf, removed, type Drawing } from "../../../src/map/rings";

const square = [[5, 47], [6, 47], [6, 48], [5, 48], [5, 47]];
const hole = [[5.2, 47.2], [5.2, 47.4], [5.4, 47.4], [5.2, 47.2]];
const holed = { type: "Polygon", coordinates: [square, hole] };
const two = { type: "MultiPolygon", coordinates: [[square, hole], [[[7, 47], [8, 47], [8, 48], [7, 47]]]] };

describe("a drawing", () => {
  it("comes back as the geometry that it was", () => {
    for (const outline of [holed, two]) expect(outlineOf(drawingOf(outline))).toEqual(outline);
    expect(drawingOf({ type: "Point", coordinates: [5, 47] })).toEqual(EMPTY);
  });

  it("counts its corners through all rings, each once", () => {
    const drawing = drawingOf(two);
    expect(cornerCount(drawing)).toBe(10);
    expect([cornerAt(drawing, 3), cornerAt(drawing, 4), cornerAt(drawing, 9), cornerAt(drawing, 10)]).toEqual([[5, 48], [5.2, 47.2], [8, 48], null]);
    expect(nextCorner(drawing, 3), "a ring ends where it begins").toEqual([5, 47]);
    expect(nextCorner(drawing, 6)).toEqual([5.2, 47.2]);
  });

  it("moves one corner, and the side that closes the ring with it", () => {
    const drawing = moved(drawingOf(holed), 0, [4, 46]);
    expect((outlineOf(drawing) as { coordinates: number[][][] }).coordinates[0]).toEqual([[4, 46], [6, 47], [6, 48], [5, 48], [4, 46]]);
    expect(outlineOf(moved(drawing, 99, [0, 0]))).toEqual(outlineOf(drawing));
  });

  it("takes a corner more in the middle of a side, also of the one that closes it", () => {
    const drawing = drawingOf(holed);
    expect(middleAfter(drawing, 3)).toEqual([5, 47.5]);
    const more = inserted(drawing, 3);
    expect([cornerCount(more), cornerAt(more, 4), cornerAt(more, 5)]).toEqual([8, [5, 47.5], [5.2, 47.2]]);
  });

  it("keeps three corners of each ring", () => {
    const drawing = drawingOf(holed);
    const less = removed(drawing, 1);
    expect([cornerCount(less), cornerAt(less, 1)]).toEqual([6, [6, 48]]);
    expect(removed(drawing, 5), "the hole has three").toBe(drawing);
  });

  it("grows while it is drawn", () => {
    const drawn = ([[5, 47], [6, 47], [6, 48]] as const).reduce<Drawing>((drawing, corner) => appended(drawing, corner), EMPTY);
    expect(outlineOf(drawn)).toEqual({ type: "Polygon", coordinates: [[[5, 47], [6, 47], [6, 48], [5, 47]]] });
  });
});
