/** Everything the screens share, and what happens when the core tells something. */
import type { ActionView, CommandView, Door, LinkState, ObjectLine, Push, Status, ZoneView } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, t } from "../i18n";
import { zone } from "../i18n/zone.svelte";
import { Alarms } from "./alarms.svelte";
import { Announcer } from "./announcer.svelte";
import { CityState } from "./city.svelte";
import { MetropolisClock } from "./clock.svelte";
import { Commands } from "./commands.svelte";
import { Draft, type Outcome } from "./draft.svelte";
import { Effects } from "./effects.svelte";
import { Groups } from "./groups.svelte";
import { Locks } from "./locks.svelte";
import { Log } from "./log.svelte";
import { Notifier } from "./notifier";
import { ObjectList } from "./objectList.svelte";
import { Palette } from "./palette.svelte";
import { LiveKeys } from "./live.svelte";
import { Procedures } from "./procedure.svelte";
import { Programmes } from "./programmes.svelte";
import { SharedSelection } from "./selection";
import { Shelf } from "./shelf";
import { Sources } from "./sources.svelte";
import { SheetState } from "./sheet.svelte";
import { viewOf } from "./view";
import { Zones } from "./zones.svelte";

/** How often the core is asked where things stand, though it tells what changes: a core that died tells nothing. */
const BEAT = 5000;
/** A core that has not answered for this long is not there. */
const PATIENCE = 8000;

/** What the left panel holds. */
export type Panel = "sources" | "map" | "alarms" | "effects" | "flood" | "locks" | "log" | "outbox" | "programmes" | "training";

export class Desk {
  readonly host: Host;
  readonly clock = new MetropolisClock();
  readonly announcer = new Announcer();
  readonly city: CityState;
  readonly list: ObjectList;
  readonly sheet: SheetState;
  readonly commands: Commands;
  readonly groups: Groups;
  readonly log: Log;
  readonly locks: Locks;
  readonly effects: Effects;
  readonly alarms: Alarms;
  readonly palette: Palette;
  readonly procedures: Procedures;
  readonly programmes: Programmes;
  readonly live: LiveKeys;
  readonly zones: Zones;
  /** What is typed in forms and not filed. */
  readonly shelf: Shelf;
  /** What the windows of this desk look at together. */
  readonly selection: SharedSelection;
  readonly sources: Sources;
  readonly notifier: Notifier;
  status = $state.raw<Status | null>(null);
  /** The page no longer reaches the program. */
  hostLost = $state<string | null>(null);
  panel = $state<Panel>("map");
  helpOpen = $state(false);
  /** The cheat sheet of the keys. */
  keysOpen = $state(false);
  settingsOpen = $state(false);
  reviewOpen = $state(false);
  /** The command being made. */
  draft = $state.raw<Draft | null>(null);
  readonly #drafts = new Map<string, Draft>();
  #linkSaid: LinkState | null = null;
  #stop: (() => void) | null = null;
  #beat: ReturnType<typeof setInterval> | undefined;

  constructor(host: Host) {
    this.host = host;
    this.city = new CityState(host);
    this.list = new ObjectList(host);
    this.sheet = new SheetState(host);
    this.commands = new Commands(host, this.announcer);
    this.groups = new Groups(host, this.announcer);
    this.shelf = new Shelf(host);
    this.zones = new Zones(host, this.city, this.shelf);
    this.selection = new SharedSelection(host, this.sheet);
    this.palette = new Palette(host);
    this.procedures = new Procedures(host, this.announcer, () => this.clock.now);
    this.programmes = new Programmes(host);
    this.live = new LiveKeys(host, this.announcer, () => this.clock.now);
    this.sources = new Sources(host);
    this.notifier = new Notifier(host.machine);
    this.log = new Log(host, this.announcer, this.shelf);
    this.locks = new Locks(host, this.announcer, this.shelf);
    this.effects = new Effects(host);
    this.alarms = new Alarms(host, this.announcer, () => this.cut);
    this.city.onChange((_, points) => {
      this.list.touched();
      const shown = this.sheet.point;
      if (shown !== null && points.includes(shown)) this.sheet.touched();
    });
  }

