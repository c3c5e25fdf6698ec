/** Which host this page has. */
import type { Host } from "./host";
import { inWindow, TauriHost } from "./tauri";

export async function chooseHost(): Promise<Host> {
  if (inWindow()) return new TauriHost();
  // The window never asks for it.
  const { HttpHost, takeToken } = await import("./http");
  const token = takeToken(window.location, window.history, window.sessionStorage);
  // Only under `npm run dev`: the bundle that ships holds no invented city.
  if (import.meta.env.DEV && token === "") return (await import("./fake/host")).fakeHost(window.location.search);
  return new HttpHost(token, window.location.origin);
}
