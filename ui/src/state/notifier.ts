/**
 * A notification of the system for an alarm of priority 1 that nobody has taken, when nobody looks at this window. It stays on
 * lock screens and in other programs: it says that there is one, and neither where nor of whom.
 */
import type { AlarmSummary } from "../host/bindings";
import type { Machine } from "../host/host";
import { t } from "../i18n";

export class Notifier {
  readonly #machine: Machine;
  readonly #looking: () => boolean;
  /** What was told of last: the same asking is told once, another one of the same alarm is told again. */
  #told = "";

  constructor(machine: Machine, looking: () => boolean = () => globalThis.document?.hasFocus() ?? true) {
    this.#machine = machine;
    this.#looking = looking;
  }

  /** The alarms of this desk changed. */
  hear(summary: AlarmSummary): void {
    const { top } = summary;
    if (summary.sounds !== 1 || top?.priority !== 1) return;
    const asking = `${top.alarm_id} ${top.asked_at}`;
    if (asking === this.#told) return;
    this.#told = asking;
    if (this.#looking()) return;
    void this.#machine.notify(t("notify.title"), t("notify.text")).catch(() => undefined);
  }
}
