/** Which host this page has. */
import type { Host } from "./host";
import { HttpHost, takeToken } from "./http";
import { inWindow, TauriHost } from "./tauri";

export async function chooseHost(): Promise<Host> {
  if (inWindow()) return new TauriHost();
  const token = takeToken(window.location, window.history, window.sessionStorage);
  // Only under `npm run dev`: the bundle that ships holds no invented city.
  if (import.meta.env.DEV && token === "") return (await import("./fake/host")).fakeHost(window.location.search);
  return new HttpHost(token, window.location.origin);
}