  /** Listens, then asks where things stand: nothing told in between is lost. */
  async start(): Promise<void> {
    this.#stop ??= this.host.subscribe((push) => this.#hear(push), (bytes) => this.city.hear(bytes));
    this.#beat ??= setInterval(() => void this.#ask(), BEAT);
    await this.#ask();
  }

  /** Signs in; rejects with the refusal. */
  async signIn(login: string, password: string): Promise<void> {
    this.#setStatus(await this.host.call("sign_in", { login, password }));
  }

  /** Signs out: the files of the account are closed. */
  async signOut(): Promise<void> {
    try {
      this.#setStatus(await this.host.call("sign_out", {}));
    } catch (error) {
      this.announcer.say(errorText(asHostError(error).code), "bad");
    }
  }

  /** Suspends the session: what is typed is saved first, and there again afterwards. */
  async suspend(): Promise<void> {
    await this.shelf.flush();
    try {
      this.#setStatus(await this.host.call("suspend", {}));
    } catch (error) {
      this.announcer.say(errorText(asHostError(error).code), "bad");
    }
  }

  /** Takes the session up again; rejects with the refusal. */
  async resume(password: string): Promise<void> {
    this.#setStatus(await this.host.call("resume", { password }));
  }

  /** People, pictures and commands are hidden. */
  get suspended(): boolean {
    return (this.status?.suspended ?? null) !== null;
  }

  /** Who may sign in here, and what may be seen without. */
  door(): Promise<Door> {
    return this.host.call("door", {});
  }

  /** Opens the view that is shared during a cut; rejects with the refusal. */
  async look(): Promise<void> {
    this.#setStatus(await this.host.call("look", {}));
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.clock.stop();
    this.sources.stop();
  }

  /** Where the link stands for the screen: without the core, nothing is heard either. */
  get link(): LinkState {
    return this.hostLost === null ? (this.status?.link.state ?? "starting") : "lost";
  }

  /** Nothing on the map can be trusted to be of now. */
  get cut(): boolean {
    return this.link === "lost" || this.link === "starting";
  }

  /** What the review is needed for. */
  get decisions(): number {
    return this.commands.review.cards.length + this.commands.review.groups.length + this.forgotten;
  }

  /** Own commands that the metropolis had and knows no more: nobody knows what they did until someone looks and closes them. */
  get forgotten(): number {
    return this.commands.review.ended.filter((command) => command.can_close).length;
  }

  /** Begins a command, or takes up the one that was left. `shown` opens the form even of a read, which goes by itself otherwise. */
  begin(line: ObjectLine, action: ActionView, shown = false): void {
    const key = `${line.equipment_id} ${action.code}`;
    const kept = this.#drafts.get(key) ?? this.#fresh(line, action);
    if (kept.stage === "noted" || kept.stage === "prepared") kept.edit();
    this.#drafts.set(key, kept);
    this.groups.close();
    this.zones.close();
    if (action.class === "A" && !shown) void this.#readAgain(kept);
    else this.draft = kept;
    // The safe direction has nothing to fill in: one key prepares it, one confirmation sends it (R17).
    if (action.safe_direction) void kept.prepare();
  }

  /** Prepares the safe direction on the object whose sheet is open. */
  beginSafe(): void {
    const sheet = this.sheet.sheet;
    const action = sheet?.actions.find((offered) => offered.safe_direction);
    if (sheet && action) this.begin(sheet.line, action);
    else if (sheet) this.announcer.say(t("sheet.no_way_back"), "bad");
  }

  /** Opens a panel over whatever was there. */
  show(panel: Panel): void {
    this.reviewOpen = false;
    this.panel = panel;
  }

  /** Opens the composer of the log, about the object that is selected. */
  compose(): void {
    this.log.compose(this.draft?.line ?? (this.sheet.open ? (this.sheet.sheet?.line ?? null) : null));
  }

  /** Asks anew what an intent asked, as a new command in its own procedure. */
  async askAgain(command: CommandView): Promise<void> {
    this.reviewOpen = false;
    await this.sheet.show(command.equipment_id);
    const sheet = this.sheet.sheet;
    const action = sheet?.actions.find((offered) => offered.code === command.action);
    if (!sheet || !action) {
      this.announcer.say(errorText(this.sheet.error ?? "no_such_action"), "bad");
      return;
    }
    const draft = new Draft(this.host, sheet.line, action);
    draft.prefill(command);
    this.#drafts.set(`${sheet.line.equipment_id} ${action.code}`, draft);
    this.draft = draft;
  }

