/** How the pictures of a service come: read without a map. */

/** How the pictures come. */
export interface GroundNews {
  /** The oldest of those that could not be asked anew, instant of its fetching; null while the service answers. */
  keptSince: number | null;
  /** Why the last one could not be had (a code); null when it was. */
  error: string | null;
}

const HEAD = 8;

/** What the core sends: eight bytes, 0 or the instant at which a picture was fetched that could not be asked anew; then the picture. */
export function readPicture(bytes: ArrayBuffer): { keptSince: number | null; picture: ArrayBuffer | null } {
  if (bytes.byteLength < HEAD) throw new RangeError(`${bytes.byteLength} bytes instead of a picture`);
  const at = Number(new DataView(bytes).getBigInt64(0, true));
  return { keptSince: at === 0 ? null : at, picture: bytes.byteLength === HEAD ? null : bytes.slice(HEAD) };
}

/** What is known once another picture came, or could not. */
export function heard(before: GroundNews, keptSince: number | null): GroundNews {
  return { keptSince: keptSince === null ? null : Math.min(keptSince, before.keptSince ?? keptSince), error: null };
}
