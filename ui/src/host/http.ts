/** The development host: the same commands over HTTP and a WebSocket on loopback, behind the token of the page's address. */
import type { Commands, Push } from "./bindings";
import { asHostError, HostError, isApiError, type CommandName, type Host, type Machine } from "./host";

const KEPT = "vigie.token";

/** The token: from the address, from where it is then removed, or as kept from before a reload. */
export function takeToken(location: Location, history: History, storage: Storage): string {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given === null) return storage.getItem(KEPT) ?? "";
  storage.setItem(KEPT, given);
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address.pathname + address.search + address.hash);
  return given;
}

export class HttpHost implements Host {
  readonly #token: string;
  readonly #base: string;
  /** A browser has windows of its own; its notifications and its start are its owner's. */
  readonly machine: Machine = {
    openWindow: (view) => {
      window.open(`/?view=${encodeURIComponent(view)}`, `vigie-${view}`, "popup,width=1280,height=800");
      return Promise.resolve();
    },
    notify: () => Promise.resolve(),
    startsWithSession: () => Promise.resolve(null),
    startWithSession: () => Promise.resolve(),
    hasSound: () => Promise.resolve(null),
  };

  constructor(token: string, base: string) {
    this.#token = token;
    this.#base = base;
  }

  async call<K extends CommandName>(name: K, args: Commands[K]["args"]): Promise<Commands[K]["reply"]> {
    const response = await this.#fetch(`/call/${name}`, { method: "POST", body: JSON.stringify(args) });
    return (await response.json()) as Commands[K]["reply"];
  }

  async points(): Promise<ArrayBuffer> {
    return (await this.#fetch("/points", { method: "GET" })).arrayBuffer();
  }

  async ground(offset: number, length: number): Promise<ArrayBuffer> {
    return (await this.#fetch(`/ground?offset=${offset}&length=${length}`, { method: "GET" })).arrayBuffer();
  }

  async groundTile(z: number, x: number, y: number): Promise<ArrayBuffer> {
    return (await this.#fetch(`/ground/${z}/${x}/${y}`, { method: "GET" })).arrayBuffer();
  }

  subscribe(onPush: (push: Push) => void, onBytes: (bytes: ArrayBuffer) => void): () => void {
    let socket: WebSocket | null = null;
    let stopped = false;
    let retry = 0;
    const open = (): void => {
      const address = new URL("/events", this.#base);
      address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
      address.searchParams.set("token", this.#token);
      socket = new WebSocket(address);
      socket.binaryType = "arraybuffer";
      socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
        if (typeof event.data === "string") onPush(JSON.parse(event.data) as Push);
        else onBytes(event.data);
      };
      socket.onopen = () => {
        // What was told while nobody listened is lost: the status says where things stand, and the city is read again.
        if (retry > 0) void this.#catchUp(onPush);
        retry = 0;
      };
      socket.onclose = () => {
        if (!stopped) setTimeout(open, Math.min(5000, 250 * 2 ** retry++));
      };
    };
    open();
    return () => {
      stopped = true;
      socket?.close();
    };
  }

  async #catchUp(onPush: (push: Push) => void): Promise<void> {
    try {
      onPush({ type: "status", status: await this.call("status", {}) });
      onPush({ type: "city", generation: (await this.call("city", {})).generation });
      onPush({ type: "commands" });
    } catch {
      // The socket closes again if the host is gone, and the next opening catches up.
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" };
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#base), { ...init, headers, cache: "no-store" });
    } catch (error) {
      throw asHostError(error);
    }
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => null);
    if (isApiError(body)) throw new HostError(body);
    throw new HostError({ code: "host_unreachable", message: `${path}: ${response.status}` });
  }
}
