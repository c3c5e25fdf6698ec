/** Which points are shown: by kind, by state byte, and one by one for what only the core knows (commune, alarms). */
import { KINDS } from "./state";

/** The columns that a filter reads. */
export interface Bytes {
  kind: Uint8Array;
  state: Uint8Array;
}

export class Shown {
  /** 1 for kinds that are shown. */
  readonly kinds = new Uint8Array(KINDS.length).fill(1);
  /** 1 for state bytes that are shown. */
  readonly states = new Uint8Array(256).fill(1);
  /** 1 for points that are shown, by index in the grid; null for all. */
  points: Uint8Array | null = null;
  /** 1 for points that are shown whatever else is chosen; null for none. */
  urgent: Uint8Array | null = null;

  has(bytes: Bytes, index: number): boolean {
    return (
      (this.kinds[bytes.kind[index]!] === 1 && this.states[bytes.state[index]!] === 1 &&
        (this.points === null || this.points[index] === 1)) ||
      (this.urgent !== null && this.urgent[index] === 1)
    );
  }

  /** How many of the first `count` points are not shown. */
  hidden(bytes: Bytes, count: number): number {
    let hidden = 0;
    for (let index = 0; index < count; index++) if (!this.has(bytes, index)) hidden++;
    return hidden;
  }
}
