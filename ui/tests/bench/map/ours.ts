/** The map as the screens use it, fed as the core feeds it. */
import * as L from "leaflet";
import type { Host } from "../../../src/host/host";
import { CityMap } from "../../../src/map/cityMap";
import { palette } from "../../../src/map/palette";
import { CityState } from "../../../src/state/city.svelte";
import type { Maker } from "./page";

export const ours: Maker = async (element, town) => {
  // The screens never see Leaflet's map; a measure must move it as a hand does.
  const maps: L.Map[] = [];
  L.Map.addInitHook(function (this: L.Map) {
    maps.push(this);
  });
  const style = getComputedStyle(document.documentElement);
  const host = { call: async () => town.city, points: async () => town.points } as unknown as Host;
  const state = new CityState(host);
  let drawn = (): void => undefined;
  const painted = new Promise<void>((done) => (drawn = done));
  const map = new CityMap(element, palette((name) => style.getPropertyValue(name)), false, {
    pick: () => undefined, moved: () => undefined, pointer: () => undefined, gathered: () => undefined, placed: () => undefined, painted: () => drawn(),
  });
  state.onChange((indices) => map.changed(indices));
  await state.load();
  map.setCity(state.city!, state.grid!);
  map.setZones(state.zones);
  await painted;
  return { map: maps[0]!, hear: (bytes) => state.hear(bytes) };
};
