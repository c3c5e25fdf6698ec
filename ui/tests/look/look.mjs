// Looks at every screen: opens the interface on its fake city in Chromium and takes its pictures into test-results/look, in both
// themes, both languages and two sizes. --filters: as whoever sees no colour, or red as green, sees it, and in forced colours;
// --lost: the link is cut once the screen is there; --large: on a wall of 3840 × 2160, and at twice the size on 1366 × 768;
// --axe: no picture, but what axe-core finds in both themes.
// Usage: npm run look [-- name… [--filters] [--lost] [--large] [--axe]]
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { violations } from "../violations.mjs";
import { PHASES, SCREENS } from "./screens.mjs";

const OUT = new URL("../../test-results/look/", import.meta.url).pathname;
const SIZES = [[1366, 768], [1920, 1080]];
const FILTERS = ["achromatopsia", "deuteranopia"];
const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const forms = ["axe", "filters", "large", "lost"].filter((form) => process.argv.includes(`--${form}`));
const asked = forms.length > 0 ? forms : ["plain"];
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

/** Each theme with one of the languages: the words are as long in the one as the room is dark in the other. */
async function inBoth(page, shoot, kind) {
  for (const [theme, colorScheme, language] of [["night", "dark", "fr"], ["day", "light", "en"]]) {
    await page.emulateMedia({ colorScheme });
    await speak(page, language);
    await rest(page);
    await shoot(`${theme}-${kind}-${language}`);
  }
}

const FORMS = {
  axe: async (page, shoot, context, say) => {
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ colorScheme });
      await rest(page);
      for (const found of await violations(page)) say(`${colorScheme}: ${found}`);
    }
  },
  plain: async (page, shoot) => {
    for (const [theme, colorScheme] of [["night", "dark"], ["day", "light"]]) {
      await page.emulateMedia({ colorScheme });
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        for (const language of ["fr", "en"]) {
          await speak(page, language);
          await rest(page);
          await shoot(`${theme}-${width}-${language}`);
        }
      }
    }
  },
  filters: async (page, shoot, context) => {
    const devtools = await context.newCDPSession(page);
    for (const type of FILTERS) {
      await devtools.send("Emulation.setEmulatedVisionDeficiency", { type });
      await shoot(type);
    }
    await devtools.send("Emulation.setEmulatedVisionDeficiency", { type: "none" });
    await page.emulateMedia({ forcedColors: "active" });
    await rest(page);
    await shoot("forced");
    await page.emulateMedia({ forcedColors: "none" });
  },
  large: async (page, shoot) => {
    await page.setViewportSize({ width: 3840, height: 2160 });
    await inBoth(page, shoot, "3840");
    // Twice the size leaves half the room.
    await page.setViewportSize({ width: Math.round(SIZES[0][0] / 2), height: SIZES[0][1] / 2 });
    await inBoth(page, shoot, "twice");
    await page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
  },
  // Last: what is cut stays so.
  lost: async (page, shoot) => {
    await page.evaluate(() => window.dispatchEvent(new Event("fake:cut")));
    await rest(page);
    await inBoth(page, shoot, "lost");
  },
};

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
      if (!query.includes("phase")) await page.waitForSelector('html[data-vigie="drawn"]', { timeout: 30_000 });
      await play(page);
    }
    await rest(page);
  } catch (error) {
    say(error.message);
  }
  for (const form of asked) {
    try {
      await FORMS[form](page, shoot, context, say);
    } catch (error) {
      say(`${form}: ${error.message}`);
    }
  }
  await context.close();
}

for (const [name, play] of Object.entries(SCREENS)) if (wanted(name)) await pictures(name, "", play);
for (const [name, query] of Object.entries(PHASES)) if (wanted(name)) await pictures(name, ...[query, null].flat());
await browser.close();
await server.close();
console.log(wrong === 0 ? "every screen drawn" : `${wrong} errors`);
process.exitCode = wrong === 0 ? 0 : 1;