  /** Leaves the command being made; what was typed stays with it. */
  leaveDraft(): void {
    this.groups.close();
    this.zones.close();
    this.draft = null;
  }

  async operate(draft: Draft): Promise<void> {
    const outcome = draft.outcome;
    const command = await draft.operate();
    if (!command || outcome === null) return;
    this.#drafts.delete(`${draft.line.equipment_id} ${draft.action.code}`);
    this.shelf.discard(draft.key);
    this.#operated(draft, outcome);
  }

  /** Shows the most urgent alarm, whatever is open; what is typed stays with its form. */
  openAlarms(): void {
    this.helpOpen = this.keysOpen = this.settingsOpen = this.reviewOpen = this.palette.open = false;
    this.log.leave();
    this.alarms.shelving = this.alarms.assigning = null;
    this.locks.form = this.locks.forcing = null;
    this.panel = "alarms";
    this.alarms.toTop();
  }

  /** Goes back one step: the nearest thing that is open closes. False when nothing was. */
  back(): boolean {
    if (this.palette.open) this.palette.open = false;
    else if (this.helpOpen) this.helpOpen = false;
    else if (this.keysOpen) this.keysOpen = false;
    else if (this.settingsOpen) this.settingsOpen = false;
    else if (this.reviewOpen) this.reviewOpen = false;
    else if (this.alarms.shelving || this.alarms.assigning) this.alarms.shelving = this.alarms.assigning = null;
    else if (this.locks.form || this.locks.forcing) this.locks.form = this.locks.forcing = null;
    else if (this.groups.drawing) this.groups.leaveDrawing();
    else if (this.groups.shown) this.groups.close();
    else if (this.zones.form) this.zones.back();
    else if (this.programmes.opened) this.programmes.opened = null;
    else if (this.draft) this.leaveDraft();
    else if (this.sheet.open) this.sheet.close();
    else if (this.panel === "alarms" && this.alarms.closeGroup()) return true;
    else if (this.panel !== "map") this.panel = "map";
    else if (this.list.gathered.length > 0) this.list.filter({ gathered: [] });
    else return false;
    return true;
  }

