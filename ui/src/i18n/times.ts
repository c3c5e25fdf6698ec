/** Instants and ages in words: 24 h, local, with the date when it is not today, and the offset in the hour that comes twice. */
import { locale, number, t } from "./index";
import { offsetAt } from "./zone.svelte";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `22:44:07`, or `22:44`. */
export function clock(at: number, seconds = false): string {
  const wall = wallClock(at);
  const text = [wall.getUTCHours(), wall.getUTCMinutes(), ...(seconds ? [wall.getUTCSeconds()] : [])].map(two).join(":");
  return isRepeatedHour(at) ? `${text} ${utcOffset(offsetAt(at))}` : text;
}

/** The time, with the date when it is not today. */
export function instant(at: number, now: number, seconds = false): string {
  const wall = wallClock(at);
  const today = wallClock(now);
  if (Math.floor(wall.getTime() / DAY) === Math.floor(today.getTime() / DAY)) return clock(at, seconds);
  const year = wall.getUTCFullYear() === today.getUTCFullYear() ? {} : { year: "numeric" as const };
  const day = new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", timeZone: "UTC", ...year }).format(wall);
  return t("time.on", { day, time: clock(at, seconds) });
}

/** The day in full, for what will be read on another one. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" }).format(wallClock(at));
}

/** How long ago, or for how long still: one or two units, never more precise than is useful. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < MINUTE) return t("age.seconds", { n: Math.floor(length / SECOND) });
  if (length < HOUR) return t("age.minutes", { n: Math.floor(length / MINUTE) });
  if (length < DAY) return t("age.hours", { h: Math.floor(length / HOUR), m: two(Math.floor((length % HOUR) / MINUTE)) });
  return t("age.days", { d: number(Math.floor(length / DAY)), h: Math.floor((length % DAY) / HOUR) });
}

/** What is left of a life: to the second under an hour, so that it can be seen running out. */
export function countdown(ms: number): string {
  const length = Math.max(0, ms);
  if (length >= HOUR) return duration(length);
  const minutes = Math.floor(length / MINUTE);
  const seconds = t("age.seconds", { n: Math.floor((length % MINUTE) / SECOND) });
  return minutes === 0 ? seconds : `${t("age.minutes", { n: minutes })} ${seconds}`;
}

/** Whether the same wall-clock time exists twice around this instant: the hour when summer time ends. */
export function isRepeatedHour(at: number): boolean {
  const here = offsetAt(at);
  return offsetAt(at - HOUR) > here || here > offsetAt(at + HOUR);
}

/** An instant as a date whose UTC fields read as the zone's wall clock. */
function wallClock(at: number): Date {
  return new Date(at + offsetAt(at));
}

function utcOffset(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / MINUTE);
  const rest = minutes % 60;
  return `UTC${ms < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${rest === 0 ? "" : `:${two(rest)}`}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
