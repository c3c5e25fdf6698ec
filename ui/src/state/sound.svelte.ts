/**
 * The sound of alarms. One pattern for each priority, repeated until the alarm is taken; a hush is not an acknowledgement,
 * and a worse or another alarm ends it. An output that is lost is said, and priority 1 has a floor under its volume.
 *
 * Patterns follow the order of IEC 60601-1-8 (five, three and two pulses): urgency is heard in rhythm and pitch, not in loudness.
 */
import { PageSpeaker, type Output, type Pulse, type Speaker } from "./speaker";

export type Priority = 1 | 2 | 3;

/** A priority as the core says it; none for what is not one. */
export function priorityOf(n: number | null): Priority | null {
  return n === 1 || n === 2 || n === 3 ? n : null;
}

const VOLUME = "vigie.volume";
const OUTPUT = "vigie.output";
const TESTED = "vigie.sound-tested";

/** Priority 1 is never quieter than this, whatever was set. */
export const FLOOR = 0.5;
/** A hush lasts this long, ms. */
export const HUSH = 60_000;
/** Between two looks at whether sound goes out, ms. */
const WATCH = 5000;
/** Between two patterns while an alarm is not taken, ms. Priority 3 sounds once. */
const AGAIN: Record<Priority, number | null> = { 1: 4000, 2: 12_000, 3: null };

const [LOW, MIDDLE, HIGH] = [523.25, 659.26, 783.99];
const PATTERNS: Record<Priority, readonly Pulse[]> = {
  1: rhythm([0, 0.22, 0.44, 0.86, 1.08], 0.14, [LOW, MIDDLE, HIGH, MIDDLE, HIGH]),
  2: rhythm([0, 0.34, 0.68], 0.2, [LOW, MIDDLE, LOW]),
  3: rhythm([0, 0.34], 0.2, [MIDDLE, LOW]),
};

/** A second person asked: two long falling notes, slower and lower than any alarm. */
const CALL: readonly Pulse[] = [{ at: 0, length: 0.45, pitch: 392 }, { at: 0.6, length: 0.45, pitch: 293.66 }];
/** Between two calls, ms. */
const CALL_AGAIN = 5000;

function rhythm(starts: readonly number[], length: number, pitches: readonly number[]): Pulse[] {
  return starts.map((at, i) => ({ at, length, pitch: pitches[i] ?? LOW }));
}

export class Sound {
  /** Nothing goes out: said on every screen until it is heard again. */
  lost = $state(false);
  /** Until when the alarms keep quiet (the page's own clock, ms); null when they do not. */
  hushedUntil = $state<number | null>(null);
  /** From 0 to 1. */
  volume = $state(0.7);
  outputs = $state.raw<readonly Output[]>([]);
  /** The chosen output; empty for the system's own. */
  output = $state("");
  /** The shift in which the sound was last tested and heard. */
  #tested = $state<string | null>(null);
  readonly #speaker: Speaker;
  readonly #present: () => Promise<boolean | null>;
  readonly #storage: Storage;
  #ringing: Priority | null = null;
  #cause = "";
  #again: ReturnType<typeof setTimeout> | undefined;
  #calling: ReturnType<typeof setInterval> | undefined;
  #hush: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  /** `present` says whether the machine has any output: a web view without one plays into nothing, and says that it plays. */
  constructor(storage: Storage, speaker: Speaker = new PageSpeaker(), present: () => Promise<boolean | null> = () => Promise.resolve(null)) {
    this.#storage = storage;
    this.#speaker = speaker;
    this.#present = () => present().catch(() => null);
    const volume = Number.parseFloat(storage.getItem(VOLUME) ?? "");
    if (volume >= 0 && volume <= 1) this.volume = volume;
    this.output = storage.getItem(OUTPUT) ?? "";
    this.#tested = storage.getItem(TESTED);
  }

  /** Looks from now on whether sound goes out. */
  start(): void {
    this.#watch ??= setInterval(() => void this.#look(), WATCH);
    if (this.output !== "") void this.choose(this.output);
  }

