// How each screen is reached on the fake city, with what a person has: keys, and words on the screen (in French).

export const objects = (page) => page.waitForSelector("#objects [role=option]");

const rail = (page, name) => page.locator("nav button", { hasText: name }).click();
const open = async (page, words) => {
  await page.keyboard.press("F3");
  await page.getByRole("combobox", { name: "Chercher et agir" }).fill(words);
  await page.getByRole("listbox", { name: "Chercher et agir" }).getByText(words).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.sheet:has-text("${words}")`);
};
const act = (page, name) => page.locator(".actions button", { hasText: name }).first().click();
const plug = async (page) => { await rail(page, "Formation"); await page.locator(".plug button", { hasText: /brancher/i }).click(); };
const pull = async (page) => { await plug(page); await page.waitForSelector(".lost"); };
const order = async (page, words, action, fill) => {
  await rail(page, "Carte");
  await open(page, words);
  await act(page, action);
  if (fill) await page.locator(".flow input[type=number]").fill(fill);
  await page.locator(".flow button[type=submit]").click();
  await page.waitForSelector(".prepared");
};
const operate = (page) => page.locator("[data-operate]").click();
const alarms = async (page) => { await page.keyboard.press("F2"); await page.waitForSelector("#alarms [role=option]"); };
const acknowledge = async (page) => { await page.waitForTimeout(1200); await page.keyboard.press("Space"); await page.waitForTimeout(700); };
const lock = async (page) => {
  await open(page, "TL-005");
  await page.locator(".actions button", { hasText: "Bloquer" }).click();
  await page.waitForSelector("dialog[open] form");
  for (const words of ["Karim Saïdi", "06 12 34 56 78", "Armoire, côté pair", "Remplacement du contrôleur"]) {
    await page.keyboard.type(words);
    await page.keyboard.press("Tab");
  }
};
const street = async (page) => {
  await objects(page);
  await open(page, "L-00030");
  await page.getByRole("button", { name: "Toute cette rue…" }).click();
  const panel = page.getByRole("region", { name: "Commander plusieurs objets" });
  await panel.getByLabel("Ce qui est demandé, à quels objets").selectOption("street_light.set_level");
  await panel.locator("input[type=number]").fill("60");
  return panel;
};
const second = async (page) => { await order(page, "TL-010", "clignotant"); await page.locator("[data-ask]").click(); };

export const SCREENS = {
  live: objects,
  sheet: async (page) => { await objects(page); await open(page, "TL-005"); },
  flow: (page) => order(page, "TL-010", "Changer de plan", "4"),
  flowform: async (page) => { await objects(page); await open(page, "L-00008"); await act(page, "niveau"); },
  danger: (page) => order(page, "TL-010", "tout rouge"),
  second: async (page) => { await second(page); await page.getByText("Accord de S. Bernard").waitFor(); await page.getByRole("button", { name: "Sélectionner" }).click(); await page.getByText(/Tapez la référence/).waitFor(); },
  alone: async (page) => { await rail(page, "Formation"); await page.getByRole("button", { name: "Faire taire" }).click(); await second(page); await page.getByRole("button", { name: "Opérer seul…" }).click({ timeout: 40_000 }); await page.getByLabel("Qui a appelé").waitFor(); },
  progress: async (page) => { await order(page, "L-00030", "niveau", "40"); await operate(page); await page.waitForTimeout(2600); },
  group: async (page) => { await (await street(page)).getByRole("button", { name: "Préparer" }).click(); await page.getByRole("heading", { name: "Ce qui va se passer" }).waitFor(); },
  groupform: street,
  groupfollow: async (page) => { await SCREENS.group(page); const panel = page.getByRole("region", { name: "Commander plusieurs objets" }); await panel.getByRole("button", { name: "Demander une seconde personne" }).click(); await panel.getByText(/Accord de/).waitFor(); await panel.getByRole("button", { name: "Sélectionner" }).click(); await panel.getByRole("button", { name: /^Commander :/ }).click(); await page.waitForTimeout(3000); },
  area: async (page) => { await objects(page); await page.keyboard.press("F3"); await page.keyboard.type("dessiner une zone"); await page.keyboard.press("Enter"); await page.getByRole("toolbar", { name: "Dessiner une zone sur la carte" }).waitFor(); for (const key of ["Enter", "ArrowRight", "ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key); },
  history: async (page) => { await objects(page); await open(page, "L-00030"); await page.locator(".chart [role=slider]").focus(); await page.keyboard.press("ArrowLeft"); await page.keyboard.press("ArrowLeft"); await page.locator(".sheet").evaluate((sheet) => sheet.querySelector(".chart").scrollIntoView({ block: "start" })); },
  historywords: async (page) => { await objects(page); await open(page, "TL-010"); await page.locator(".chart [role=slider]").focus(); },
  lost: async (page) => {
    await objects(page);
    await pull(page);
    await order(page, "TL-010", "Changer de plan", "4");
    await operate(page);
    await order(page, "L-00030", "niveau", "40");
    await operate(page);
    await rail(page, "Carte");
    await page.waitForTimeout(400);
  },
  note: async (page) => { await pull(page); await order(page, "TL-010", "tout rouge"); await operate(page); await page.waitForSelector(".call"); },
  outbox: async (page) => { await SCREENS.lost(page); await rail(page, "À transmettre"); },
  return: async (page) => { await SCREENS.lost(page); await plug(page); await page.waitForSelector(".card"); await page.waitForTimeout(300); },
  alarms: async (page) => { await alarms(page); await acknowledge(page); },
  alarmslost: async (page) => { await pull(page); await alarms(page); await acknowledge(page); },
  alarmsheet: async (page) => { await alarms(page); await page.keyboard.press("Enter"); await page.waitForSelector(".sheet h2"); await page.waitForTimeout(500); },
  alarmshelve: async (page) => { await alarms(page); await page.keyboard.press("ArrowDown"); await page.keyboard.press("ArrowDown"); await page.keyboard.press("s"); await page.waitForSelector("dialog[open]"); },
  alarmassign: async (page) => { await alarms(page); await page.keyboard.press("a"); await page.waitForSelector("dialog[open]"); },
  alarmsempty: async (page) => { await alarms(page); await page.getByRole("button", { name: "Suspendues" }).click(); await page.waitForTimeout(500); },
  outboxempty: async (page) => { await objects(page); await rail(page, "À transmettre"); await page.waitForTimeout(500); },
  effectsempty: async (page) => { await objects(page); await rail(page, "En vigueur"); await page.waitForTimeout(500); },
  locksempty: async (page) => { await objects(page); await rail(page, "Blocages"); await page.waitForTimeout(500); },
  listempty: async (page) => { await objects(page); await page.keyboard.press("F4"); await page.getByRole("checkbox", { name: /^Panneaux/ }).check(); await page.keyboard.press("Escape"); await page.waitForTimeout(500); },
  searchnone: async (page) => { await objects(page); await page.keyboard.press("F3"); await page.keyboard.type("zzzz"); await page.waitForTimeout(600); },
  groupblank: async (page) => { await objects(page); await rail(page, "À transmettre"); await page.getByRole("button", { name: "Commander plusieurs objets…" }).click(); await page.waitForTimeout(400); },
  plans: async (page) => { await SCREENS.programmes(page); await page.getByRole("button", { name: "Nouveaux plans de feux" }).click(); await page.waitForTimeout(500); },
  lockask: lock,
  locked: async (page) => { await lock(page); await page.keyboard.press("Control+Enter"); await page.waitForSelector(".lock"); await page.waitForTimeout(400); },
  lockcut: async (page) => { await pull(page); await SCREENS.locked(page); },
  locks: async (page) => { await SCREENS.locked(page); await rail(page, "Blocages"); await page.waitForSelector("#locks [role=option]"); },
  lockforce: async (page) => { await SCREENS.locks(page); await page.locator("button", { hasText: "Lever sans le titulaire" }).first().click(); await page.waitForSelector("dialog[open] form"); },
  effects: async (page) => { await order(page, "L-00030", "niveau", "40"); await operate(page); await page.waitForTimeout(3600); await rail(page, "En vigueur"); await page.waitForSelector("#effects [role=option]"); },
  effectsback: async (page) => { await SCREENS.effects(page); await page.locator("#effects").focus(); await page.keyboard.press("Space"); await page.waitForSelector(".prepared"); await page.waitForTimeout(300); },
  programmes: async (page) => { await objects(page); await page.keyboard.press("Shift+F9"); await page.waitForSelector("#programmes [role=option]"); await page.waitForTimeout(300); },
  programme: async (page) => { await SCREENS.programmes(page); await page.keyboard.press("ArrowDown"); await page.keyboard.press("Enter"); await page.waitForSelector(".editor table"); await page.waitForTimeout(300); },
  programmeback: async (page) => { await SCREENS.programmes(page); await page.locator("#programmes").focus(); await page.keyboard.press("Space"); await page.waitForSelector(".confirm"); await page.waitForTimeout(200); },
  programmeview: async (page) => { await SCREENS.programmes(page); await page.locator("#programmes").focus(); await page.keyboard.press("Enter"); await page.waitForSelector(".editor table"); await page.waitForTimeout(300); },
  flood: async (page) => { await objects(page); await rail(page, "Crues"); await page.waitForSelector("#gauges [role=option]"); await page.waitForTimeout(300); },
  gauge: async (page) => { await SCREENS.flood(page); await page.locator("#gauges [role=option]").first().click(); await page.waitForSelector("#gauge-back"); await page.waitForTimeout(400); },
  floodcut: async (page) => { await pull(page); await rail(page, "Crues"); await page.waitForSelector("#gauges [role=option]"); await page.waitForTimeout(300); },
  log: async (page) => { await objects(page); await rail(page, "Main courante"); await page.waitForSelector(".panel li"); },
  compose: async (page) => { await objects(page); await open(page, "TL-005"); await page.keyboard.press("F6"); await page.keyboard.type("Carrefour vu à la caméra : un camion sur la voie de bus."); },
  logcut: async (page) => { await SCREENS.lost(page); await page.keyboard.press("F6"); await page.keyboard.type("Liaison perdue, astreinte prévenue."); await page.keyboard.press("Control+Enter"); await rail(page, "Main courante"); await page.waitForSelector(".mark"); },
  training: (page) => rail(page, "Formation"),
  suspended: async (page) => { await objects(page); await open(page, "TL-005"); await page.keyboard.press("Control+Shift+L"); await page.waitForSelector(".lock form"); },
  sources: async (page) => { await objects(page); await rail(page, "Sources"); await page.waitForSelector(".panel li"); },
  settings: async (page) => { await page.locator("nav button").last().click(); await page.waitForSelector("dialog[open]"); },
  help: (page) => page.keyboard.press("F1"),
  palette: async (page) => { await objects(page); await open(page, "TL-005"); await page.keyboard.press("F3"); await page.waitForTimeout(300); },
  found: async (page) => { await objects(page); await page.keyboard.press("F3"); await page.keyboard.type("dijon"); await page.waitForTimeout(600); },
  keys: (page) => page.keyboard.press("Shift+F1"),
  filter: async (page) => { await objects(page); await page.keyboard.press("F4"); await page.getByRole("checkbox", { name: /^Caméras/ }).check(); await page.getByRole("checkbox", { name: /^Feux/ }).check(); await page.waitForTimeout(500); },
  layers: async (page) => { await objects(page); await page.keyboard.press("Shift+F4"); await page.waitForTimeout(300); },
  views: async (page) => { await objects(page); await page.keyboard.press("F7"); for (const name of ["Centre-ville", "Nuit : écoles"]) { await page.getByLabel(/Nom de la vue/).fill(name); await page.keyboard.press("Enter"); } await page.waitForTimeout(300); },
  measure: async (page) => { await objects(page); await page.keyboard.press("Control+m"); for (const [x, y] of [[600, 300], [800, 350], [760, 500]]) { await page.mouse.click(x, y); await page.waitForTimeout(80); } await page.mouse.move(700, 560); await page.waitForTimeout(300); },
  print: async (page) => { await objects(page); await page.keyboard.press("Control+p"); await page.waitForTimeout(900); },
  zones: async (page) => { await objects(page); await page.getByRole("button", { name: "Zones", exact: true }).click(); await page.waitForSelector("#zones [role=option]"); await page.locator("#zones").focus(); await page.keyboard.press("ArrowDown"); await page.keyboard.press("Enter"); await page.waitForTimeout(500); },
  zonenew: async (page) => { await objects(page); await page.keyboard.press("F3"); await page.getByRole("combobox", { name: "Chercher et agir" }).fill("nouvelle zone"); await page.getByRole("option", { name: /^Nouvelle zone/ }).waitFor(); await page.keyboard.press("Enter"); await page.getByRole("toolbar", { name: "Dessiner la zone" }).waitFor(); for (const key of ["Enter", "ArrowRight", "ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Enter"]) { await page.keyboard.press(key); await page.waitForTimeout(200); } await page.waitForTimeout(500); },
  zoneedit: async (page) => { await SCREENS.zones(page); await page.getByRole("button", { name: /^Modifier la zone/ }).click(); await page.waitForSelector("#corners [role=option]"); await page.locator("#corners").focus(); await page.keyboard.press("ArrowDown"); await page.keyboard.press("+"); for (let i = 0; i < 12; i++) await page.keyboard.press("Shift+ArrowRight"); await page.waitForTimeout(600); },
  zonewrong: async (page) => { await SCREENS.zoneedit(page); await page.locator(".editor").getByRole("button", { name: "Supprimer la zone…" }).click(); await page.waitForTimeout(300); },
  zonecut: async (page) => { await pull(page); await rail(page, "Carte"); await SCREENS.zoneedit(page); },
  cameras: async (page) => { await objects(page); await page.getByRole("button", { name: "Caméras", exact: true }).click(); await page.waitForSelector("#cameras [role=option]"); await page.locator("#cameras").focus(); await page.keyboard.press("ArrowDown"); await page.keyboard.press("Enter"); await page.waitForTimeout(600); },
  near: async (page) => { await open(page, "CAM-004"); for (let i = 0; i < 2; i++) { await page.getByRole("button", { name: "Agrandir" }).click(); await page.waitForTimeout(500); } },
};

/** Screens without a room, or another one: what the address asks of the fake city, and what is done there. */
export const PHASES = {
  starting: "phase=starting", disk: "phase=failed&code=store_disk",
  refused: ["phase=sign_in", async (page) => { await page.getByLabel("Mot de passe").fill("wrong"); await page.keyboard.press("Enter"); await page.getByRole("alert").waitFor(); }],
  shared: ["phase=sign_in", async (page) => { await page.getByLabel("Mot de passe").waitFor(); await page.evaluate(() => window.dispatchEvent(new Event("fake:cut"))); await page.waitForTimeout(300); await page.getByRole("button", { name: "Regarder sans compte" }).click(); await objects(page); await page.waitForTimeout(600); }],
  sign_in: "phase=sign_in", copying: "phase=copying", failed: "phase=failed&code=store_unreadable", certificates: "certificates=1",
  walls_alarms: "view=alarms", walls_map: "view=map", walls_sheet: "view=sheet",
};
