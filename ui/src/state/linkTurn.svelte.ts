/** What becomes of a command depends on how far the link carries it: what was prepared before it turned is no longer true. */
import { untrack } from "svelte";
import type { LinkState } from "../host/bindings";

/** Now, not before everything was read again, or not at all. A late link is still a link. */
export function carries(link: LinkState): "now" | "reading" | "not" {
  if (link === "live" || link === "late") return "now";
  return link === "returning" ? "reading" : "not";
}

/** Calls whenever the link carries less or more than before; for as long as the part lives that asks for it. */
export function whenLinkTurns(desk: { readonly link: LinkState }, turned: () => void): void {
  let before = untrack(() => carries(desk.link));
  $effect(() => {
    const now = carries(desk.link);
    if (now === before) return;
    before = now;
    untrack(turned);
  });
}
