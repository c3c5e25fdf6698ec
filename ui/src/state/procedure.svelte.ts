/** Second persons at this desk: who was asked to approve what, what rings here, and what one person did alone. */
import type { RequestView, SoleReviewView } from "../host/bindings";
import { asHostError, type Host } from "../host/host";
import { errorText, t } from "../i18n";
import { actionText } from "../i18n/readings";
import { countdown } from "../i18n/times";
import type { Announcer } from "./announcer.svelte";

/** An approval that ends within this time is said to be ending, ms. */
export const ENDING = 20_000;

export class Procedures {
  requests = $state.raw<readonly RequestView[]>([]);
  reviews = $state.raw<readonly SoleReviewView[]>([]);
  /** Requests whose answer is on its way. */
  answering = $state.raw<ReadonlySet<string>>(new Set());
  readonly #said = new Map<string, string>();
  readonly #host: Host;
  readonly #announcer: Announcer;
  readonly #now: () => number;
  #reading = false;
  #again = false;

  constructor(host: Host, announcer: Announcer, now: () => number) {
    this.#host = host;
    this.#announcer = announcer;
    this.#now = now;
  }

  /** What asks for an answer from here. */
  get toAnswer(): readonly RequestView[] {
    return this.requests.filter((request) => request.may_answer);
  }

  /** Something rings at this desk. */
  get rings(): boolean {
    return this.requests.some((request) => request.rings);
  }

  find(id: string | null): RequestView | null {
    return this.requests.find((request) => request.request_id === id) ?? null;
  }

  /** Reads again; told meanwhile, once more. */
  async read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      const [requests, reviews] = await Promise.all([this.#host.call("requests", {}), this.#host.call("sole_reviews", {})]);
      this.requests = requests;
      this.reviews = reviews;
      requests.forEach((request) => this.#tell(request));
    } catch {
      // Shown by the status; the last lists stay.
    } finally {
      this.#reading = false;
    }
    if (!this.#again) return;
    this.#again = false;
    await this.read();
  }

  clear(): void {
    this.requests = [];
    this.reviews = [];
    this.#said.clear();
  }

  async answer(request: RequestView, approves: boolean): Promise<void> {
    await this.#act(request, () => this.#host.call("answer_request", { request_id: request.request_id, approves }));
  }

  async extend(request: RequestView): Promise<void> {
    await this.#act(request, () => this.#host.call("extend_request", { request_id: request.request_id }));
  }

  async withdraw(request: RequestView): Promise<void> {
    await this.#act(request, () => this.#host.call("withdraw_request", { request_id: request.request_id }));
  }

  /** Files what was found; returns whether it was taken. */
  async review(review: SoleReviewView, finding: string): Promise<boolean> {
    try {
      await this.#host.call("review_sole", { review_id: review.review_id, finding });
      return true;
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
      return false;
    } finally {
      void this.read();
    }
  }

  async #act(request: RequestView, act: () => Promise<unknown>): Promise<void> {
    if (this.answering.has(request.request_id)) return;
    this.answering = new Set([...this.answering, request.request_id]);
    try {
      await act();
    } catch (error) {
      this.#announcer.say(errorText(asHostError(error).code), "bad");
    } finally {
      this.answering = new Set([...this.answering].filter((id) => id !== request.request_id));
      void this.read();
    }
  }

  /** Each turn of a request is said once: to who is asked when it rings, to its author when it is answered or ends. */
  #tell(request: RequestView): void {
    const values = { object: request.name || request.reference, name: request.approver ?? "", author: request.author, action: actionText(request.action) };
    const left = request.approval_until === null ? Infinity : request.approval_until - this.#now();
    const ending = request.mine && request.state === "approved" && left > 0 && left < ENDING;
    const turn = request.mine ? `${request.stage === "over" ? "over" : request.state}${ending ? " ending" : ""}` : request.rings ? "rings" : "quiet";
    const before = this.#said.get(request.request_id);
    this.#said.set(request.request_id, turn);
    if (turn === before) return;
    if (turn === "rings") this.#announcer.interrupt(t("request.said", values));
    else if (before === undefined || !request.mine) return;
    else if (turn === "approved" && !before.startsWith("approved")) this.#announcer.say(t("request.said.approved", values), "good");
    else if (turn === "declined") this.#announcer.say(t("request.said.declined", values), "bad");
    else if (turn === "approved ending") this.#announcer.say(t("request.said.ending", { ...values, left: countdown(left) }), "bad");
    // Its own use is no news, nor is what its author did alone instead.
    else if (turn === "over" && request.state !== "used" && request.void_reason !== "operated_alone") this.#announcer.say(t("request.said.over", values), "bad");
  }
}
