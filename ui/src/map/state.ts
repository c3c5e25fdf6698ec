/** The two bytes of a point: its kind, and its look with what is drawn over it. Mirrors `vigie_core::equipment`. */
import type { EquipmentKind, Look, Mark } from "../host/bindings";

/** In the order of the core: a packed point holds the index. */
export const KINDS: readonly EquipmentKind[] = [
  "street_light", "signal_junction", "camera", "gauge", "container", "bollard", "building", "message_sign", "pump",
];

/** In the order of the core: the three low bits of a point's state. */
export const LOOKS: readonly Look[] = ["normal", "active", "notice", "fault", "danger", "no_value"];

export const LOOK = 0b111;
export const STALE = 1 << 3;
export const PENDING = 1 << 4;
export const UNKNOWN = 1 << 5;
export const OVERRIDE = 1 << 6;
export const OUT_OF_REACH = 1 << 7;

const BITS: Record<Mark, number> = {
  stale: STALE, pending: PENDING, unknown: UNKNOWN, override: OVERRIDE, out_of_reach: OUT_OF_REACH,
};

export function stateByte(look: Look, marks: readonly Mark[]): number {
  return marks.reduce((bits, mark) => bits | BITS[mark], LOOKS.indexOf(look));
}

export function lookOf(state: number): Look {
  return LOOKS[state & LOOK] ?? "no_value";
}

/** How urgent a state is: what is worse is drawn over the rest and picked first. 0 for the grey city. */
export function urgency(state: number): number {
  switch (state & LOOK) {
    case 4: return 4;
    case 3: return 3;
    case 2: return 2;
    case 5: return 1;
    default: return 0;
  }
}

/** Needs a ring on the overlay: a command under way or unheard of, or an override. */
export function ringed(state: number): boolean {
  return (state & (PENDING | UNKNOWN | OVERRIDE)) !== 0;
}
