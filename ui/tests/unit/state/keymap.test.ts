import { describe, expect, it } from "vitest";
import { Keymap } from "../../../src/state/keymap.svelte";
import type { KeyPress } from "../../../src/state/keys";

class Shelf implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
  removeItem = (key: string): void => void this.kept.delete(key);
}

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...held };
}

function of(login: string, shelf: Shelf): Keymap {
  const keys = new Keymap(shelf as unknown as Storage);
  keys.of(login);
  return keys;
}

describe("remapped keys", () => {
  it("act in the place of the former ones, for their account only, and after a restart", () => {
    const shelf = new Shelf();
    expect(of("agnes", shelf).give("log", "F10")).toBeNull();
    const again = of("agnes", shelf);
    expect([again.act(press("F10")), again.act(press("F6"))]).toEqual(["log", null]);
    const other = of("bruno", shelf);
    expect([other.act(press("F10")), other.act(press("F6"))]).toEqual([null, "log"]);
  });

  it("are refused when another act has them, and nothing changes", () => {
    const keys = of("agnes", new Shelf());
    expect(keys.give("log", "F1")).toEqual({ code: "taken", act: "help" });
    expect([keys.act(press("F1")), keys.act(press("F6"))]).toEqual(["help", "log"]);
  });

  it("are never a character that is typed, with AltGr as well", () => {
    const keys = of("agnes", new Shelf());
    for (const chord of ["l", "Shift+l", "?", "é", "Alt+e", "Ctrl+Alt+e"]) expect(keys.give("log", chord), chord).toEqual({ code: "character" });
  });

  it("leave lists, typing and the system theirs, and the way back to everyone", () => {
    const keys = of("agnes", new Shelf());
    for (const chord of ["Enter", " ", "Tab", "ArrowDown", "Escape", "Ctrl+c", "Ctrl+v", "Ctrl++", "Alt+F4"]) expect(keys.give("log", chord), chord).toEqual({ code: "reserved" });
    expect(keys.give("back", "F10")).toEqual({ code: "reserved" });
  });

  it("may take a key that the web view would have", () => {
    const keys = of("agnes", new Shelf());
    expect(keys.give("log", "Ctrl+o")).toBeNull();
    expect([keys.act(press("o", { ctrlKey: true })), keys.act(press("f", { ctrlKey: true }))]).toEqual(["log", "swallow"]);
  });

  it("go back to what they were, unless someone else has the key now", () => {
    const keys = of("agnes", new Shelf());
    keys.give("log", "F10");
    keys.give("help", "F6");
    expect(keys.restore("log")).toEqual({ code: "taken", act: "help" });
    expect(keys.restore("help")).toBeNull();
    expect(keys.restore("log")).toBeNull();
    expect(keys.act(press("F6"))).toBe("log");
  });

  it("are the original ones when what was kept makes no sense", () => {
    const shelf = new Shelf();
    for (const kept of ["{", "[]", '{"log":"l"}', '{"log":"F1"}', '{"back":"F10"}', '{"nothing":"F10"}', "null"]) {
      shelf.setItem("vigie.keys.agnes", kept);
      const keys = of("agnes", shelf);
      expect([keys.act(press("F6")), keys.act(press("F1")), keys.act(press("Escape")), keys.act(press("l"))], kept).toEqual(["log", "help", "back", null]);
    }
  });
});
