/** The alarms of this desk: the bar, the list that is open, and what a person does with the one that is shown. */
import type { AlarmFilter, AlarmListKind, AlarmSheet, AlarmSummary, AlarmView, Commands, ShelveReason } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, t } from "../i18n";
import { alarmLine } from "../i18n/alarms";
import { AlarmSpeech } from "./alarmSpeech";
import type { Announcer } from "./announcer.svelte";
import { Pages } from "./pages.svelte";

/** A line is taken once it has been shown for this long, ms: nobody takes what he has not read. */
export const SHOWN = 1000;
/** Lists are not read again more often than this while alarms come, ms. */
const REST = 250;

/** What came of an attempt to take the line that is shown. */
export type Taking = "taken" | "too_soon" | "cannot" | "refused";

export class Alarms {
  summary = $state.raw<AlarmSummary | null>(null);
  /** What is most urgent when nothing asks: taken, and still there. */
  held = $state.raw<AlarmView | null>(null);
  list = $state<AlarmListKind>("open");
  /** The causes that are open, outermost first, and where the focus was before. */
  path = $state.raw<readonly { cause: AlarmView; index: number }[]>([]);
  priorities = $state.raw<readonly number[]>([]);
  untaken = $state(false);
  mine = $state(false);
  readonly pages: Pages<AlarmView>;
  /** What was done with the alarm that has the focus. */
  sheet = $state.raw<AlarmSheet | null>(null);
  /** Alarms about which a form is open. */
  shelving = $state.raw<AlarmView | null>(null);
  assigning = $state.raw<AlarmView | null>(null);
  /** Why the last key did nothing. */
  hint = $state<"too_soon" | "cannot" | "no_object" | null>(null);
  #shown: { key: string; at: number } | null = null;
  readonly #speech = new AlarmSpeech();
  readonly #host: Host;
  readonly #announcer: Announcer;
  readonly #cut: () => boolean;

  constructor(host: Host, announcer: Announcer, cut: () => boolean) {
    this.#host = host;
    this.#announcer = announcer;
    this.#cut = cut;
    this.pages = new Pages(
      async (offset, limit) => {
        const { total, alarms } = await host.call("alarms", { ...this.filter, offset, limit });
        return { total, lines: alarms };
      },
      (alarm) => alarm.alarm_id,
    );
  }

  /** What the list asks for. */
  get filter(): AlarmFilter {
    const open = this.list === "open";
    return {
      ...EVERYTHING, list: this.list, under: this.path.at(-1)?.cause.alarm_id ?? null, priorities: [...this.priorities],
      untaken: this.untaken && open, mine: this.mine && open,
    };
  }

  get filtered(): boolean {
    return this.priorities.length > 0 || this.untaken || this.mine;
  }

  get active(): AlarmView | undefined {
    return this.pages.activeLine;
  }

  /** The alarm of the bar: what asks, else what is held. */
  get top(): AlarmView | null {
    return this.summary?.top ?? this.held;
  }

  /** The bar changed. */
  hear(summary: AlarmSummary, now: number): void {
    this.summary = summary;
    this.pages.soon(REST);
    void this.#readHeld();
    this.#say(summary, now);
  }

