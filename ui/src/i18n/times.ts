/** Instants and ages in words: 24 h, local, with the date when it is not today, and the offset in the hour that comes twice. */
import { locale, number, t } from "./index";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `22:44:07`, or `22:44`. */
export function clock(at: number, seconds = false): string {
  const date = new Date(at);
  const text = [date.getHours(), date.getMinutes(), ...(seconds ? [date.getSeconds()] : [])].map(two).join(":");
  return isRepeatedHour(at) ? `${text} ${offset(date)}` : text;
}

/** The time, with the date when it is not today. */
export function instant(at: number, now: number, seconds = false): string {
  const date = new Date(at);
  if (sameDay(date, new Date(now))) return clock(at, seconds);
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" as const };
  const day = new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", ...year }).format(date);
  return t("time.on", { day, time: clock(at, seconds) });
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
  const here = new Date(at).getTimezoneOffset();
  const before = new Date(at - HOUR).getTimezoneOffset();
  const after = new Date(at + HOUR).getTimezoneOffset();
  return before < here || here < after;
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? "−" : "+";
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${sign}${hours}${rest === 0 ? "" : `:${two(rest)}`}`;
}

function sameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
