import { describe, expect, it } from "vitest";
import { areaText, lengthText } from "../../../src/i18n/lengths";
import { placeText } from "../../../src/state/copyPlace";

const plain = (text: string): string => text.replace(/\s/g, " ");

describe("lengths and areas", () => {
  it("are said in the unit that one says them in, no finer than a pointer places them", () => {
    expect([0, 7.56, 748.4, 4368.6, 127_152].map(lengthText).map(plain)).toEqual(["0,0 m", "7,6 m", "748 m", "4,37 km", "127 km"]);
    expect([810.4, 23_500, 3_362_026, 1_008_038_466].map(areaText).map(plain)).toEqual(["810 m²", "2,35 ha", "336 ha", "1 008,0 km²"]);
    expect(lengthText(NaN)).toBe("trop loin");
  });
});

describe("a copied place", () => {
  it("reads the same in every language, in degrees and in metres of Lambert-93 where they serve", () => {
    expect(placeText({ lon: 5.0415, lat: 47.322 })).toBe("47.32200, 5.04150 (WGS 84) · 854185 6693290 (Lambert-93)");
    expect(placeText({ lon: 55.45, lat: -20.88 })).toBe("-20.88000, 55.45000 (WGS 84)");
  });
});
