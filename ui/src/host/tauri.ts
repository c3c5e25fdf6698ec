/** The window's host: commands over Tauri's IPC, points as raw bytes, one channel for all that is told unasked. */
import { Channel, invoke } from "@tauri-apps/api/core";
import type { Commands, Push } from "./bindings";
import { asHostError, type CommandName, type Host, type Machine } from "./host";

/** Whether this page runs in the window. */
export function inWindow(): boolean {
  return "__TAURI_INTERNALS__" in globalThis;
}

/** A command of the shell itself; what it refuses is said like any other refusal. */
async function shell<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (error) {
    throw asHostError(error);
  }
}

export class TauriHost implements Host {
  readonly machine: Machine = {
    openWindow: (view) => shell("open_window", { view }),
    notify: (title, text) => shell("notify", { title, text }),
    startsWithSession: () => shell("starts_with_session"),
    startWithSession: (on) => shell("start_with_session", { on }),
    hasSound: () => shell("has_sound"),
  };

  async call<K extends CommandName>(name: K, args: Commands[K]["args"]): Promise<Commands[K]["reply"]> {
    try {
      return await invoke<Commands[K]["reply"]>("call", { name, args });
    } catch (error) {
      throw asHostError(error);
    }
  }

  async points(): Promise<ArrayBuffer> {
    try {
      return asBuffer(await invoke<unknown>("points"));
    } catch (error) {
      throw asHostError(error);
    }
  }

  async ground(offset: number, length: number): Promise<ArrayBuffer> {
    try {
      return asBuffer(await invoke<unknown>("ground", { offset, length }));
    } catch (error) {
      throw asHostError(error);
    }
  }

  async groundTile(z: number, x: number, y: number): Promise<ArrayBuffer> {
    try {
      return asBuffer(await invoke<unknown>("ground_tile", { z, x, y }));
    } catch (error) {
      throw asHostError(error);
    }
  }

  subscribe(onPush: (push: Push) => void, onBytes: (bytes: ArrayBuffer) => void): () => void {
    const channel = new Channel<Push | ArrayBuffer | Uint8Array | number[]>();
    let listening = true;
    channel.onmessage = (message) => {
      if (listening) dispatch(message, onPush, onBytes);
    };
    void invoke("subscribe", { channel });
    return () => {
      listening = false;
    };
  }
}

/** Tells bytes from pushes: raw messages arrive as a buffer, or as an array of numbers where the transport has no raw form. */
export function dispatch(message: unknown, onPush: (push: Push) => void, onBytes: (bytes: ArrayBuffer) => void): void {
  if (message instanceof ArrayBuffer || ArrayBuffer.isView(message) || Array.isArray(message)) onBytes(asBuffer(message));
  else onPush(message as Push);
}

function asBuffer(raw: unknown): ArrayBuffer {
  if (raw instanceof ArrayBuffer) return raw;
  if (ArrayBuffer.isView(raw)) return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength).slice().buffer;
  return new Uint8Array(raw as number[]).buffer;
}
