/** What the map tells the screens, and what they ask it to show. */
import type { Place } from "./geodesy";

export interface MapView {
  zoom: number;
  lon: number;
  lat: number;
  /** West, south, east, north. */
  bounds: [number, number, number, number];
  bar: { metres: number; pixels: number };
}

/** What is shown. */
export interface Shows {
  /** Indices of kinds; all when empty. */
  kinds: readonly number[];
  /** By state byte. */
  states: readonly boolean[];
  /** 1 by index in the grid; null for all. */
  points: Uint8Array | null;
  /** 1 by index in the grid for what is shown whatever else is chosen. */
  urgent: Uint8Array | null;
}

/** Something that stands at a place of the map. */
export interface Spot {
  point: number;
  lon: number;
  lat: number;
}

export interface MapEvents {
  /** A point was picked, or none. */
  pick(point: number | null): void;
  moved(view: MapView): void;
  /** Where the pointer is, or null when it left. */
  pointer(at: Place | null): void;
  painted(points: number): void;
  /** A sign that stands for several was picked: these points, the worst first. */
  gathered(points: readonly number[]): void;
  /** A place was picked while one measures. */
  placed(at: Place): void;
}
