/**
 * Takes the keyboard when nothing has it: for what comes in the place of what was just pressed and went away. Whoever typed
 * elsewhere meanwhile is left alone. An attachment: `{@attach takesFocus}`.
 */
import { tick } from "svelte";

export function takesFocus(element: HTMLElement): void {
  void tick().then(() => {
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body) element.focus();
  });
}
