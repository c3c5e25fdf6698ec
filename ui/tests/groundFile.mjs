// A ground file as small as one can be: PMTiles version 3 with one vector tile of zoom 1 (the north-east of the world), not compressed.
// On it is land everywhere, and water from 4.98 to 5.05 degrees east.

const text = new TextEncoder();
const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);
const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
/** Fields of a protocol buffer: a number, or bytes with their length. */
const number = (field, n) => [...varint(field << 3), ...varint(n)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const string = (field, said) => bytes(field, [...text.encode(said)]);

const EXTENT = 8192;
/** Degrees east to units of the tile. */
const unit = (lon) => Math.round((lon / 180) * EXTENT);

/** A layer with one rectangle, as the specification of vector tiles (2.1) has it. */
function layer(name, left, right) {
  const corner = (x, y) => [zigzag(x), zigzag(y)];
  const geometry = [9, ...corner(left, 0), 26, ...corner(right - left, 0), ...corner(0, EXTENT), ...corner(left - right, 0), 15].flatMap(varint);
  const feature = [...bytes(2, [0, 0]), ...number(3, 3), ...bytes(4, geometry)];
  return bytes(3, [...string(1, name), ...bytes(2, feature), ...string(3, "kind"), ...bytes(4, string(1, name)), ...number(5, EXTENT), ...number(15, 2)]);
}

export function groundFile(attribution = "<a href=\"https://example.org\">© Somebody &amp; others</a>") {
  const tile = [...layer("earth", 0, EXTENT), ...layer("water", unit(4.98), unit(5.05))];
  const metadata = [...text.encode(JSON.stringify({ attribution }))];
  // One entry: identifier, run length, length, offset + 1. Zoom 1, column 1, row 0 is the fifth tile of the curve.
  const directory = [1, 4, 1, ...varint(tile.length), 1];
  const header = new DataView(new ArrayBuffer(127));
  text.encode("PMTiles").forEach((byte, i) => header.setUint8(i, byte));
  header.setUint8(7, 3);
  const runs = [[127, directory.length], [127 + directory.length, metadata.length], [0, 0], [127 + directory.length + metadata.length, tile.length]];
  runs.flat().forEach((n, i) => header.setBigUint64(8 + 8 * i, BigInt(n), true));
  for (const at of [72, 80, 88]) header.setBigUint64(at, 1n, true);
  // Clustered, nothing compressed, vector tiles, zoom 1 to 1.
  [1, 1, 1, 1, 1, 1].forEach((byte, i) => header.setUint8(96 + i, byte));
  [0, 0, 1_800_000_000, 850_000_000].forEach((degrees, i) => header.setInt32(102 + 4 * i, degrees, true));
  header.setUint8(118, 1);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...directory, ...metadata, ...tile]);
}
