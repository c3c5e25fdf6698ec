/** What is chosen among the objects of the map and of its list; all of them where nothing is. */
import type { EquipmentKind, Freshness, Look } from "../host/bindings";
import { KINDS, LOOKS } from "../map/state";

export interface Choice {
  kinds: readonly EquipmentKind[];
  looks: readonly Look[];
  /** INSEE codes. */
  communes: readonly string[];
  /** Codes; empty for objects of no service. */
  services: readonly string[];
  ages: readonly Freshness[];
}

export type Sort = keyof Choice;
export const SORTS: readonly Sort[] = ["kinds", "looks", "services", "communes", "ages"];
/** In the order of the core. */
export const AGES: readonly Freshness[] = ["live", "ageing", "stale", "unreachable", "never"];

export const EVERYTHING: Choice = { kinds: [], looks: [], communes: [], services: [], ages: [] };

export function isNarrow(choice: Choice): boolean {
  return SORTS.some((sort) => choice[sort].length > 0);
}

/** A choice as it was kept: what is not known here is left out, and shows more rather than less. */
export function choiceOf(kept: unknown): Choice {
  const texts = (sort: Sort): string[] => {
    const values: unknown = typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>)[sort] : [];
    return Array.isArray(values) ? values.filter((value): value is string => typeof value === "string") : [];
  };
  const known = <T extends string>(all: readonly T[], sort: Sort): T[] => all.filter((one) => texts(sort).includes(one));
  return { kinds: known(KINDS, "kinds"), looks: known(LOOKS, "looks"), communes: texts("communes"), services: texts("services"), ages: known(AGES, "ages") };
}
