import { describe, expect, it } from "vitest";
import { decodeChanges, decodePoints, encodeChanges, encodePoints } from "../../../src/map/points";

/** Bytes as the core writes them, by hand. */
function coreBytes(): ArrayBuffer {
  const buffer = new ArrayBuffer(32 + 14 * 2);
  const view = new DataView(buffer);
  [..."VGP1"].forEach((letter, i) => view.setUint8(i, letter.charCodeAt(0)));
  view.setUint32(4, 3, true);
  view.setUint32(8, 2, true);
  view.setFloat64(16, 561_000.5, true);
  view.setFloat64(24, 5_996_000.25, true);
  view.setUint32(32, 7, true);
  view.setUint32(36, 9, true);
  view.setFloat32(40, 1.5, true);
  view.setFloat32(44, -2.5, true);
  view.setFloat32(48, 10, true);
  view.setFloat32(52, 20, true);
  view.setUint8(56, 0);
  view.setUint8(57, 2);
  view.setUint8(58, 1);
  view.setUint8(59, 0b1000_0011);
  return buffer;
}

describe("packed points", () => {
  it("reads what the core writes", () => {
    const points = decodePoints(coreBytes());
    expect(points.generation).toBe(3);
    expect([points.originX, points.originY]).toEqual([561_000.5, 5_996_000.25]);
    expect([...points.ids]).toEqual([7, 9]);
    expect([...points.x]).toEqual([1.5, -2.5]);
    expect([...points.y]).toEqual([10, 20]);
    expect([...points.kind]).toEqual([0, 2]);
    expect([...points.state]).toEqual([1, 0b1000_0011]);
  });

  it("refuses bytes that are cut short, or that are something else", () => {
    expect(() => decodePoints(coreBytes().slice(0, 50))).toThrow(RangeError);
    expect(() => decodePoints(new ArrayBuffer(4))).toThrow(RangeError);
    expect(() => decodeChanges(coreBytes())).toThrow(/VGC1/);
  });

  it("reads changes of five bytes each", () => {
    const bytes = encodeChanges({ generation: 3, ids: Uint32Array.of(9, 1_000_000), state: Uint8Array.of(4, 255) });
    expect(bytes.byteLength).toBe(12 + 10);
    const changes = decodeChanges(bytes);
    expect([changes.generation, ...changes.ids, ...changes.state]).toEqual([3, 9, 1_000_000, 4, 255]);
  });

  it("an empty city is a city", () => {
    const none = { generation: 1, originX: 0, originY: 0, ids: new Uint32Array(), x: new Float32Array(), y: new Float32Array(), kind: new Uint8Array(), state: new Uint8Array() };
    expect(decodePoints(encodePoints(none)).ids).toHaveLength(0);
  });
});
