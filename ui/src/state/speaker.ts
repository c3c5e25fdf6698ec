/** What makes the noise: the page's audio. It can say whether anything really goes out. */

/** A short tone. */
export interface Pulse {
  /** Seconds after the start of the pattern. */
  at: number;
  /** Seconds. */
  length: number;
  /** Hertz. */
  pitch: number;
}

/** A sound output that one may choose. */
export interface Output {
  id: string;
  name: string;
}

export interface Speaker {
  /** Plays a pattern at a volume from 0 to 1. Rejects when nothing can be heard. */
  play(pulses: readonly Pulse[], volume: number): Promise<void>;
  /** Whether sound goes out now; null before anything was played. */
  sounding(): Promise<boolean | null>;
  /** The outputs there are; empty where the web view leaves the choice to the system. */
  outputs(): Promise<readonly Output[]>;
  /** From now on sound goes to this output; the empty name is the system's own. Rejects when there is no such output. */
  choose(id: string): Promise<void>;
}

/** In some web views only: the context may go to an output of its own. */
interface Sinking {
  setSinkId?: (id: string) => Promise<void>;
}

/** An output that is opened is heard to run within this long, ms. */
const PATIENCE = 1500;
const LOOK = 100;
/** Rise and fall of a tone, s: without them it clicks. */
const EDGE = 0.012;

/** The audio of the web view. The context stays open once it was needed, so that a lost output shows before an alarm does. */
export class PageSpeaker implements Speaker {
  #context: AudioContext | null = null;

  async play(pulses: readonly Pulse[], volume: number): Promise<void> {
    const context = (this.#context ??= new AudioContext());
    // Without an output this never ends: it is not waited for.
    void context.resume().catch(() => undefined);
    if (!(await this.#runs(context))) throw new Error("nothing goes out");
    const start = context.currentTime + 0.05;
    for (const pulse of pulses) tone(context, start + pulse.at, pulse.length, pulse.pitch, volume);
  }

  async sounding(): Promise<boolean | null> {
    const context = this.#context;
    if (!context) return null;
    if (context.state !== "running") void context.resume().catch(() => undefined);
    return this.#runs(context);
  }

  async outputs(): Promise<readonly Output[]> {
    if (!("setSinkId" in AudioContext.prototype) || !navigator.mediaDevices) return [];
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    return devices.filter((d) => d.kind === "audiooutput" && d.deviceId !== "" && d.deviceId !== "default").map((d) => ({ id: d.deviceId, name: d.label }));
  }

  async choose(id: string): Promise<void> {
    const context = (this.#context ??= new AudioContext());
    const { setSinkId } = context as Sinking;
    if (setSinkId) await setSinkId.call(context, id);
    else if (id !== "") throw new Error("the system chooses the output here");
  }

  /** The clock of a context moves only while its output takes sound. */
  async #runs(context: AudioContext): Promise<boolean> {
    const before = context.currentTime;
    for (let waited = 0; waited < PATIENCE; waited += LOOK) {
      await new Promise((done) => setTimeout(done, LOOK));
      if (context.state === "running" && context.currentTime > before) return true;
    }
    return false;
  }
}

function tone(context: AudioContext, at: number, length: number, pitch: number, volume: number): void {
  const source = context.createOscillator();
  const gain = context.createGain();
  source.type = "triangle";
  source.frequency.value = pitch;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + EDGE);
  gain.gain.setValueAtTime(volume, at + length - EDGE);
  gain.gain.linearRampToValueAtTime(0, at + length);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + length);
}

/** A window that leaves the noise to another one. */
export class Silence implements Speaker {
  play(): Promise<void> {
    return Promise.resolve();
  }
  sounding(): Promise<null> {
    return Promise.resolve(null);
  }
  outputs(): Promise<readonly Output[]> {
    return Promise.resolve([]);
  }
  choose(): Promise<void> {
    return Promise.resolve();
  }
}
