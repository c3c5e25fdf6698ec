import { afterEach, describe, expect, it, vi } from "vitest";
import type { Push } from "../../../src/host/bindings";
import { asHostError } from "../../../src/host/host";
import { HttpHost, takeToken } from "../../../src/host/http";
import { dispatch } from "../../../src/host/tauri";

function storage(): Storage {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage;
}

function answering(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status })));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => vi.unstubAllGlobals());

describe("the token of the address", () => {
  it("is taken out of the address, and kept for a reload", () => {
    const kept = storage();
    const replaceState = vi.fn();
    const history = { state: null, replaceState } as unknown as History;
    const first = takeToken({ href: "http://127.0.0.1:8080/?token=abc&x=1" } as Location, history, kept);
    expect(first).toBe("abc");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/?x=1");
    expect(takeToken({ href: "http://127.0.0.1:8080/" } as Location, history, kept)).toBe("abc");
  });
});

describe("the development host", () => {
  const host = new HttpHost("abc", "http://127.0.0.1:8080");

  it("posts a command's arguments under its name, with the token", async () => {
    const fetched = answering(200, { total: 0, by_look: [], lines: [] });
    await host.call("search", { text: "TL", limit: 3 });
    const [address, init] = fetched.mock.calls[0] as unknown as [URL, RequestInit];
    expect([String(address), init.method, init.body]).toEqual(["http://127.0.0.1:8080/call/search", "POST", '{"text":"TL","limit":3}']);
    expect(init.headers).toMatchObject({ Authorization: "Bearer abc" });
  });

  it("rejects with the code of the refusal", async () => {
    answering(409, { code: "control_changed", message: "…" });
    await expect(host.call("status", {})).rejects.toMatchObject({ code: "control_changed" });
  });

  it("whatever else goes wrong is a host that does not answer", async () => {
    answering(500, "oops");
    await expect(host.call("status", {})).rejects.toMatchObject({ code: "host_unreachable" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(host.points()).rejects.toMatchObject({ code: "host_unreachable" });
  });
});

describe("the window's host", () => {
  it("tells bytes from pushes, in whichever form bytes arrive", () => {
    const pushes: Push[] = [];
    const bytes: number[][] = [];
    const hear = (message: unknown): void => dispatch(message, (push) => pushes.push(push), (buffer) => bytes.push([...new Uint8Array(buffer)]));
    hear({ type: "commands" });
    hear(Uint8Array.of(1, 2).buffer);
    hear([3, 4]);
    hear(Uint8Array.of(9, 5, 6).subarray(1));
    expect(pushes).toEqual([{ type: "commands" }]);
    expect(bytes).toEqual([[1, 2], [3, 4], [5, 6]]);
  });

  it("an error of the core keeps its code, and anything else is the host's", () => {
    expect(asHostError({ code: "no_shift", message: "" }).code).toBe("no_shift");
    expect(asHostError("window closed").code).toBe("host_unreachable");
    expect(asHostError(undefined).code).toBe("host_unreachable");
  });
});
