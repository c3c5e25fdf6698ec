/** The time zone of the metropolis: what "local" means on a desk, wherever the machine believes it is. */

export const zone = $state<{ name: string | undefined }>({ name: undefined });

const QUARTER = 900_000;
const MOST_KEPT = 4096;
const offsets = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the zone's wall clock is ahead of UTC at an instant, ms. Kept by quarter of an hour: rules change on those. */
export function offsetAt(at: number, name: string | undefined = zone.name): number {
  const key = `${name ?? ""} ${Math.floor(at / QUARTER)}`;
  const kept = offsets.get(key);
  if (kept !== undefined) return kept;
  if (offsets.size > MOST_KEPT) offsets.clear();
  const offset = computed(Math.floor(at / QUARTER) * QUARTER, name);
  offsets.set(key, offset);
  return offset;
}

function computed(at: number, name: string | undefined): number {
  const parts = new Map(format(name).formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const read = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second")) - at;
}

function format(name: string | undefined): Intl.DateTimeFormat {
  const kept = formats.get(name ?? "");
  if (kept) return kept;
  const fields = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat("en-US", { ...fields, ...(name ? { timeZone: name } : {}) });
  } catch {
    // A zone this web view does not know: the machine's own is the best that is left.
    made = new Intl.DateTimeFormat("en-US", fields);
  }
  formats.set(name ?? "", made);
  return made;
}
