import { describe, expect, it } from "vitest";
import { keyAct, type KeyPress } from "../../../src/state/keys";

function press(key: string, held: Partial<KeyPress> = {}): ReturnType<typeof keyAct> {
  return keyAct({ key, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...held });
}

describe("the keys of the window", () => {
  it("help, alarms, silence, search and back are one key away", () => {
    expect([press("F1"), press("F2"), press("F8"), press("F9"), press("F2", { shiftKey: true }), press("F3"), press("F6"), press("k", { ctrlKey: true }), press("K", { ctrlKey: true }), press("Escape")]).toEqual(["help", "alarms", "hush", "safe", "answer", "search", "log", "search", "search", "back"]);
    expect(press("L", { ctrlKey: true, shiftKey: true })).toBe("suspend");
  });

  it("no letter, digit or Enter acts by itself", () => {
    for (const key of [..."abcdefghijklmnopqrstuvwxyz0123456789 ", "Enter", "ArrowDown", "Tab"]) {
      expect(press(key), key).toBeNull();
      expect(press(key.toUpperCase(), { shiftKey: true }), key).toBeNull();
    }
  });

  it("the web view's reload, print, find and history do nothing", () => {
    const off = [press("F5"), press("r", { ctrlKey: true }), press("R", { ctrlKey: true, shiftKey: true }), press("o", { ctrlKey: true }), press("f", { metaKey: true }), press("ArrowLeft", { altKey: true })];
    expect(new Set(off)).toEqual(new Set(["swallow"]));
  });

  it("copying and selecting stay, and AltGr types a character", () => {
    expect([press("c", { ctrlKey: true }), press("a", { ctrlKey: true }), press("p", { ctrlKey: true, altKey: true })]).toEqual([null, null, null]);
  });
});
