// A control room for one journey: the real core behind the development host, a small training city, a browser on it.
//
// `cargo xtask test journeys` builds the host and the interface, and names them and the browser in the environment.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ui = fileURLToPath(new URL("../..", import.meta.url));
const exe = process.platform === "win32" ? ".exe" : "";
const devhost = process.env.VIGIE_DEVHOST ?? join(ui, `../target/debug/vigie-devhost${exe}`);
const browserProgram = process.env.VIGIE_CHROMIUM ?? "/usr/bin/chromium";

/** Waits until `look` gives something other than undefined or false; says `what` was missing when it does not. */
export async function until(what, look, patience = 30_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`after ${patience / 1000} s: ${what}`);
    await pause(100);
  }
}

/** Opens a room for the length of a test. */
export async function open(t, { objects = 3000, args = [] } = {}) {
  const files = await mkdtemp(join(tmpdir(), "vigie-journey-"));
  const host = spawn(
    devhost,
    ["--interface", join(ui, "dist"), "--data-dir", files, "--objects", String(objects), "--seed", "7", ...args],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, VIGIE_LOG: process.env.VIGIE_LOG ?? "error" } },
  );
  t.after(async () => {
    const ended = new Promise((done) => host.once("exit", done));
    host.kill("SIGTERM");
    await ended;
    await rm(files, { recursive: true, force: true });
  });
  const address = await new Promise((found, failed) => {
    createInterface({ input: host.stdout }).once("line", found);
    host.once("exit", (code) => failed(new Error(`the development host ended with ${code}`)));
    host.once("error", failed);
  });
  const { origin, searchParams } = new URL(address);
  const token = searchParams.get("token");

  const browser = await chromium.launch({
    executablePath: browserProgram,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  t.after(async () => {
    // What the room looked like, for whoever has to understand the failure.
    if (t.passed === false) {
      const name = t.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 80);
      await page.screenshot({ path: join(ui, "test-results", `${name}.png`) }).catch(() => {});
    }
    await browser.close();
  });
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "fr-FR", timezoneId: "Europe/Paris" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));

  const room = {
    page,
    address,
    origin,
    token,
    /** Errors that the page wrote to its console; a breach of the content policy is one. */
    complaints,
    /** Asks the core directly, beside the page. */
    async call(name, args = {}) {
      const reply = await fetch(`${origin}/call/${name}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(args),
      });
      const body = await reply.json();
      if (!reply.ok) throw Object.assign(new Error(`${name}: ${body.code}: ${body.message}`), { code: body.code });
      return body;
    },
    /** The first object of a kind that is well, fresh and within reach, and passes a further test of its sheet. */
    async healthy(kind, fit = () => true) {
      const page = await room.call("objects", { kinds: [kind], abnormal: false, bounds: null, offset: 0, limit: 5000 });
      for (const line of page.lines.reverse()) {
        if (line.marks.length > 0 || line.freshness !== "live" || !["normal", "active"].includes(line.look)) continue;
        const sheet = await room.call("object", { equipment_id: line.equipment_id });
        if (fit(sheet)) return sheet;
      }
      throw new Error(`no healthy ${kind}`);
    },
    /** Waits for a link state. */
    link: (state) =>
      until(`the link is not ${state}`, async () => (await room.call("status")).link.state === state),
    /** Finds an object by its reference and opens its sheet. */
    async openSheet(reference) {
      await page.keyboard.press("F3");
      const box = page.getByRole("combobox", { name: "Chercher et agir" });
      await box.fill(reference);
      const result = page.getByRole("listbox", { name: "Chercher et agir" }).getByText(reference).first();
      await result.waitFor();
      await box.press("Enter");
      await page.getByRole("region", { name: "Fiche de l'objet" }).getByText(`réf. ${reference}`).waitFor();
    },
    /** On the open sheet: chooses an action, fills its form, and prepares it. */
    async prepare(action, value = null) {
      await page.getByRole("button", { name: action }).first().click();
      const flow = page.getByRole("region", { name: "Nouvelle commande" });
      if (value !== null) {
        const field = flow.locator("form input[type=number], form input[type=text]").first();
        await field.fill(String(value));
      }
      await flow.getByRole("button", { name: "Préparer" }).click();
      await flow.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
      return flow;
    },
    /** This desk's commands on an object, newest first. */
    async commandsOn(sheet) {
      return (await room.call("outbox")).filter((command) => command.equipment_id === sheet.line.equipment_id);
    },
  };

  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn", null, { timeout: 60_000 });
  await room.link("live");
  return room;
}
