/** What is in force now: every override, what did not end, what ended lately. */
import type { EffectView } from "../host/bindings";
import type { Host } from "../host/host";
import { later } from "./later";


export class Effects {
  all = $state.raw<readonly EffectView[]>([]);
  loaded = $state(false);
  /** The line that has the focus. */
  active = $state(0);
  /** Nobody looks: what changes is read when somebody does. */
  #shown = false;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Somebody looks, until the answer is called. */
  show(): () => void {
    this.#shown = true;
    void this.read();
    return () => {
      this.#shown = false;
    };
  }

  /** Read again shortly, while somebody looks. */
  readonly touched = later(() => this.#shown && this.read(), 250);

  async read(): Promise<void> {
    try {
      const former = this.all[this.active]?.command_id;
      this.all = await this.#host.call("effects", {});
      this.loaded = true;
      // The focus stays with what it was on, wherever that went.
      const at = this.all.findIndex((effect) => effect.command_id === former);
      this.active = at >= 0 ? at : Math.max(0, Math.min(this.active, this.all.length - 1));
    } catch {
      // Shown by the status; the last list stays.
    }
  }
}
