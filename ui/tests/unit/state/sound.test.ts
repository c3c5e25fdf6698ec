import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Output, Pulse, Speaker } from "../../../src/state/speaker";
import { FLOOR, HUSH, Sound } from "../../../src/state/sound.svelte";

class Ear implements Speaker {
  heard: { pulses: number; volume: number }[] = [];
  broken = false;
  there: Output[] = [{ id: "desk", name: "Desk loudspeaker" }];
  chosen = "";

  async play(pulses: readonly Pulse[], volume: number): Promise<void> {
    if (this.broken) throw new Error("no output");
    this.heard.push({ pulses: pulses.length, volume });
  }
  async sounding(): Promise<boolean | null> {
    return this.heard.length === 0 ? null : !this.broken;
  }
  async outputs(): Promise<readonly Output[]> {
    return this.there;
  }
  async choose(id: string): Promise<void> {
    if (id !== "" && !this.there.some((output) => output.id === id)) throw new Error("gone");
    this.chosen = id;
  }
}

function shelf(): Storage {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as Storage;
}

describe("the sound of alarms", () => {
  it("is lost on a machine without any output, although its web view plays", async () => {
    let present: boolean | null = false;
    const silent = new Sound(shelf(), new Ear(), () => Promise.resolve(present));
    expect(await silent.test()).toBe(false);
    expect(silent.lost).toBe(true);
    present = true;
    expect(await silent.test()).toBe(true);
    expect(silent.lost).toBe(false);
  });

  it("calls a second person unlike any alarm, over and over, but never over a priority 1", () => {
    const other = new Ear();
    vi.useFakeTimers();
    const call = new Sound(shelf(), other);
    call.call(true);
    expect(other.heard.map((sound) => sound.pulses)).toEqual([2]);
    vi.advanceTimersByTime(5000);
    expect(other.heard.length).toBe(2);
    call.ring(1, "a");
    const before = other.heard.length;
    vi.advanceTimersByTime(5000);
    expect(other.heard.slice(before).every((sound) => sound.pulses === 5)).toBe(true);
    call.stop();
    call.call(false);
    vi.useRealTimers();
  });

  let ear: Ear;
  let sound: Sound;

  beforeEach(() => {
    vi.useFakeTimers();
    ear = new Ear();
    sound = new Sound(shelf(), ear);
    sound.start();
  });
  afterEach(() => {
    sound.stop();
    vi.useRealTimers();
  });

  it("an alarm of priority 1 rings again and again until it is taken", async () => {
    sound.ring(1, "a");
    await vi.advanceTimersByTimeAsync(13_000);
    expect(ear.heard.length).toBe(4);
    sound.ring(null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ear.heard.length).toBe(4);
  });

  it("the three priorities differ in rhythm, and the least sounds once", async () => {
    for (const priority of [1, 2, 3] as const) sound.ring(priority, String(priority));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ear.heard.map((heard) => heard.pulses)).toEqual([5, 3, 2]);
  });

  it("told twice of one alarm, it keeps its rhythm", async () => {
    sound.ring(1, "a");
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(100);
      sound.ring(1, "a");
    }
    expect(ear.heard.length).toBe(1);
  });

  it("a hush keeps quiet for a minute and then rings again: nobody has taken anything", async () => {
    sound.ring(1, "a");
    sound.hush();
    await vi.advanceTimersByTimeAsync(HUSH - 1000);
    expect(ear.heard.length).toBe(1);
    expect(sound.hushedUntil).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ear.heard.length).toBe(2);
    expect(sound.hushedUntil).toBeNull();
  });

  it("another alarm ends a hush, one that is taken does not", async () => {
    sound.ring(1, "a");
    sound.hush();
    sound.ring(2, "b");
    await vi.advanceTimersByTimeAsync(1000);
    expect(ear.heard.length).toBe(1);
    sound.ring(1, "c");
    await vi.advanceTimersByTimeAsync(0);
    expect(ear.heard.length).toBe(2);
  });

  it("priority 1 has a floor under its volume, the others have none", async () => {
    sound.setVolume(0);
    sound.ring(3, "a");
    sound.ring(1, "b");
    await vi.advanceTimersByTimeAsync(0);
    expect(ear.heard.map((heard) => heard.volume)).toEqual([0, FLOOR]);
  });

  it("an output that takes nothing more is lost, and found again by the next test", async () => {
    expect(await sound.test()).toBe(true);
    ear.broken = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(sound.lost).toBe(true);
    expect(await sound.test()).toBe(false);
    ear.broken = false;
    expect(await sound.test()).toBe(true);
    expect(sound.lost).toBe(false);
  });

  it("the chosen output is lost when it is unplugged", async () => {
    await sound.choose("desk");
    expect([ear.chosen, sound.lost]).toEqual(["desk", false]);
    ear.there = [];
    await vi.advanceTimersByTimeAsync(5000);
    expect(sound.lost).toBe(true);
  });

  it("a test that nobody heard is a lost output; one that was heard holds for its shift", () => {
    sound.heard("monday", false);
    expect([sound.lost, sound.tested("monday")]).toEqual([true, false]);
    sound.heard("monday", true);
    expect([sound.lost, sound.tested("monday"), sound.tested("tuesday")]).toEqual([false, true, false]);
  });
});
