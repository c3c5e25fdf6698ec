/** A whole `.pmtiles` file of one tile. */
export function groundFile(attribution?: string): Uint8Array<ArrayBuffer>;
