/** The names of zones and of communes, where there is room left for them. */
import type { GroundPath } from "./ground";
import type { LabelRoom } from "./labels";
import { showsZone, type Layers } from "./layers";
import { FONT, write, type Pen } from "./pen";

export interface Zone {
  id: string;
  kind: string;
  text: string;
  paths: GroundPath[];
}

export interface Name {
  /** Projected metres. */
  x: number;
  y: number;
  text: string;
  large: boolean;
}

const NAMED_FROM = 15;
const DISTRICTS_FROM = 13;
const BUILDINGS_FROM = 16;

/** A district's in its middle; another zone's above it. What a flood may reach has none. */
export function drawZoneNames(pen: Pen, room: LabelRoom, zones: readonly Zone[], layers: Layers): void {
  const { context, at, colours } = pen;
  for (const zone of zones) {
    const path = zone.paths[0];
    const district = zone.kind === "district";
    const from = district ? DISTRICTS_FROM : zone.kind === "closed_building" ? BUILDINGS_FROM : NAMED_FROM;
    if (!path || at.zoom < from || zone.kind === "flood" || !showsZone(layers, zone.kind)) continue;
    const x = at.px((path.minX + path.maxX) / 2);
    const y = at.py(district ? (path.minY + path.maxY) / 2 : path.maxY) - (district ? 0 : 9);
    if (at.outside(x, y)) continue;
    context.font = `12px ${FONT}`;
    const half = context.measureText(zone.text).width / 2;
    if (room.place({ left: x - half, top: y - 8, right: x + half, bottom: y + 8 })) {
      write(pen, zone.text, x, y, { size: 12, colour: colours["map-name"], align: "center" });
    }
  }
}

export function drawNames(pen: Pen, room: LabelRoom, names: readonly Name[]): void {
  const { context, at, colours } = pen;
  for (const name of names) {
    const x = at.px(name.x);
    const y = at.py(name.y);
    if (at.outside(x, y, 80)) continue;
    const size = name.large ? 15 : 13;
    context.font = `${size}px ${FONT}`;
    const half = context.measureText(name.text).width / 2;
    if (room.place({ left: x - half - 4, top: y - 9, right: x + half + 4, bottom: y + 9 })) {
      write(pen, name.text, x, y, { size, colour: colours["map-name"], align: "center" });
    }
  }
}
