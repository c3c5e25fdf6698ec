/** What objects report and what is asked of them, in words and units. */
import type { EquipmentKind, Params, Reading } from "../host/bindings";
import { coded, isKey, number, t } from "./index";
import { programmeName } from "./programmeNames.svelte";

type Value = Reading[string];

/** One reported value. */
export interface ReadingRow {
  key: string;
  label: string;
  value: string;
}

/** The name of a key of a reading. */
export function keyLabel(key: string): string {
  return coded("reading", key);
}

/** One value with its unit. What is not known here is shown as it came: better raw than hidden. */
export function valueText(key: string, value: Value | undefined): string {
  if (key === "fault") return typeof value === "string" ? coded("value.fault", value) : t("value.none");
  if (key === "programme") return value === "own" ? t("value.programme.own") : typeof value === "string" ? `« ${programmeName(value) ?? t("value.programme.other")} »` : t("value.not_measured");
  if (key === "text") return typeof value === "string" && value !== "" ? value : t("value.blank");
  if (value === null || value === undefined) return t("value.not_measured");
  if (typeof value === "number") return numberText(key, value);
  if (typeof value === "boolean") {
    if (key === "running") return t(value ? "value.running" : "value.stopped");
    if (key === "supply") return t(value ? "value.supplied" : "value.unsupplied");
    return t(value ? "value.yes" : "value.no");
  }
  if (typeof value === "string") return coded(`value.${key}`, value);
  return JSON.stringify(value);
}

function numberText(key: string, value: number): string {
  switch (key) {
    case "level": return value === 0 ? t("value.off") : t("value.on", { level: number(value) });
    case "fill": return t("value.percent", { n: number(value) });
    case "power_w": return t("value.watts", { n: number(value) });
    case "heating_c":
    case "temperature_c": return t("value.celsius", { n: number(value, Number.isInteger(value) ? 0 : 1) });
    case "height_mm": return t("value.metres", { n: number(value / 1000, 2) });
    case "flow_l_s": return t("value.cubic", { n: number(value / 1000, value < 10_000 ? 2 : 1) });
    case "trend_mm_h": return t("value.trend", { n: `${value > 0 ? "↗ +" : value < 0 ? "↘ " : "→ "}${number(value / 10, 1)}` });
    case "pan":
    case "tilt": return `${number(value, Number.isInteger(value) ? 0 : 1)}°`;
    case "zoom": return `× ${number(value, Number.isInteger(value) ? 0 : 1)}`;
    case "plan": return t("value.plan", { n: value });
    default: return number(value, Number.isInteger(value) ? 0 : 2);
  }
}

const ORDER = ["aspect", "plan", "level", "picture", "pan", "tilt", "zoom", "position", "running", "text", "height_mm", "flow_l_s", "trend_mm_h", "fill", "temperature_c", "heating_c", "fire", "intrusion", "lift", "power_w", "programme", "fault"];

/** Every value of a reading, the telling ones first. */
export function readingRows(reading: Reading): ReadingRow[] {
  const rank = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return Object.keys(reading)
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((key) => ({ key, label: keyLabel(key), value: valueText(key, reading[key]) }));
}

/** A reading in a few words, for a line of a list. */
export function brief(kind: EquipmentKind, reading: Reading): string {
  const fault = typeof reading.fault === "string" ? t("brief.fault", { fault: valueText("fault", reading.fault) }) : null;
  const said = says(kind, reading);
  return [said, fault].filter((part) => part !== null && part !== "").join(", ") || t("brief.never");
}

function says(kind: EquipmentKind, reading: Reading): string | null {
  const has = (key: string): boolean => reading[key] !== undefined;
  const text = (key: string): string => valueText(key, reading[key]);
  switch (kind) {
    case "street_light": return has("level") ? text("level") : null;
    case "signal_junction": return has("aspect") ? t("brief.signals", { aspect: text("aspect"), plan: String(reading.plan ?? "—") }) : null;
    case "camera": return has("picture") ? t("brief.camera", { picture: text("picture") }) : null;
    case "gauge": {
      if (!has("height_mm")) return null;
      const trend = typeof reading.trend_mm_h === "number";
      return trend ? t("brief.gauge_trend", { height: text("height_mm"), trend: text("trend_mm_h") }) : t("brief.gauge", { height: text("height_mm") });
    }
    case "container": return has("fill") ? t("brief.container", { fill: text("fill") }) : null;
    case "bollard": return has("position") ? t("brief.bollard", { position: text("position") }) : null;
    case "building": {
      const alarms = (["fire", "intrusion", "lift"] as const).filter((key) => reading[key] === true).map((key) => t(`brief.${key}`));
      return alarms.length > 0 ? alarms.join(", ") : has("heating_c") ? t("brief.heating", { heating: text("heating_c") }) : null;
    }
    case "message_sign": return typeof reading.text === "string" ? t("brief.sign", { text: reading.text }) : has("text") ? t("value.blank") : null;
    case "pump": return has("running") ? text("running") : null;
    case "cabinet":
    case "substation": return has("supply") ? text("supply") : null;
  }
}

/** What a command asks: its parameters in words; nothing for an action that takes none. */
export function targetText(params: Params | null): string {
  return Object.entries(params ?? {}).map(([key, value]) => (key === "text" ? `« ${String(value)} »` : valueText(key, value))).join(", ");
}

/** The name of an action. */
export function actionText(code: string): string {
  return coded("action", code);
}

/** A command in a line: what is done, and to what value. */
export function commandText(action: string, params: Params): string {
  const target = targetText(params);
  return target === "" ? actionText(action) : t("flow.consequence", { action: actionText(action), target });
}

/** What is fixed about an object, as far as it is for people to read. */
export function attributeRows(attributes: unknown): ReadingRow[] {
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) return [];
  return Object.entries(attributes as Record<string, Value>)
    .filter(([key, value]) => isKey(`attribute.${key}`) && value !== null)
    .map(([key, value]) => ({ key, label: coded("attribute", key), value: attributeText(key, value) }));
}

function attributeText(key: string, value: Value): string {
  if (typeof value === "boolean") return t(value ? "attribute.yes" : "attribute.no");
  if (typeof value !== "number") return String(value);
  if (key === "safety_level") return t("value.percent", { n: number(value) });
  if (key === "range_m") return t("map.scale_m", { n: number(value) });
  return key === "heading" || key === "fov" ? `${number(value)}°` : number(value);
}
