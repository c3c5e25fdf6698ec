import { PMTiles, TileType } from "pmtiles";
import { describe, expect, it } from "vitest";
import { groundFile } from "../../groundFile.mjs";
import { creditOf, tone, tones } from "../../../src/map/tone";

describe("a ground file", () => {
  it("is read in ranges, and holds the tile that it was made with", async () => {
    const file = groundFile();
    const asked: number[] = [];
    const archive = new PMTiles({
      getKey: () => "ground",
      getBytes: async (offset, length) => {
        asked.push(length);
        return { data: file.buffer.slice(offset, offset + length) };
      },
    });
    const header = await archive.getHeader();
    expect([header.tileType, header.minZoom, header.maxZoom]).toEqual([TileType.Mvt, 1, 1]);
    expect((await archive.getZxy(1, 1, 0))?.data.byteLength).toBeGreaterThan(80);
    expect(await archive.getZxy(1, 0, 0)).toBeUndefined();
    expect(Math.max(...asked)).toBeLessThanOrEqual(16_384);
  });

  it("says in words whom it is owed to, whatever is written around them", () => {
    expect(creditOf({ attribution: '<a href="https://example.org">© Somebody &amp; others</a>' })).toBe("© Somebody & others");
    expect(creditOf({ attribution: "<img src=x onerror=alert(1)>IGN &copy; 2026" })).toBe("IGN © 2026");
    expect([creditOf({}), creditOf(null), creditOf({ attribution: 7 })]).toEqual(["", "", ""]);
  });
});

describe("pictures of the ground", () => {
  it("are toned to the map's own: what was white is the ground, what was black its ink, what was clear stays clear", () => {
    const data = Uint8ClampedArray.from([255, 255, 255, 255, 0, 0, 0, 255, 200, 0, 0, 0]);
    tone(data, tones([10, 20, 30], [110, 120, 130]));
    expect([...data]).toEqual([10, 20, 30, 255, 110, 120, 130, 255, 200, 0, 0, 0]);
  });
});
