/** The desk, the settings, the sound and the tools of the map, for every part of the page. */
import { getContext, setContext } from "svelte";
import type { Desk } from "./desk.svelte";
import type { Keymap } from "./keymap.svelte";
import type { MapTools } from "./mapTools.svelte";
import type { Settings } from "./settings.svelte";
import type { Sound } from "./sound.svelte";

const DESK = Symbol("desk");
const KEYS = Symbol("keys");
const MAP_TOOLS = Symbol("map tools");
const SETTINGS = Symbol("settings");
const SOUND = Symbol("sound");

export function provide(desk: Desk, settings: Settings, sound: Sound, keys: Keymap, tools: MapTools): void {
  setContext(MAP_TOOLS, tools);
  setContext(KEYS, keys);
  setContext(DESK, desk);
  setContext(SETTINGS, settings);
  setContext(SOUND, sound);
}

export function useDesk(): Desk {
  return getContext<Desk>(DESK);
}

export function useKeys(): Keymap {
  return getContext<Keymap>(KEYS);
}

export function useMapTools(): MapTools {
  return getContext<MapTools>(MAP_TOOLS);
}

export function useSettings(): Settings {
  return getContext<Settings>(SETTINGS);
}

export function useSound(): Sound {
  return getContext<Sound>(SOUND);
}
