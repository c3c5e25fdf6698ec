/**
 * The ground that IT installed: vector or picture tiles of one `.pmtiles` file, whose ranges come from the core; nothing comes from
 * elsewhere. Vector tiles are drawn in the map's own colours (layers of the Protomaps basemap, version 4; what else is in the file is
 * left out); pictures are toned to them, so that the city stays grey.
 */
import * as L from "leaflet";
import { PMTiles, TileType, type Header } from "pmtiles";
import { leafletLayer, LineLabelSymbolizer, LineSymbolizer, PolygonSymbolizer, type LabelRule, type PaintRule } from "protomaps-leaflet";
import { css, type Palette, type Rgb } from "./palette";
import { PictureTiles, tileOptions, type Picture } from "./pictureTiles";
import { creditOf } from "./tone";

/** Bytes of the file from an offset. */
export type Ranges = (offset: number, length: number) => Promise<ArrayBuffer>;

export interface TileGround {
  /** Whom the ground is owed to, as the file says; may be empty. */
  credit: string;
  layer(pane: string, colours: Palette): L.Layer;
}

const LINE = 2;
const POLYGON = 3;
const FONT = '"B612", system-ui, sans-serif';

/** Opens the file. Rejects when it is not what it says, or holds tiles of a sort that is not drawn here. */
export async function openTiles(read: Ranges): Promise<TileGround> {
  const archive = new PMTiles({ getKey: () => "ground", getBytes: async (offset, length) => ({ data: await read(offset, length) }) });
  const header = await archive.getHeader();
  const credit = creditOf(await archive.getMetadata());
  switch (header.tileType) {
    case TileType.Mvt: return { credit, layer: (pane, colours) => vector(archive, header, pane, colours) };
    case TileType.Png:
    case TileType.Jpeg:
    case TileType.Webp: return { credit, layer: (pane, colours) => pictures(archive, header, pane, colours) };
    default: throw new RangeError(`tiles of type ${header.tileType}`);
  }
}

function options(header: Header, pane: string) {
  return { ...tileOptions(pane), bounds: L.latLngBounds([header.minLat, header.minLon], [header.maxLat, header.maxLon]) };
}

function pictures(archive: PMTiles, header: Header, pane: string, colours: Palette): L.Layer {
  const read = async (z: number, x: number, y: number): Promise<Picture> => ({ bytes: (await archive.getZxy(z, x, y))?.data ?? null, current: true });
  return new PictureTiles(read, [header.minZoom, header.maxZoom], options(header, pane), colours);
}

function vector(archive: PMTiles, header: Header, pane: string, colours: Palette): L.Layer {
  // The library takes Leaflet from where a page with a script tag has it.
  Object.assign(globalThis, { L });
  return leafletLayer({
    ...options(header, pane), url: archive, maxDataZoom: header.maxZoom, attribution: "", backgroundColor: css(colours["map-out"]),
    devicePixelRatio: Math.min(2, window.devicePixelRatio || 1), paintRules: paintRules(colours), labelRules: labelRules(colours),
  }) as unknown as L.Layer;
}

function paintRules(colours: Palette): PaintRule[] {
  const fill = (dataLayer: string, colour: Rgb, rest: Partial<PaintRule> = {}): PaintRule => ({
    dataLayer, symbolizer: new PolygonSymbolizer({ fill: css(colour) }), filter: (_, { geomType }) => geomType === POLYGON, ...rest,
  });
  const line = (dataLayer: string, kinds: readonly string[], colour: Rgb, width: number, growth: number, rest: Partial<PaintRule> = {}): PaintRule => ({
    dataLayer, symbolizer: new LineSymbolizer({ color: css(colour), width: (zoom?: number) => Math.max(0.5, width * growth ** ((zoom ?? 12) - 12)), lineCap: "round", lineJoin: "round" }),
    filter: (_, { geomType, props }) => geomType === LINE && kinds.includes(String(props.kind)), ...rest,
  });
  return [
    fill("earth", colours["map-in"]),
    fill("water", colours["map-water"]),
    line("water", ["river", "canal", "stream"], colours["map-water"], 1.4, 1.4),
    fill("buildings", colours["map-edge"], { minzoom: 15 }),
    line("roads", ["path", "other"], colours["map-road"], 0.4, 1.4, { minzoom: 15 }),
    line("roads", ["minor_road"], colours["map-road"], 0.5, 1.55, { minzoom: 12 }),
    line("roads", ["major_road", "medium_road"], colours["map-road"], 1.6, 1.4),
    line("roads", ["highway"], colours["map-road"], 3.2, 1.35),
    line("roads", ["rail"], colours["map-rail"], 1, 1.2),
    line("boundaries", ["locality", "county"], colours["map-edge"], 1, 1.05),
  ];
}

function labelRules(colours: Palette): LabelRule[] {
  return [{
    dataLayer: "roads", minzoom: 15, filter: (_, { props }) => typeof props.name === "string",
    symbolizer: new LineLabelSymbolizer({ font: `11px ${FONT}`, fill: css(colours["map-name"]), stroke: css(colours["map-in"]), width: 2.5 }),
  }];
}
