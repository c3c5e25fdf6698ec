/**
 * The only door from the interface to the core. Three hosts: the window (`tauri`), the development host (`http`), and a
 * small city of our own for tests and for `npm run dev` (`fake`).
 */
import type { ApiError, Commands, Push } from "./bindings";

/** A command that was refused or failed. The interface reads the code, never the text. */
export class HostError extends Error {
  readonly code: string;

  constructor(error: ApiError) {
    super(error.message);
    this.name = "HostError";
    this.code = error.code;
  }
}

export type CommandName = keyof Commands;

/** What a host offers of the machine it runs on. */
export interface Machine {
  /** Opens another window of the desk, or brings the one that is open to the front. */
  openWindow(view: string): Promise<void>;
  /** Shows a notification of the system. No person's data goes into one: it stays on lock screens. */
  notify(title: string, text: string): Promise<void>;
  /** Whether the program starts with the session; null where the host cannot say. */
  startsWithSession(): Promise<boolean | null>;
  startWithSession(on: boolean): Promise<void>;
  /** Whether anything is there for sound to go out of; null where the host cannot say. */
  hasSound(): Promise<boolean | null>;
}

export interface Host {
  readonly machine: Machine;
  /** Runs a command. Rejects with a {@link HostError} and nothing else. */
  call<K extends CommandName>(name: K, args: Commands[K]["args"]): Promise<Commands[K]["reply"]>;
  /** All points of the present generation, packed (`VGP1`). */
  points(): Promise<ArrayBuffer>;
  /** A range of the ground file that IT installed; fewer bytes where it ends before. */
  ground(offset: number, length: number): Promise<ArrayBuffer>;
  /** A picture of the ground from the service that IT named, behind eight bytes that say how it came (`map/groundNews`). */
  groundTile(z: number, x: number, y: number): Promise<ArrayBuffer>;
  /** What the core tells unasked: pushes, and packed changes (`VGC1`). Returns how to stop listening. */
  subscribe(onPush: (push: Push) => void, onBytes: (bytes: ArrayBuffer) => void): () => void;
}

/** Whatever a host threw, as a {@link HostError}: what is not an `ApiError` is a host that does not answer. */
export function asHostError(thrown: unknown): HostError {
  if (thrown instanceof HostError) return thrown;
  if (isApiError(thrown)) return new HostError(thrown);
  return new HostError({ code: "host_unreachable", message: String(thrown) });
}

/** Whether a value has the form of an `ApiError`. */
export function isApiError(value: unknown): value is ApiError {
  if (typeof value !== "object" || value === null) return false;
  const { code, message } = value as Partial<ApiError>;
  return typeof code === "string" && typeof message === "string";
}
