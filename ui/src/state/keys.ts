/** The keys of the whole window, by character and not by position: pure, so that a test can press them. */

export type KeyAct = "help" | "alarms" | "search" | "log" | "hush" | "suspend" | "back" | "swallow";

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

/** Keys of the web view that would leave, reload, print or search the page: they do nothing here. */
const WEB_VIEW = new Set(["r", "p", "f", "g", "u", "s", "o", "h", "j"]);

/**
 * What a key does wherever the focus is; null to leave it to the element. No letter acts by itself: screen readers own the
 * letters, and a word typed in the wrong place must do nothing.
 */
export function keyAct(press: KeyPress): KeyAct | null {
  const control = press.ctrlKey || press.metaKey;
  if (press.key === "F1") return "help";
  if (press.key === "F2") return "alarms";
  if (press.key === "F8") return "hush";
  if (press.key === "F3" || (control && !press.altKey && press.key.toLowerCase() === "k")) return "search";
  if (press.key === "F6") return "log";
  if (control && press.shiftKey && !press.altKey && press.key.toLowerCase() === "l") return "suspend";
  if (press.key === "Escape" && !control && !press.altKey) return "back";
  if (press.key === "F5" || press.key === "F7" || press.key === "BrowserRefresh") return "swallow";
  if (press.altKey && (press.key === "ArrowLeft" || press.key === "ArrowRight")) return "swallow";
  if (control && !press.altKey && WEB_VIEW.has(press.key.toLowerCase())) return "swallow";
  return null;
}

/** Whether a key is being typed into something, so that a list's own keys leave it alone. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}
