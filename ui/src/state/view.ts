/** Which window of the desk this page is: the address says so. */

export type View = "main" | "map" | "alarms" | "sheet";
/** The windows that may be opened beside the main one. */
export const BESIDE: readonly Exclude<View, "main">[] = ["map", "alarms", "sheet"];

/** The view that an address names; the main one when it names none. */
export function viewOf(search: string): View {
  const named = new URLSearchParams(search).get("view");
  return BESIDE.find((view) => view === named) ?? "main";
}

/** Whether the page was loaded again because its process had died; said once, and taken out of the address. */
export function wasReloaded(location: Location, history: History): boolean {
  const address = new URL(location.href);
  if (!address.searchParams.has("reloaded")) return false;
  address.searchParams.delete("reloaded");
  history.replaceState(history.state, "", address.pathname + address.search + address.hash);
  return true;
}