  /** A draft as it was left before a crash or a reload, or a new one. */
  #fresh(line: ObjectLine, action: ActionView): Draft {
    const draft = new Draft(this.host, line, action);
    draft.restore(this.shelf.of(draft.key));
    return draft;
  }

  /** Takes up what was typed before the program or the page ended. */
  async #takeUp(): Promise<void> {
    await Promise.all([this.shelf.load(), this.log.read()]);
    this.log.restore();
  }

  /** A read changes nothing: it goes without a form, which is shown only when something is in its way. */
  async #readAgain(draft: Draft): Promise<void> {
    await draft.prepare();
    if (draft.ready) await this.operate(draft);
    if (draft.error !== null || draft.refused !== null) this.draft = draft;
  }

  #operated(draft: Draft, outcome: Outcome): void {
    if (outcome !== "note") this.announcer.say(t(`flow.done.${outcome}`));
    if (draft.stage !== "noted" && this.draft === draft) this.draft = null;
    this.commands.touched();
    this.sheet.touched();
  }

  /** Asks where things stand. No answer, or a late one, is a core that is lost: said so, and asked again. */
  async #ask(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(asHostError("late")), PATIENCE);
    });
    try {
      this.#setStatus(await Promise.race([this.host.call("status", {}), late]));
    } catch (error) {
      this.hostLost = asHostError(error).code;
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(push: Push): void {
    // One window of the desk tells the system: the others may not.
    if (push.type === "alarms" && viewOf(globalThis.location?.search ?? "") === "main") this.notifier.hear(push.summary);
    switch (push.type) {
      case "status":
        this.#setStatus(push.status);
        break;
      case "city":
        void this.#readCity();
        this.zones.touched();
        break;
      case "selection":
        this.selection.hear(push.selection);
        break;
      case "records":
        if (!this.suspended) this.log.touched();
        break;
      case "locks":
        if (!this.suspended) this.locks.touched();
        this.sheet.touched();
        this.list.touched();
        break;
      case "procedure":
        if (!this.suspended) {
          void this.procedures.read();
          this.programmes.touched();
        }
        break;
      case "programmes":
        if (!this.suspended) this.programmes.touched();
        break;
      case "zones":
        this.zones.touched();
        break;
      case "alarms":
        this.alarms.hear(push.summary, performance.now());
        break;
      case "commands":
        if (!this.suspended) {
          this.commands.touched();
          this.effects.touched();
          this.groups.touched();
          this.programmes.touched();
        }
        this.sheet.touched();
        this.list.touched();
        break;
    }
  }

  #setStatus(status: Status): void {
    const before = this.status;
    this.status = status;
    this.hostLost = null;
    zone.name = status.time_zone || undefined;
    this.clock.hear(status.link.now, status.link.clock_rate);
    if (before && (status.login !== before.login || status.shared !== before.shared)) this.#clear();
    else if (before && (status.suspended === null) !== (before.suspended === null)) this.#suspensionIs(status.suspended !== null);
    if (status.phase === "ready" && before?.phase !== "ready") {
      void this.#readCity();
      this.zones.touched();
      this.commands.touched();
      if (!this.suspended) {
        this.locks.touched();
        this.groups.touched();
        void this.procedures.read();
        this.programmes.touched();
      }
      void this.alarms.read(performance.now());
      void this.#takeUp();
      void this.selection.takeUp();
      this.sources.start();
    }
    if (status.notice !== null && status.notice !== before?.notice) {
      const known = status.notice === "replica_other_schema" ? status.notice : "replica_set_aside";
      this.announcer.say(t(`notice.${known}`), "open");
    }
    this.#linkIs(status.link.state);
  }

  /** The session was suspended, or is taken up again: what was open is put away, and nothing typed is lost. */
  #suspensionIs(suspended: boolean): void {
    this.announcer.interrupt(t(suspended ? "suspended.said" : "suspended.said_over"));
    this.leaveDraft();
    this.groups.clear();
    this.#drafts.clear();
    this.log.leave();
    this.locks.clear();
    this.palette.clear();
    this.procedures.clear();
    this.programmes.clear();
    this.zones.touched();
    this.helpOpen = this.keysOpen = this.settingsOpen = this.reviewOpen = false;
    this.sheet.touched();
    if (suspended) return;
    this.programmes.touched();
    this.commands.touched();
    void this.procedures.read();
    this.locks.touched();
    this.groups.touched();
    void this.procedures.read();
    void this.#takeUp();
  }

  /** Draws or changes a zone: what else was open beside the map is put away, and kept. */
  drawZone(zone: ZoneView | null): void {
    this.leaveDraft();
    void this.zones.open(zone);
  }

  /** Someone else sits down: what the former one had open is not his. */
  #clear(): void {
    this.leaveDraft();
    this.groups.clear();
    this.#drafts.clear();
    this.programmes.clear();
    this.programmes.touched();
    this.zones.touched();
    this.sheet.close();
    this.list.showAll();
    this.panel = "map";
    this.helpOpen = this.settingsOpen = this.reviewOpen = false;
    this.commands.touched();
    this.locks.clear();
    this.locks.touched();
    this.groups.touched();
    this.alarms.clear();
    void this.alarms.read(performance.now());
  }

  #linkIs(state: LinkState): void {
    if (state === this.#linkSaid) return;
    const before = this.#linkSaid;
    this.#linkSaid = state;
    if (before === null) return;
    this.announcer.interrupt(t(`link.said.${state}`));
    this.sheet.touched();
    this.list.touched();
    if (state === "live") void this.#returned();
  }

  /** The link is back: what waits for a decision is put before the operator, unless he is in the middle of a command. */
  async #returned(): Promise<void> {
    await this.commands.read();
    if (this.decisions > 0 && !this.draft && this.groups.shown?.type !== "choose") this.reviewOpen = true;
  }

  async #readCity(): Promise<void> {
    try {
      await this.city.load();
    } catch (error) {
      this.announcer.say(errorText(asHostError(error).code), "bad");
      return;
    }
    // Every point identifier is new: a sign's are no more.
    if (this.list.gathered.length > 0) this.list.filter({ gathered: [] });
    else this.list.soon(0);
    this.sheet.touched();
  }
}
