/** What an alarm says, where, and who has it, in words. */
import type { AlarmView } from "../host/bindings";
import { coded, fill, number, t } from "./index";
import { duration, instant } from "./times";

/** What happened: the text of its message, with its values. */
export function alarmText(alarm: Pick<AlarmView, "message" | "details">): string {
  const values = Object.fromEntries(
    Object.entries(alarm.details).map(([name, value]) => [name, typeof value === "number" ? number(value) : String(value ?? "—")]),
  );
  return fill(coded("alarm", alarm.message, t("alarms.unnamed", { code: alarm.message })), values);
}

/** What it happened to: a name first, since that is what people say. */
export function alarmPlace(alarm: Pick<AlarmView, "name" | "reference" | "source">): string {
  return alarm.name || alarm.reference || (alarm.source ? coded("source", alarm.source) : t("alarms.room"));
}

/** Both in one line. */
export function alarmLine(alarm: AlarmView): string {
  return t("alarms.line", { place: alarmPlace(alarm), what: alarmText(alarm) });
}

/** Whether it was taken here and the metropolis does not know it yet. */
export function onlyHere(alarm: Pick<AlarmView, "pending" | "acknowledged">): boolean {
  return !alarm.acknowledged && alarm.pending.some((done) => done.kind === "acknowledge" && done.state !== "abandoned" && done.state !== "refused");
}

/** Who has it: nobody, this desk only, or a person at a desk since an hour. */
export function holderText(alarm: AlarmView, now: number): string {
  if (alarm.acknowledged) {
    const who = alarm.acked_here ? t("alarms.you") : alarm.acked_by || t("alarms.someone");
    const time = alarm.acked_at === null ? "—" : instant(alarm.acked_at, now);
    return alarm.acked_desk === null ? t("alarms.taken", { who, time }) : t("alarms.taken_at", { who, desk: alarm.acked_desk, time });
  }
  if (onlyHere(alarm)) return t("alarms.only_here");
  return t("alarms.nobody");
}

/** Since when, and whether it still holds. */
export function sinceText(alarm: AlarmView, now: number): string {
  if (!alarm.active && alarm.cleared_at !== null) return t("alarms.cleared", { time: instant(alarm.cleared_at, now) });
  return t("alarms.since", { time: instant(alarm.raised_at, now), age: duration(now - alarm.raised_at) });
}