  /** Ends everything that rings or watches. */
  stop(): void {
    this.ring(null);
    this.call(false);
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#unhush();
  }

  /**
   * What rings from now on: the highest priority that nobody has taken, null when all are. `cause` names what rings (an
   * occurrence): another cause rings at once and ends a hush, the same one goes on in its rhythm.
   */
  ring(priority: Priority | null, cause = ""): void {
    const same = priority === this.#ringing && cause === this.#cause;
    const relief = priority === null || (this.#ringing !== null && priority > this.#ringing);
    this.#ringing = priority;
    this.#cause = cause;
    if (same) return;
    clearTimeout(this.#again);
    if (!relief) this.#unhush();
    if (priority !== null) this.#sound();
  }

  /** Somebody is asked here, or no more. An alarm of priority 1 is heard alone. */
  call(on: boolean): void {
    if (on === (this.#calling !== undefined)) return;
    clearInterval(this.#calling);
    this.#calling = undefined;
    if (!on) return;
    const play = (): void => {
      if (this.#ringing !== 1) void this.#speaker.play(CALL, this.volume).catch(() => { this.lost = true; });
    };
    play();
    this.#calling = setInterval(play, CALL_AGAIN);
  }

  /** Keeps quiet for a minute. Nobody has taken anything by it. */
  hush(forMs: number = HUSH): void {
    this.#unhush();
    clearTimeout(this.#again);
    this.hushedUntil = Date.now() + forMs;
    this.#hush = setTimeout(() => {
      this.#unhush();
      this.#sound();
    }, forMs);
  }

  /** Plays priority 1 as loud as it would ring. False when nothing went out. */
  async test(): Promise<boolean> {
    return this.#play(1);
  }

  /** The person heard the test of this shift, or did not: an output that one cannot hear is a lost one. */
  heard(shift: string, heard: boolean): void {
    this.lost = !heard;
    if (!heard) return;
    this.#tested = shift;
    this.#storage.setItem(TESTED, shift);
  }

  /** Whether sound was tested in this shift. */
  tested(shift: string): boolean {
    return this.#tested === shift;
  }

  setVolume(volume: number): void {
    this.volume = Math.min(1, Math.max(0, volume));
    this.#storage.setItem(VOLUME, String(this.volume));
  }

  /** How loud a priority rings. */
  loudness(priority: Priority): number {
    return priority === 1 ? Math.max(FLOOR, this.volume) : this.volume;
  }

  /** Reads which outputs there are. */
  async readOutputs(): Promise<void> {
    this.outputs = await this.#speaker.outputs();
  }

  /** Goes to an output; when it is not there, to the system's own, and says that it is lost. */
  async choose(id: string): Promise<void> {
    this.output = id;
    this.#storage.setItem(OUTPUT, id);
    try {
      await this.#speaker.choose(id);
      this.lost = false;
    } catch {
      this.lost = true;
      await this.#speaker.choose("").catch(() => undefined);
    }
  }

  #sound(): void {
    const priority = this.#ringing;
    if (priority === null || this.hushedUntil !== null) return;
    void this.#play(priority);
    const pause = AGAIN[priority];
    clearTimeout(this.#again);
    if (pause !== null) this.#again = setTimeout(() => this.#sound(), pause);
  }

  async #play(priority: Priority): Promise<boolean> {
    try {
      await this.#speaker.play(PATTERNS[priority], this.loudness(priority));
      this.lost = (await this.#present()) === false;
      return !this.lost;
    } catch {
      this.lost = true;
      return false;
    }
  }

  async #look(): Promise<void> {
    const sounding = await this.#speaker.sounding();
    if (sounding === false || (await this.#present()) === false) this.lost = true;
    if (this.output === "") return;
    await this.readOutputs();
    // The chosen one was unplugged: what goes out elsewhere may be heard by nobody.
    if (!this.outputs.some((output) => output.id === this.output)) this.lost = true;
  }

  #unhush(): void {
    clearTimeout(this.#hush);
    this.#hush = undefined;
    this.hushedUntil = null;
  }
}
