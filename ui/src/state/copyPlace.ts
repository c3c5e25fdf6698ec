/** A place of the map, on the clipboard: degrees as every program reads them, and metres as French plans have them. */
import { t } from "../i18n";
import { toLambert93 } from "../map/lambert93";
import type { Place } from "../map/geodesy";
import type { Announcer } from "./announcer.svelte";
import { copyText } from "./clipboard";

/** `47.32200, 5.04150 (WGS 84) · 854185 6693290 (Lambert-93)`: five decimals are a metre. */
export function placeText({ lon, lat }: Place): string {
  const metres = toLambert93(lon, lat);
  const degrees = `${lat.toFixed(5)}, ${lon.toFixed(5)} (WGS 84)`;
  return metres === null ? degrees : `${degrees} · ${metres.x.toFixed(0)} ${metres.y.toFixed(0)} (Lambert-93)`;
}

/** Copies a place and says so. */
export async function copyPlace(place: Place | null, announcer: Announcer): Promise<void> {
  if (!place) return;
  const text = placeText(place);
  if (await copyText(text)) announcer.say(t("map.copied", { place: text }), "good");
  else announcer.say(t("map.not_copied", { place: text }), "bad");
}
