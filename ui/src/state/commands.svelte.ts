/** This desk's commands and the review after a cut; says aloud what became of what was asked here. */
import type { CommandView, Review, Word } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, reasonText, t } from "../i18n";
import { actionText } from "../i18n/readings";
import type { Announcer } from "./announcer.svelte";
import { later } from "./later";

const NOTHING: Review = { read_at: null, cards: [], groups: [], ended: [] };

/** What may be done to a command that exists, besides asking for another. */
export type Decision = "press_key" | "cancel_command" | "close_command" | "abandon";

export class Commands {
  outbox = $state.raw<readonly CommandView[]>([]);
  review = $state.raw<Review>(NOTHING);
  /** Commands whose decision is on its way. */
  deciding = $state.raw<ReadonlySet<string>>(new Set());
  /** Reasons being typed to close unknown commands: kept whatever is opened or closed meanwhile. */
  closing = $state.raw<ReadonlyMap<string, string>>(new Map());
  #words = new Map<string, Word>();
  #known = false;
  readonly #host: Host;
  readonly #announcer: Announcer;

  constructor(host: Host, announcer: Announcer) {
    this.#host = host;
    this.#announcer = announcer;
  }

  /** Read again shortly. */
  readonly touched = later(() => this.read());

  async read(): Promise<void> {
    try {
      const [outbox, review] = await Promise.all([this.#host.call("outbox", {}), this.#host.call("review", {})]);
      this.outbox = outbox;
      this.review = review;
      this.#tell(outbox);
    } catch {
      // Shown by the status; the last lists stay.
    }
  }

  /** The reason to close an unknown command, as typed so far. */
  typeClosing(commandId: string, reason: string): void {
    this.closing = new Map([...this.closing, [commandId, reason]]);
  }

  /** Closes an unknown command with the reason typed. */
  async close(commandId: string): Promise<void> {
    const reason = this.closing.get(commandId)?.trim() ?? "";
    if (reason === "" || !(await this.decide("close_command", commandId, reason))) return;
    this.closing = new Map([...this.closing].filter(([id]) => id !== commandId));
  }

  /** Decides on a command; the refusal, if any, is said. Returns whether it was done. */
  async decide(decision: Decision, commandId: string, reason = ""): Promise<boolean> {
    if (this.deciding.has(commandId)) return false;
    this.deciding = new Set([...this.deciding, commandId]);
    try {
      await this.#host.call(decision, { command_id: commandId, reason });
      return true;
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
      return false;
    } finally {
      this.deciding = new Set([...this.deciding].filter((id) => id !== commandId));
      this.touched();
    }
  }

  #tell(outbox: readonly CommandView[]): void {
    for (const command of outbox) {
      const before = this.#words.get(command.command_id);
      this.#words.set(command.command_id, command.word);
      if (!this.#known || !command.mine || before === command.word) continue;
      const values = { object: command.name || command.reference, action: actionText(command.action) };
      const why = command.detail ? reasonText(command.detail) : t(`state.${command.state}`);
      if (command.word === "done") this.#announcer.say(t("said.done", values), "good");
      else if (command.word === "unknown") this.#announcer.say(t("said.unknown", values), "open");
      else if (command.word === "refused" && !OWN_DECISION.has(command.state)) this.#announcer.say(t("said.refused", { ...values, why }), "bad");
    }
    this.#known = true;
  }
}

/** What the operator just did himself is not news. */
const OWN_DECISION: ReadonlySet<string> = new Set(["abandoned", "cancelled", "reissued", "noted"]);
