/** What else draws many points on Leaflet, used as their own pages say. */
import * as L from "leaflet";
import Supercluster from "supercluster";
import { decodeChanges } from "../../../src/map/points";
import { lookOf } from "../../../src/map/state";
import type { Maker } from "./page";
import type { Town } from "./town";

const COLOURS = { normal: "#5c6b7b", active: "#8a9aab", notice: "#7aa2ff", fault: "#ffb000", danger: "#ff5c9d", no_value: "#a3b0be" };

function plain(element: HTMLElement, options: L.MapOptions = {}): L.Map {
  return L.map(element, { zoomControl: false, attributionControl: false, zoomSnap: 0.5, fadeAnimation: false, ...options }).setView([47.322, 5.0415], 11.5);
}

const style = (state: number): L.CircleMarkerOptions => ({ radius: 3, stroke: false, fillOpacity: 1, fillColor: COLOURS[lookOf(state)] });

function markers(town: Town): L.CircleMarker[] {
  return Array.from({ length: town.count }, (_, i) => L.circleMarker([town.places[2 * i + 1]!, town.places[2 * i]!], style(town.states[i]!)));
}

/** Calls with the index and the state of each change. */
function each(bytes: ArrayBuffer, change: (index: number, state: number) => void): void {
  const { ids, state } = decodeChanges(bytes);
  ids.forEach((id, i) => change(id - 1, state[i]!));
}

export const empty: Maker = (element) => ({ map: plain(element), hear: () => undefined });

/** One circle for each object, on Leaflet's canvas. */
export const circles: Maker = (element, town) => {
  const map = plain(element, { preferCanvas: true });
  const made = markers(town);
  L.layerGroup(made).addTo(map);
  return { map, hear: (bytes) => each(bytes, (index, state) => made[index]!.setStyle(style(state))) };
};

/** leaflet.markercluster, in chunks so that the page lives while it loads. */
export const clusters: Maker = async (element, town) => {
  (window as unknown as { L: typeof L }).L = { ...L };
  await import("leaflet.markercluster");
  const library = (window as unknown as { L: typeof L & { markerClusterGroup: (options: object) => L.LayerGroup & { addLayers(layers: L.Layer[]): void; refreshClusters(layers: L.Layer[]): void } } }).L;
  const map = plain(element, { preferCanvas: true, maxZoom: 19 });
  const made = markers(town);
  let hear: (bytes: ArrayBuffer) => void = () => undefined;
  const loaded = new Promise<void>((done) => {
    const group = library.markerClusterGroup({ chunkedLoading: true, chunkProgress: (processed: number, total: number) => { if (processed === total) done(); } });
    group.addLayers(made);
    map.addLayer(group);
    hear = (bytes) => {
      const touched: L.Layer[] = [];
      each(bytes, (index, state) => touched.push(made[index]!.setStyle(style(state))));
      group.refreshClusters(touched);
    };
  });
  await loaded;
  return { map, hear: (bytes) => hear(bytes) };
};

/** supercluster with what it finds in view as circles; its index is not changed but made anew. */
export const superclusters: Maker = (element, town) => {
  const map = plain(element, { preferCanvas: true });
  const layer = L.layerGroup().addTo(map);
  const features = Array.from({ length: town.count }, (_, i) => ({
    type: "Feature" as const, geometry: { type: "Point" as const, coordinates: [town.places[2 * i]!, town.places[2 * i + 1]!] }, properties: { fault: 0 },
  }));
  const mark = (index: number, state: number): void => void (features[index]!.properties.fault = lookOf(state) === "fault" || lookOf(state) === "danger" ? 1 : 0);
  town.states.forEach((state, index) => mark(index, state));
  const load = (): Supercluster => new Supercluster({ radius: 40, maxZoom: 17, map: ({ fault }) => ({ fault }), reduce: (sum, { fault }) => void (sum.fault += fault) }).load(features);
  let index = load();
  const draw = (): void => {
    const box = map.getBounds();
    layer.clearLayers();
    for (const { geometry, properties } of index.getClusters([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], Math.round(map.getZoom()))) {
      const [lon, lat] = geometry.coordinates as [number, number];
      const many = (properties as { point_count?: number }).point_count ?? 1;
      layer.addLayer(L.circleMarker([lat, lon], { radius: 4 + 3 * Math.log10(many), stroke: false, fillOpacity: 0.9, fillColor: (properties as { fault: number }).fault > 0 ? COLOURS.fault : COLOURS.active }));
    }
  };
  draw();
  map.on("moveend", draw);
  return {
    map,
    hear: (bytes) => {
      each(bytes, mark);
      index = load();
      draw();
    },
  };
};