  /** Reads the bar: at the start, and when nothing pushes. */
  async read(now: number): Promise<void> {
    try {
      this.hear(await this.#host.call("alarm_summary", {}), now);
    } catch {
      // Shown by the status; the last bar stays.
    }
  }

  /** Goes to the most urgent one, whatever was shown. */
  toTop(): void {
    this.list = "open";
    this.path = [];
    this.priorities = [];
    this.untaken = this.mine = false;
    this.hint = null;
    this.pages.restart();
  }

  choose(change: Partial<Pick<Alarms, "list" | "priorities" | "untaken" | "mine">>): void {
    Object.assign(this, change);
    if (change.list) this.path = [];
    this.hint = null;
    this.pages.restart();
  }

  /** Opens what stands under a cause; false when nothing does. */
  openGroup(alarm: AlarmView): boolean {
    if (alarm.under === 0 || this.list !== "open") return false;
    this.path = [...this.path, { cause: alarm, index: this.pages.active }];
    this.pages.restart();
    return true;
  }

  /** Goes back to the cause; false when none is open. */
  closeGroup(): boolean {
    const last = this.path.at(-1);
    if (!last) return false;
    this.path = this.path.slice(0, -1);
    this.pages.restart(last.index);
    return true;
  }

  /** This alarm is the line that is shown, or none is: the time is the page's own, ms. Counted from when it first was. */
  show(alarm: AlarmView | undefined, now: number): void {
    const key = alarm ? shownKey(alarm) : null;
    if (key === null) this.#shown = null;
    else if (this.#shown?.key !== key) this.#shown = { key, at: now };
  }

  /** Takes the line that is shown: this occurrence, at the priority that was seen. */
  async take(now: number): Promise<Taking> {
    const alarm = this.active;
    this.hint = null;
    if (!alarm?.can.includes("acknowledge")) return this.#refuse("cannot");
    if (this.#shown?.key !== shownKey(alarm) || now - this.#shown.at < SHOWN) return this.#refuse("too_soon");
    const done = await this.#act({ name: "acknowledge_alarm", args: { alarm_id: alarm.alarm_id, priority: alarm.priority } });
    if (!done) return "refused";
    this.#announcer.say(t(this.#cut() ? "alarms.done.only_here" : "alarms.done.acknowledge", { alarm: alarmLine(alarm) }), this.#cut() ? "plain" : "good");
    return "taken";
  }

  async shelve(alarm: AlarmView, until: number, reason: ShelveReason): Promise<boolean> {
    const done = await this.#act({ name: "shelve_alarm", args: { alarm_id: alarm.alarm_id, priority: alarm.priority, until, reason } });
    if (done) this.#announcer.say(t("alarms.done.shelve", { alarm: alarmLine(alarm) }), "good");
    return done;
  }

  async unshelve(alarm: AlarmView): Promise<void> {
    const done = await this.#act({ name: "unshelve_alarm", args: { alarm_id: alarm.alarm_id } });
    if (done) this.#announcer.say(t("alarms.done.unshelve", { alarm: alarmLine(alarm) }), "good");
  }

  async assign(alarm: AlarmView, deskId: string): Promise<boolean> {
    const done = await this.#act({ name: "assign_alarm", args: { alarm_id: alarm.alarm_id, priority: alarm.priority, desk_id: deskId } });
    if (done) this.#announcer.say(t("alarms.done.assign", { alarm: alarmLine(alarm) }), "good");
    return done;
  }

  /** Reads what was done with an alarm. */
  async readSheet(alarmId: string): Promise<void> {
    const sheet = await this.#host.call("alarm", { alarm_id: alarmId }).catch(() => null);
    if (this.active?.alarm_id === alarmId) this.sheet = sheet;
  }

  /** Someone else sits down. */
  clear(): void {
    this.shelving = this.assigning = null;
    this.sheet = null;
    this.#speech.forget();
    this.toTop();
  }

  #refuse(hint: "too_soon" | "cannot"): Taking {
    this.hint = hint;
    return hint;
  }

  async #act(act: Act): Promise<boolean> {
    try {
      await this.#host.call(act.name, act.args as never);
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
      return false;
    } finally {
      await this.pages.read();
    }
    return true;
  }

  /** When nothing asks, the bar shows what is held. */
  async #readHeld(): Promise<void> {
    const summary = this.summary;
    if (!summary || summary.top !== null || summary.counts.every((count) => count.taken === 0)) {
      this.held = null;
      return;
    }
    const list = await this.#host.call("alarms", { ...EVERYTHING, limit: 1 }).catch(() => null);
    if (this.summary === summary) this.held = list?.alarms[0] ?? null;
  }

  #say(summary: AlarmSummary, now: number): void {
    const speech = this.#speech.hear(summary, now);
    if (speech.urgent) this.#announcer.interrupt(`${t("alarms.priority", { n: 1 })}. ${alarmLine(speech.urgent)}`);
    const parts = speech.more.map(({ priority, n }) => t("alarms.said.of", { n, priority }));
    const rest = parts.length > 0 ? [t("alarms.said.new", { list: parts.join(", ") })] : [];
    if (speech.flood) rest.unshift(t(speech.flood === "begun" ? "alarms.said.flood" : "alarms.said.flood_over"));
    if (rest.length > 0) this.#announcer.whisper(rest.join(" "));
  }
}

const EVERYTHING: AlarmFilter = {
  list: "open", under: null, flat: false, equipment_id: null, kinds: [], insee_code: null, offset: 0, limit: 0, priorities: [], untaken: false, mine: false,
};

/** One thing that is done with an alarm. */
type Act = { [K in "acknowledge_alarm" | "shelve_alarm" | "unshelve_alarm" | "assign_alarm"]: { name: K; args: Commands[K]["args"] } }[
  "acknowledge_alarm" | "shelve_alarm" | "unshelve_alarm" | "assign_alarm"
];

function shownKey(alarm: AlarmView): string {
  return `${alarm.alarm_id} ${alarm.priority}`;
}
