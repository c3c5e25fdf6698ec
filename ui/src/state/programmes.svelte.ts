/** Programmes of lights and signals: those of the room, and the one being written. */
import type { JsonValue, ProgrammeKind, ProgrammeView } from "../host/bindings";
import type { Host } from "../host/host";
import { nameProgrammes } from "../i18n/programmeNames.svelte";

const REST = 250;

/** What the editor was opened on. */
export interface Opened {
  kind: ProgrammeKind;
  /** The programme that is changed; null for a new one. */
  of: ProgrammeView | null;
  /** Its content is taken for another, new one. */
  copies: boolean;
  /** Only looked at: by whoever is asked to approve it. */
  looks?: boolean;
}

export class Programmes {
  all = $state.raw<readonly ProgrammeView[]>([]);
  loaded = $state(false);
  /** The line that has the focus. */
  active = $state(0);
  /** What the editor is open on. */
  opened = $state.raw<Opened | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  find(reference: JsonValue | undefined): ProgrammeView | null {
    return this.all.find((programme) => programme.reference === reference) ?? null;
  }

  /** How many objects report another programme than the one that was applied to them. */
  get differing(): number {
    return this.all.reduce((sum, programme) => sum + programme.differs, 0);
  }

  touched(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.read();
    }, REST);
  }

  async read(): Promise<void> {
    try {
      const former = this.all[this.active]?.programme_id;
      this.all = await this.#host.call("programmes", {});
      this.loaded = true;
      nameProgrammes(new Map(this.all.map((programme) => [programme.reference, programme.content.name])));
      // The focus stays with what it was on, wherever that went.
      const at = this.all.findIndex((programme) => programme.programme_id === former);
      this.active = at >= 0 ? at : Math.max(0, Math.min(this.active, this.all.length - 1));
    } catch {
      // Shown by the status; the last list stays.
    }
  }

  clear(): void {
    this.all = [];
    this.opened = null;
    this.loaded = false;
  }
}
