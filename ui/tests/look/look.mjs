// Looks at every screen: opens the interface on its fake city in Chromium and takes its pictures into test-results/look, in both
// themes, both languages and two sizes; with --filters as whoever sees no colour, or red as green, sees it, and in forced colours.
// Usage: npm run look [-- name… [--filters]]
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { PHASES, SCREENS } from "./screens.mjs";

const OUT = new URL("../../test-results/look/", import.meta.url).pathname;
const SIZES = [[1366, 768], [1920, 1080]];
const FILTERS = ["achromatopsia", "deuteranopia"];
const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const filters = process.argv.includes("--filters");
const wanted = (name) => only.length === 0 || only.some((part) => (part.endsWith("*") ? name.startsWith(part.slice(0, -1)) : name === part));

await mkdir(OUT, { recursive: true });
const server = await createServer({ server: { port: 5199 }, logLevel: "error" });
await server.listen();
const address = server.resolvedUrls.local[0];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
let wrong = 0;

/** What is on the screen, in the one language and in the other. */
const speak = (page, code) => page.evaluate(async (spoken) => (await import("/src/i18n/index.ts")).speak(spoken), code);
const rest = (page) => page.waitForTimeout(450);

async function pictures(name, query, play) {
  const context = await browser.newContext({ viewport: { width: SIZES[0][0], height: SIZES[0][1] }, timezoneId: "Europe/Paris", locale: "fr-FR", colorScheme: "dark" });
  await context.addInitScript(() => localStorage.setItem("vigie.theme", "system"));
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.setDefaultNavigationTimeout(40_000);
  const say = (text) => { wrong++; console.error(`${name}: ${text}`); };
  page.on("pageerror", (error) => say(error.stack ?? error.message));
  page.on("console", (message) => message.type() === "error" && say(message.text()));
  const shoot = (kind) => page.screenshot({ path: `${OUT}${name}-${kind}.png` });
  try {
    await page.goto(`${address}?lights=34000&${query}`);
    if (play) {
      await page.waitForSelector('html[data-vigie="drawn"]', { timeout: 30_000 });
      await play(page);
    }
    await rest(page);
  } catch (error) {
    say(error.message);
  }
  if (filters) {
    const devtools = await context.newCDPSession(page);
    for (const type of FILTERS) {
      await devtools.send("Emulation.setEmulatedVisionDeficiency", { type });
      await shoot(type);
    }
    await devtools.send("Emulation.setEmulatedVisionDeficiency", { type: "none" });
    await page.emulateMedia({ forcedColors: "active" });
    await rest(page);
    await shoot("forced");
  } else {
    for (const [theme, colorScheme] of [["night", "dark"], ["day", "light"]]) {
      await page.emulateMedia({ colorScheme });
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        // The small screen in both languages, the large one in English only: words are longest where there is least room.
        for (const language of width === SIZES[0][0] ? ["fr", "en"] : ["en"]) {
          await speak(page, language);
          await rest(page);
          await shoot(`${theme}-${width}-${language}`);
        }
      }
    }
  }
  await context.close();
}

for (const [name, play] of Object.entries(SCREENS)) if (wanted(name)) await pictures(name, "", play);
for (const [name, query] of Object.entries(PHASES)) if (wanted(name)) await pictures(name, query, null);
await browser.close();
await server.close();
console.log(wrong === 0 ? "every screen drawn" : `${wrong} errors`);
process.exitCode = wrong === 0 ? 0 : 1;
