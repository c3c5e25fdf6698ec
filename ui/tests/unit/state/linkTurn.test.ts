import { describe, expect, it } from "vitest";
import { carries } from "../../../src/state/linkTurn.svelte";

describe("how far the link carries a command", () => {
  it("is the same for a late link as for a live one, and changes with a loss and with each step of the return", () => {
    expect(["live", "late", "lost", "returning", "live"].map((link) => carries(link as Parameters<typeof carries>[0]))).toEqual(["now", "now", "not", "reading", "now"]);
    expect(carries("starting")).toBe("not");
  });
});
