/** The desk and the settings, for every part of the page. */
import { getContext, setContext } from "svelte";
import type { Desk } from "./desk.svelte";
import type { Settings } from "./settings.svelte";

const DESK = Symbol("desk");
const SETTINGS = Symbol("settings");

export function provide(desk: Desk, settings: Settings): void {
  setContext(DESK, desk);
  setContext(SETTINGS, settings);
}

export function useDesk(): Desk {
  return getContext<Desk>(DESK);
}

export function useSettings(): Settings {
  return getContext<Settings>(SETTINGS);
}
