/** What the measure asks of a page: one map per page (`?what=…&points=…&overlays=0|1`), and the same questions for each. */
import "leaflet/dist/leaflet.css";
import "../../../src/styles/tokens.css";
import "../../../src/styles/base.css";
import "./page.css";
import * as L from "leaflet";
import { empty, circles, clusters, superclusters } from "./peers";
import { ours } from "./ours";
import { town, type Town } from "./town";

/** A map under measure. */
export interface Subject {
  map: L.Map;
  /** New states, as packed by the core. */
  hear(bytes: ArrayBuffer): void;
}

/** Makes one; resolves once it has drawn what it has. */
export type Maker = (element: HTMLElement, town: Town) => Promise<Subject> | Subject;

const MAKERS: Record<string, Maker> = { empty, ours, circles, clusters, superclusters };
export const NEAR = 15;

const asked = new URLSearchParams(location.search);
const overlays = asked.get("overlays") === "1";
const here = town(Number(asked.get("points") ?? 0), overlays ? 500 : 0, overlays ? 60 : 0);
let subject: Subject;

const frame = (): Promise<number> => new Promise((next) => requestAnimationFrame(next));
const rest = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));
/** After what was drawn has been given to the screen. */
const shown = async (): Promise<void> => {
  await frame();
  await new Promise<void>((next) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => next();
    port2.postMessage(0);
  });
};

/** Instants of the frames of a while, ms. */
async function frames(ms: number): Promise<number[]> {
  const seen = [await frame()];
  while (seen[seen.length - 1]! - seen[0]! < ms) seen.push(await frame());
  return seen;
}

const bench = {
  /** From packed points in memory to the map on the screen, ms. */
  async open(): Promise<number> {
    const begun = performance.now();
    subject = await MAKERS[asked.get("what") ?? "ours"]!(document.getElementById("map")!, here);
    await shown();
    return performance.now() - begun;
  },

  /** Looks at the whole town, or at a quarter of it from near. */
  async look(near: boolean): Promise<number> {
    if (near) subject.map.setView([47.322, 5.0415], NEAR, { animate: false });
    else subject.map.setView([47.322, 5.0415], 11.5, { animate: false });
    await shown();
    await rest(300);
    return subject.map.getZoom();
  },

  /** So many changes a second, in twenty batches: lengths of the frames, ms. */
  async live(ms: number, aSecond: number): Promise<number[]> {
    const batches = setInterval(() => subject.hear(here.changes(aSecond / 20)), 50);
    const seen = await frames(ms);
    clearInterval(batches);
    return seen.slice(1).map((at, i) => at - seen[i]!);
  },

  /** `times` batches of `n` changes, a tenth of a second apart. */
  async change(n: number, times: number): Promise<number> {
    for (let i = 0; i < times; i++) {
      const due = performance.now() + 100;
      if (n > 0) subject.hear(here.changes(n));
      await frame();
      await rest(Math.max(0, due - performance.now()));
    }
    return times;
  },

  /** Drags the map back and forth by the mouse, a few pixels a frame and within the margin that is drawn: the number of frames. */
  async pan(ms: number): Promise<number> {
    const mouse = (type: string, x: number): void => {
      // On the map's own pane, from where it reaches the page: Leaflet marks what is under the pointer.
      subject.map.getPane("mapPane")!.dispatchEvent(new MouseEvent(type, { bubbles: true, button: 0, buttons: 1, clientX: x, clientY: 500 }));
    };
    mouse("mousedown", 900);
    const begun = await frame();
    let count = 0;
    for (let now = begun; now - begun < ms; count++) {
      // 240 pixels a second, to and fro.
      mouse("mousemove", 900 + Math.round(Math.abs((((now - begun) * 0.24 + 200) % 800) - 400) - 200));
      now = await frame();
    }
    mouse("mouseup", 900);
    return count;
  },

  /** Milliseconds of script of each of `n` moves, none of which is animated. */
  async move(n: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < n; i++) {
      const begun = performance.now();
      subject.map.panBy([i % 2 === 0 ? 700 : -700, i % 2 === 0 ? 300 : -300], { animate: false });
      times.push(performance.now() - begun);
      await shown();
      await rest(30);
    }
    return times;
  },

  rest,
};

export type Bench = typeof bench;
(window as unknown as { bench: Bench }).bench = bench;
