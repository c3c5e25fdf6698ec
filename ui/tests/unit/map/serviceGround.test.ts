import { describe, expect, it } from "vitest";
import { heard, readPicture } from "../../../src/map/groundNews";

describe("pictures of a service", () => {
  function sent(at: bigint, ...picture: number[]): ArrayBuffer {
    const bytes = new Uint8Array(8 + picture.length);
    new DataView(bytes.buffer).setBigInt64(0, at, true);
    bytes.set(picture, 8);
    return bytes.buffer;
  }

  it("come with the instant of their fetching when they could not be asked anew", () => {
    const { keptSince, picture } = readPicture(sent(1_790_000_000_000n, 1, 2, 3));
    expect(keptSince).toBe(1_790_000_000_000);
    expect([...new Uint8Array(picture!)]).toEqual([1, 2, 3]);
    expect(readPicture(sent(0n, 1)).keptSince).toBeNull();
    expect(readPicture(sent(0n)).picture).toBeNull();
    expect(() => readPicture(new ArrayBuffer(3))).toThrow(RangeError);
  });

  it("are as old as the oldest of them, until the service answers again", () => {
    const nothing = { keptSince: null, error: "ground_offline" };
    const kept = heard(heard(nothing, 500), 300);
    expect(kept).toEqual({ keptSince: 300, error: null });
    expect(heard(kept, 400).keptSince).toBe(300);
    expect(heard(kept, null)).toEqual({ keptSince: null, error: null });
  });
});
