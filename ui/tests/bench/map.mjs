// The map beside its peers: `cargo xtask bench map` runs this, which builds the page of tests/bench/map once and opens it in
// Chromium and in WebKitGTK. One JSON object on the last line says what was measured: [{engine, what, points, overlays, …}].
//
//   node tests/bench/map.mjs [--quick]
//
// VIGIE_CHROMIUM names the browser. WebKitGTK's own small browser is driven through WebKitWebDriver on the display that is given;
// without them it is left out, and said. What a browser costs is the processor time of all its processes (Linux only).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { chromium } from "playwright-core";
import { build } from "vite";

const quick = process.argv.includes("--quick");
const SIZE = { width: 1920, height: 1080 };
const SIZES = quick ? [35_000] : [35_000, 100_000, 1_000_000];
/** Peers are asked for no more than they can carry in the time there is. */
const MOST = { ours: Infinity, empty: Infinity, superclusters: 1_000_000, circles: 100_000, clusters: 100_000 };
const PATIENCE = 180_000;
const LIVE = quick ? 2000 : 6000;
const PAN = quick ? 1500 : 3000;
const ROUNDS = quick ? 1 : 3;
const A_SECOND = 10_000;
const BATCH = 1000;
const WEBKIT = ["/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser", "/usr/libexec/webkit2gtk-4.1/MiniBrowser", "/usr/lib/webkit2gtk-4.1/MiniBrowser"];
const here = new URL(".", import.meta.url).pathname;
const say = (text) => console.error(text);

