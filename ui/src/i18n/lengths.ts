/** Lengths and areas in the units that one says them in. */
import { number, t } from ".";

/** `748 m`, `4,37 km`; metres are never said finer than the pointer places them. */
export function lengthText(metres: number): string {
  if (!Number.isFinite(metres)) return t("measure.unknown");
  return metres < 1000 ? t("map.scale_m", { n: number(metres, metres < 10 ? 1 : 0) }) : t("map.scale_km", { n: number(metres / 1000, metres < 100_000 ? 2 : 0) });
}

/** `810 m²`, `2,35 ha`, `336 ha`, `12,4 km²`. */
export function areaText(metres: number): string {
  if (metres < 10_000) return t("measure.m2", { n: number(metres) });
  const hectares = metres / 10_000;
  if (hectares < 1000) return t("measure.ha", { n: number(hectares, hectares < 100 ? 2 : 0) });
  return t("measure.km2", { n: number(metres / 1e6, 1) });
}
