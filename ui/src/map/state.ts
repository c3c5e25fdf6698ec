/** The two bytes of a point: its kind, and its look with the age of its value and what is drawn over it. Mirrors `vigie_core::equipment`. */
import type { EquipmentKind, Freshness, Look, Mark } from "../host/bindings";

/** In the order of the core: a packed point holds the index. */
export const KINDS: readonly EquipmentKind[] = [
  "street_light", "signal_junction", "camera", "gauge", "container", "bollard", "building", "message_sign", "pump",
  "cabinet", "substation",
];

/** In the order of the core: the three low bits of a point's state. */
export const LOOKS: readonly Look[] = ["normal", "active", "notice", "fault", "danger", "no_value"];

/** Index of the street lights, by far the most. */
export const LAMP = KINDS.indexOf("street_light");

export const LOOK = 0b111;
/** Two bits: 0 is live. */
export const FRESHNESS = 0b11 << 3;
export const AGEING = 1 << 3;
export const STALE = 2 << 3;
export const UNREACHABLE = 3 << 3;
export const PENDING = 1 << 5;
export const UNKNOWN = 1 << 6;
export const OVERRIDE = 1 << 7;

const NO_VALUE = 5;
const MARK_BITS: Record<Mark, number> = { pending: PENDING, unknown: UNKNOWN, override: OVERRIDE };
/** What was never seen has no bits of its own: it is stale and looks like no value. */
const FRESHNESS_BITS: Record<Freshness, number> = { live: 0, ageing: AGEING, stale: STALE, unreachable: UNREACHABLE, never: STALE };

export function stateByte(look: Look, freshness: Freshness, marks: readonly Mark[]): number {
  return marks.reduce((bits, mark) => bits | MARK_BITS[mark], LOOKS.indexOf(look) | FRESHNESS_BITS[freshness]);
}

export function freshnessOf(state: number): Freshness {
  switch (state & FRESHNESS) {
    case AGEING: return "ageing";
    case STALE: return (state & LOOK) === NO_VALUE ? "never" : "stale";
    case UNREACHABLE: return "unreachable";
    default: return "live";
  }
}

/** A point behind a lost link: nothing is live there. */
export function withoutLink(state: number): number {
  return (state & FRESHNESS) === 0 ? state | AGEING : state;
}

export function lookOf(state: number): Look {
  return LOOKS[state & LOOK] ?? "no_value";
}

/** By look: danger, fault and notice over what has no value, and that over the grey city. */
const URGENCY = [0, 0, 2, 3, 4, 1, 0, 0];

/** How urgent a state is: what is worse is drawn over the rest and picked first. 0 for the grey city. */
export function urgency(state: number): number {
  return URGENCY[state & LOOK]!;
}

/** Needs a ring on the overlay: a command under way or unheard of, or an override. */
export function ringed(state: number): boolean {
  return (state & (PENDING | UNKNOWN | OVERRIDE)) !== 0;
}
