// Looks at every screen: opens the interface on its fake city in Chromium and takes pictures into test-results/look.
// Usage: npm run look [-- name-part…]
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { createServer } from "vite";

const OUT = new URL("../../test-results/look/", import.meta.url).pathname;
const SIZES = [[1366, 768], [1920, 1080]];
const only = process.argv.slice(2);
const wanted = (name) => only.length === 0 || only.some((part) => name.startsWith(part));

/** Waits until the points are on the screen. */
const drawn = (page) => page.waitForSelector('html[data-vigie="drawn"]', { timeout: 30_000 });
const objects = (page) => page.waitForSelector("#objects [role=option]");

const open = async (page, words) => {
  await page.keyboard.press("F3");
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.sheet:has-text("${words}")`);
};
const act = async (page, name) => page.locator(".actions button", { hasText: name }).click();
const pull = async (page) => {
  await page.locator("nav button", { hasText: /Formation|Training/ }).click();
  await page.locator(".plug button").click();
};
const order = async (page, words, action, fill) => {
  await page.locator("nav button").first().click();
  await open(page, words);
  await act(page, action);
  if (fill) await page.locator(".flow input[type=number]").fill(fill);
  await page.locator(".flow button[type=submit]").click();
  await page.waitForSelector(".prepared");
};

const lock = async (page) => {
  await open(page, "TL-005");
  await page.locator(".actions button", { hasText: /Bloquer/ }).click();
  await page.waitForSelector("dialog[open] form");
  for (const words of ["Karim Saïdi", "06 12 34 56 78", "Armoire, côté pair", "Remplacement du contrôleur"]) {
    await page.keyboard.type(words);
    await page.keyboard.press("Tab");
  }
};

const SCREENS = {
  live: async (page) => objects(page),
  sheet: async (page) => { await objects(page); await open(page, "TL-005"); },
  flow: async (page) => { await order(page, "TL-010", "Changer de plan", "4"); },
  flowform: async (page) => { await open(page, "L-00008"); await act(page, "niveau"); },
  danger: async (page) => { await order(page, "TL-010", "tout rouge"); },
  progress: async (page) => { await order(page, "L-00030", "niveau", "40"); await page.locator("[data-operate]").click(); await page.waitForTimeout(2600); },
  lost: async (page) => {
    await objects(page);
    await pull(page);
    await page.waitForSelector(".lost");
    await order(page, "TL-010", "Changer de plan", "4");
    await page.locator("[data-operate]").click();
    await order(page, "L-00030", "niveau", "40");
    await page.locator("[data-operate]").click();
    await page.locator("nav button").first().click();
    await page.waitForTimeout(400);
  },
  note: async (page) => { await pull(page); await order(page, "TL-010", "tout rouge"); await page.locator("[data-operate]").click(); await page.waitForSelector(".call"); },
  outbox: async (page) => { await SCREENS.lost(page); await page.locator("nav button").nth(3).click(); },
  return: async (page) => { await SCREENS.lost(page); await page.locator("nav button", { hasText: /Formation|Training/ }).click(); await page.locator(".plug button").click(); await page.waitForSelector(".card", { timeout: 8000 }); await page.waitForTimeout(300); },
  alarms: async (page) => { await objects(page); await page.keyboard.press("F2"); await page.waitForSelector("#alarms [role=option]"); await page.waitForTimeout(1200); await page.keyboard.press("Space"); await page.waitForTimeout(700); },
  alarmslost: async (page) => { await pull(page); await page.waitForSelector(".lost"); await page.keyboard.press("F2"); await page.waitForSelector("#alarms [role=option]"); await page.waitForTimeout(1200); await page.keyboard.press("Space"); await page.waitForTimeout(700); },
  alarmsheet: async (page) => { await objects(page); await page.keyboard.press("F2"); await page.waitForSelector("#alarms [role=option]"); await page.keyboard.press("Enter"); await page.waitForSelector(".sheet h2"); await page.waitForTimeout(500); },
  alarmshelve: async (page) => { await objects(page); await page.keyboard.press("F2"); await page.waitForSelector("#alarms [role=option]"); await page.keyboard.press("ArrowDown"); await page.keyboard.press("ArrowDown"); await page.keyboard.press("s"); await page.waitForSelector("dialog[open]"); },
  lockask: lock,
  locked: async (page) => { await lock(page); await page.keyboard.press("Control+Enter"); await page.waitForSelector(".lock"); await page.waitForTimeout(400); },
  lockcut: async (page) => { await pull(page); await page.waitForSelector(".lost"); await lock(page); await page.keyboard.press("Control+Enter"); await page.waitForSelector(".lock"); await page.waitForTimeout(400); },
  locks: async (page) => { await SCREENS.locked(page); await page.locator("nav button", { hasText: "Blocages" }).click(); await page.waitForSelector("#locks [role=option]"); },
  lockforce: async (page) => { await SCREENS.locks(page); await page.locator("button", { hasText: "Lever sans le titulaire" }).first().click(); await page.waitForSelector("dialog[open] form"); },
  effects: async (page) => { await order(page, "L-00030", "niveau", "40"); await page.locator("[data-operate]").click(); await page.waitForTimeout(3600); await page.locator("nav button", { hasText: "En vigueur" }).click(); await page.waitForSelector("#effects [role=option]"); },
  effectsback: async (page) => { await SCREENS.effects(page); await page.locator("#effects").focus(); await page.keyboard.press("Space"); await page.waitForSelector(".prepared"); await page.waitForTimeout(300); },
  log: async (page) => { await objects(page); await page.locator("nav button").nth(2).click(); await page.waitForSelector(".panel li"); },
  compose: async (page) => { await objects(page); await open(page, "TL-005"); await page.keyboard.press("F6"); await page.keyboard.type("Carrefour vu à la caméra : un camion sur la voie de bus."); },
  logcut: async (page) => { await SCREENS.lost(page); await page.keyboard.press("F6"); await page.keyboard.type("Liaison perdue, astreinte prévenue."); await page.keyboard.press("Control+Enter"); await page.locator("nav button").nth(2).click(); await page.waitForSelector(".mark"); },
  training: async (page) => page.locator("nav button", { hasText: /Formation|Training/ }).click(),
  suspended: async (page) => { await objects(page); await open(page, "TL-005"); await page.keyboard.press("Control+Shift+L"); await page.waitForSelector(".lock form"); },
  sources: async (page) => { await objects(page); await page.locator("nav button", { hasText: "Sources" }).click(); await page.waitForSelector(".panel li"); },
  settings: async (page) => { await page.locator("nav button").last().click(); await page.waitForSelector("dialog[open]"); },
  help: async (page) => page.keyboard.press("F1"),
  palette: async (page) => { await objects(page); await open(page, "TL-005"); await page.keyboard.press("F3"); await page.waitForTimeout(300); },
  found: async (page) => { await objects(page); await page.keyboard.press("F3"); await page.keyboard.type("dijon"); await page.waitForTimeout(600); },
  keys: async (page) => page.keyboard.press("Shift+F1"),
  filter: async (page) => { await objects(page); await page.keyboard.press("F4"); await page.getByRole("checkbox", { name: /^Caméras/ }).check(); await page.getByRole("checkbox", { name: /^Feux/ }).check(); await page.waitForTimeout(500); },
  layers: async (page) => { await objects(page); await page.keyboard.press("Shift+F4"); await page.waitForTimeout(300); },
  views: async (page) => { await objects(page); await page.keyboard.press("F7"); for (const name of ["Centre-ville", "Nuit : écoles"]) { await page.getByLabel(/Nom de la vue/).fill(name); await page.keyboard.press("Enter"); } await page.waitForTimeout(300); },
  measure: async (page) => { await objects(page); await page.keyboard.press("Control+m"); for (const [x, y] of [[600, 300], [800, 350], [760, 500]]) { await page.mouse.click(x, y); await page.waitForTimeout(80); } await page.mouse.move(700, 560); await page.waitForTimeout(300); },
  print: async (page) => { await objects(page); await page.keyboard.press("Control+p"); await page.waitForTimeout(900); },
  zones: async (page) => { await objects(page); await page.getByRole("button", { name: "Zones", exact: true }).click(); await page.waitForSelector("#zones [role=option]"); await page.locator("#zones").focus(); await page.keyboard.press("ArrowDown"); await page.keyboard.press("Enter"); await page.waitForTimeout(500); },
  cameras: async (page) => { await objects(page); await page.getByRole("button", { name: "Caméras", exact: true }).click(); await page.waitForSelector("#cameras [role=option]"); await page.locator("#cameras").focus(); await page.keyboard.press("ArrowDown"); await page.keyboard.press("Enter"); await page.waitForTimeout(600); },
  near: async (page) => { await open(page, "CAM-004"); for (let i = 0; i < 2; i++) { await page.locator(".tools button").first().click(); await page.waitForTimeout(500); } },
};
const PHASES = { sign_in: "?phase=sign_in", copying: "?phase=copying", failed: "?phase=failed&code=store_unreadable" };

await mkdir(OUT, { recursive: true });
const server = await createServer({ server: { port: 5199 }, logLevel: "error" });
await server.listen();
const address = server.resolvedUrls.local[0];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
let wrong = 0;

async function picture(name, [width, height], theme, query, play, language = "fr") {
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: "Europe/Paris", locale: "fr-FR" });
  await context.addInitScript(([chosen, spoken]) => { localStorage.setItem("vigie.theme", chosen); localStorage.setItem("vigie.language", spoken); }, [theme, language]);
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.setDefaultNavigationTimeout(40_000);
  page.on("pageerror", (error) => { wrong++; console.error(`${name}: ${error.stack ?? error.message}`); });
  page.on("console", (message) => { if (message.type() === "error") { wrong++; console.error(`${name}: ${message.text()}`); } });
  try {
    await page.goto(`${address}${query}`);
    if (play) { await drawn(page); await play(page); }
    await page.waitForTimeout(350);
  } catch (error) {
    wrong++;
    console.error(`${name}: ${error.message}`);
  }
  await page.screenshot({ path: `${OUT}${name}-${theme}-${width}.png` });
  await context.close();
}

for (const [name, play] of Object.entries(SCREENS)) {
  if (!wanted(name)) continue;
  const wide = ["live", "lost", "sheet", "return", "log", "compose", "logcut", "palette", "found", "keys", "settings", "suspended", "sources", "alarms", "alarmslost", "filter", "layers", "zones"].includes(name);
  await picture(name, SIZES[0], "night", "?lights=34000", play);
  if (wide) {
    await picture(name, SIZES[1], "night", "?lights=34000", play);
    await picture(name, SIZES[0], "day", "?lights=34000", play);
    await picture(name, SIZES[1], "day", "?lights=34000", play);
  }
}
for (const [name, query] of Object.entries(PHASES)) if (wanted(name)) await picture(name, SIZES[0], "night", query, null);
await browser.close();
await server.close();
console.log(wrong === 0 ? "every screen drawn" : `${wrong} errors`);
process.exitCode = wrong === 0 ? 0 : 1;
