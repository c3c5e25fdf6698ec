/** Points and changes as the core packs them: little-endian, never JSON. */

/** Objects as columns. `x` and `y` are Web Mercator metres from the origin: absolute `f32` would be 4 px wrong at zoom 18. */
export interface PackedPoints {
  generation: number;
  originX: number;
  originY: number;
  ids: Uint32Array;
  x: Float32Array;
  y: Float32Array;
  kind: Uint8Array;
  state: Uint8Array;
}

export interface PackedChanges {
  generation: number;
  ids: Uint32Array;
  state: Uint8Array;
}

const POINTS = "VGP1";
const CHANGES = "VGC1";
const POINTS_HEADER = 32;
const CHANGES_HEADER = 12;

function check(buffer: ArrayBuffer, magic: string, header: number): DataView {
  if (buffer.byteLength < header) throw new RangeError(`${magic}: ${buffer.byteLength} bytes`);
  const found = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (found !== magic) throw new RangeError(`${magic} expected, ${JSON.stringify(found)} found`);
  return new DataView(buffer);
}

function need(buffer: ArrayBuffer, magic: string, bytes: number): void {
  if (buffer.byteLength < bytes) throw new RangeError(`${magic}: ${buffer.byteLength} bytes, ${bytes} announced`);
}

/** Reads `VGP1`. Throws a RangeError on bytes that are not, or that are cut short. */
export function decodePoints(buffer: ArrayBuffer): PackedPoints {
  const view = check(buffer, POINTS, POINTS_HEADER);
  const count = view.getUint32(8, true);
  need(buffer, POINTS, POINTS_HEADER + 14 * count);
  return {
    generation: view.getUint32(4, true),
    originX: view.getFloat64(16, true),
    originY: view.getFloat64(24, true),
    ids: new Uint32Array(buffer, POINTS_HEADER, count),
    x: new Float32Array(buffer, POINTS_HEADER + 4 * count, count),
    y: new Float32Array(buffer, POINTS_HEADER + 8 * count, count),
    kind: new Uint8Array(buffer, POINTS_HEADER + 12 * count, count),
    state: new Uint8Array(buffer, POINTS_HEADER + 13 * count, count),
  };
}

/** Reads `VGC1`. */
export function decodeChanges(buffer: ArrayBuffer): PackedChanges {
  const view = check(buffer, CHANGES, CHANGES_HEADER);
  const count = view.getUint32(8, true);
  need(buffer, CHANGES, CHANGES_HEADER + 5 * count);
  return {
    generation: view.getUint32(4, true),
    ids: new Uint32Array(buffer, CHANGES_HEADER, count),
    state: new Uint8Array(buffer, CHANGES_HEADER + 4 * count, count),
  };
}

/** Writes `VGP1`: what the fake host and the tests need of the core. */
export function encodePoints(points: PackedPoints): ArrayBuffer {
  const count = points.ids.length;
  const buffer = new ArrayBuffer(POINTS_HEADER + 14 * count);
  const view = new DataView(buffer);
  writeMagic(view, POINTS);
  view.setUint32(4, points.generation, true);
  view.setUint32(8, count, true);
  view.setFloat64(16, points.originX, true);
  view.setFloat64(24, points.originY, true);
  new Uint32Array(buffer, POINTS_HEADER, count).set(points.ids);
  new Float32Array(buffer, POINTS_HEADER + 4 * count, count).set(points.x);
  new Float32Array(buffer, POINTS_HEADER + 8 * count, count).set(points.y);
  new Uint8Array(buffer, POINTS_HEADER + 12 * count, count).set(points.kind);
  new Uint8Array(buffer, POINTS_HEADER + 13 * count, count).set(points.state);
  return buffer;
}

/** Writes `VGC1`. */
export function encodeChanges(changes: PackedChanges): ArrayBuffer {
  const count = changes.ids.length;
  const buffer = new ArrayBuffer(CHANGES_HEADER + 5 * count);
  const view = new DataView(buffer);
  writeMagic(view, CHANGES);
  view.setUint32(4, changes.generation, true);
  view.setUint32(8, count, true);
  new Uint32Array(buffer, CHANGES_HEADER, count).set(changes.ids);
  new Uint8Array(buffer, CHANGES_HEADER + 4 * count, count).set(changes.state);
  return buffer;
}

function writeMagic(view: DataView, magic: string): void {
  for (let i = 0; i < 4; i++) view.setUint8(i, magic.charCodeAt(i));
}