async function built() {
  const folder = await mkdtemp(join(tmpdir(), "vigie-map-"));
  const peers = join(here, "../../../tests/peers/node_modules");
  await build({
    root: join(here, "map"), configFile: false, logLevel: "warn", base: "./", plugins: [svelte({ configFile: false })],
    resolve: { alias: { supercluster: join(peers, "supercluster/index.js"), "leaflet.markercluster": join(peers, "leaflet.markercluster/dist/leaflet.markercluster-src.js") } },
    build: { outDir: folder, emptyOutDir: true, target: ["es2022", "safari16"], modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
  });
  return folder;
}

async function serve(folder) {
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = join(folder, path === "/" ? "index.html" : path.replaceAll("..", ""));
    const bytes = await readFile(file).catch(() => null);
    response.writeHead(bytes ? 200 : 404, { "Content-Type": types[extname(file)] ?? "application/octet-stream" }).end(bytes);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Seconds of processor time of a process and of all that it started, those that ended included. */
async function spent(root) {
  const stats = new Map();
  for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => null);
    if (stat === null) continue;
    const [, parent, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // utime, stime, cutime, cstime in hundredths: fields 14 to 17, of which these are the rest from field 5 on.
    stats.set(Number(id), { parent: Number(parent), ticks: rest.slice(9, 13).reduce((sum, ticks) => sum + Number(ticks), 0) });
  }
  const isOurs = (id) => id === root || (stats.has(id) && stats.get(id).parent > 1 && isOurs(stats.get(id).parent));
  return [...stats.keys()].filter(isOurs).reduce((sum, id) => sum + stats.get(id).ticks, 0) / 100;
}

async function openChromium() {
  const server = await chromium.launchServer({
    executablePath: process.env.VIGIE_CHROMIUM ?? "/usr/bin/chromium", headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const browser = await chromium.connect(server.wsEndpoint());
  return {
    name: "Chromium", pid: server.process().pid,
    async open(address) {
      const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: 1 });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      page.on("pageerror", (error) => say(`Chromium: ${error.message}`));
      await page.goto(address);
      await page.waitForFunction(() => "bench" in window);
      return {
        ask: (name, ...args) => within(page.evaluate(([question, given]) => window.bench[question](...given), [name, args])),
        close: () => context.close(),
      };
    },
    close: async () => { await browser.close(); await server.close(); },
  };
}

/** WebKitGTK's small browser, over WebDriver's own protocol; null where it is not installed. */
async function openWebKit() {
  const binary = WEBKIT.find((path) => existsSync(path));
  if (!binary || !existsSync("/usr/bin/WebKitWebDriver") || !process.env.DISPLAY) return null;
  const port = 4700 + (process.pid % 200);
  // As the window draws where there is no GPU.
  const driver = spawn("/usr/bin/WebKitWebDriver", [`--port=${port}`], { env: { ...process.env, WEBKIT_DISABLE_DMABUF_RENDERER: "1", GDK_BACKEND: "x11" }, stdio: "ignore" });
  const call = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKitGTK: ${value?.message ?? value?.error ?? answer.status}`);
    return value;
  };
  for (let tries = 0; ; tries++) {
    try { await call("GET", "/status"); break; } catch (error) { if (tries > 50) throw error; await rest(100); }
  }
  const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary, args: ["--automation", `--geometry=${SIZE.width}x${SIZE.height}`] } } } });
  const session = `/session/${sessionId}`;
  await call("POST", `${session}/timeouts`, { script: PATIENCE, pageLoad: PATIENCE });
  await call("POST", `${session}/window/rect`, { x: 0, y: 0, ...SIZE }).catch(() => undefined);
  const run = (script, args = []) => call("POST", `${session}/execute/async`, { script, args });
  return {
    name: "WebKitGTK", pid: driver.pid,
    async open(address) {
      await call("POST", `${session}/url`, { url: address });
      await run("const done = arguments[0]; const look = () => ('bench' in window ? done(true) : setTimeout(look, 20)); look();");
      const seen = await run("arguments[0]([innerWidth, innerHeight])");
      return {
        seen,
        ask: (name, ...args) => within(run("const [name, given, done] = arguments; window.bench[name](...given).then(done, (error) => done({ failed: String(error) }));", [name, args])),
        close: () => call("POST", `${session}/url`, { url: "about:blank" }),
      };
    },
    close: async () => { await call("DELETE", session).catch(() => undefined); driver.kill(); await once(driver, "exit"); },
  };
}

async function within(answer) {
  const late = rest(PATIENCE, null, { ref: false }).then(() => { throw new Error(`no answer in ${PATIENCE / 1000} s`); });
  const value = await Promise.race([answer, late]);
  if (value?.failed) throw new Error(value.failed);
  return value;
}

/** Seconds of processor time that an act takes, and what it answers. */
async function cost(engine, act) {
  const before = await spent(engine.pid);
  const answer = await act();
  return [(await spent(engine.pid)) - before, answer];
}

/** One map in a page of its own, `ROUNDS` times for what is cold only once. */
async function measure(engine, origin, what, points, overlays) {
  const found = { engine: engine.name, what, points, overlays, opened: [], views: {} };
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const page = await engine.open(`${origin}/?what=${what}&points=${points}&overlays=${overlays ? 1 : 0}`);
      found.opened.push(await page.ask("open"));
      if (round === ROUNDS) {
        if (page.seen) found.size = page.seen;
        for (const [view, near] of [["whole", false], ["near", true]]) found.views[view] = await look(engine, page, near, what);
      }
      await page.close();
    }
  } catch (error) {
    found.failed = error.message;
  }
  say(`${engine.name} ${what} ${points}${overlays ? " with overlays" : ""}: ${found.failed ?? `${Math.round(found.opened.at(-1))} ms`}`);
  return found;
}

async function look(engine, page, near, what) {
  await page.ask("look", near);
  const [pan, frames] = await cost(engine, () => page.ask("pan", PAN));
  const seen = { pan: { ms: (1000 * pan) / frames, frames: frames / (PAN / 1000) } };
  if (what === "empty") return seen;
  await page.ask("look", near);
  seen.move = await page.ask("move", quick ? 6 : 16);
  await page.ask("look", near);
  seen.live = await page.ask("live", LIVE, A_SECOND);
  // What a tenth of a second costs by itself is not the changes'.
  const times = quick ? 10 : 30;
  const [idle] = await cost(engine, () => page.ask("change", 0, times));
  const [busy] = await cost(engine, () => page.ask("change", BATCH, times));
  seen.change = (1000 * (busy - idle)) / times;
  return seen;
}

const folder = await built();
const server = await serve(folder);
const origin = `http://127.0.0.1:${server.address().port}`;
const found = [];
try {
  for (const start of [openChromium, openWebKit]) {
    const engine = await start();
    if (!engine) continue;
    try {
      found.push(await measure(engine, origin, "empty", 0, false));
      for (const points of SIZES) {
        for (const overlays of [false, true]) found.push(await measure(engine, origin, "ours", points, overlays));
        for (const what of ["circles", "clusters", "superclusters"]) if (points <= MOST[what]) found.push(await measure(engine, origin, what, points, false));
      }
    } finally {
      await engine.close();
    }
  }
} finally {
  server.close();
  await rm(folder, { recursive: true, force: true });
}
console.log(JSON.stringify(found));
