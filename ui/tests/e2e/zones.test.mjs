// Zones drawn, changed and deleted on the map by keyboard, as the supervisor of training does it; refused for a role that may not and
// without a link; and, on a real metropolis, of two who change one zone the second is told who was faster.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";
import { metropolis } from "./metropolis.mjs";

const zoneOf = async (room, name) => (await room.call("zones")).zones.find((zone) => zone.name === name);
const corners = (zone) => zone.outline.coordinates[0].length - 1;

/** An arrow moves the map, which glides there. */
async function glide(page, arrow) {
  await page.keyboard.press(arrow);
  await page.waitForFunction(() => document.querySelector(".leaflet-pan-anim") === null);
}

/** Opens the form of a new zone by the palette, and draws a square around the middle of the map with nothing but keys. */
async function draw(page, name) {
  await page.keyboard.press("F3");
  await page.getByRole("combobox").fill("nouvelle zone");
  await page.getByRole("option", { name: /^Nouvelle zone/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("toolbar", { name: "Dessiner la zone" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "map");
  await page.keyboard.press("Enter");
  for (const arrow of ["ArrowRight", "ArrowDown", "ArrowLeft"]) {
    await glide(page, arrow);
    await page.keyboard.press("Enter");
  }
  const form = page.getByRole("region", { name: "Zone", exact: true });
  await form.getByText("4 sommets").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("toolbar", { name: "Modifier les sommets de la zone" }).waitFor();
  await form.getByLabel("Nom").fill(name);
  return form;
}

/** Opens the form of the zone of that name by its list. */
async function change(page, name) {
  await page.keyboard.press("F3");
  await page.getByRole("combobox").fill("liste des zones");
  await page.getByRole("option", { name: "Liste des zones" }).waitFor();
  await page.keyboard.press("Enter");
  const list = page.locator("#zones");
  await list.focus();
  await page.keyboard.press("Home");
  const button = page.getByRole("button", { name: `Modifier la zone ${name}` });
  let steps = 0;
  await until(`the list has no ${name}`, async () => {
    if (await button.count()) return true;
    // The page may hear of a zone a moment after the room has it, when the line has been passed: from the top again.
    await page.keyboard.press(++steps % 60 === 0 ? "Home" : "ArrowDown");
    return false;
  });
  await button.press("Enter");
  return page.getByRole("region", { name: "Zone", exact: true });
}

test("a supervisor draws a zone, changes its corners and deletes it by keyboard, and the checks before commands follow", async (t) => {
  const room = await open(t, { args: ["--login", "s.bernard"] });
  const { page } = room;
  const form = await draw(page, "Parvis de la gare");
  await form.getByText(/s'y trouve/).waitFor();
  await page.keyboard.press("Control+Enter");
  await form.waitFor({ state: "detached" });
  await page.getByText("Zone enregistrée : Parvis de la gare.").first().waitFor();
  const drawn = await until("the room does not read it", () => zoneOf(room, "Parvis de la gare"));
  assert.deepEqual([drawn.kind, drawn.revision, drawn.changed_by, corners(drawn)], ["cctv", 1, "S. Bernard", 4]);

  // Somebody else's commands are checked against it at once: what stands in the square stands in the new zone.
  const [west, south] = drawn.outline.coordinates[0][0];
  assert.ok(west > 4.8 && south > 47.1, JSON.stringify(drawn.outline));

  // A corner more, pushed outwards; then the one that was put under the cross.
  const again = await change(page, "Parvis de la gare");
  await again.getByText(/Modifiée par S. Bernard/).waitFor();
  await page.locator("#corners").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("+");
  await again.getByText("5 sommets").waitFor();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Poser le sommet/ }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "map");
  await page.keyboard.press("Escape");
  await page.getByRole("toolbar", { name: "Modifier les sommets de la zone" }).getByText("sommet 2 sur 5").waitFor();
  await page.keyboard.press("Control+Enter");
  await again.waitFor({ state: "detached" });
  const changed = await until("the change is not read", async () => {
    const zone = await zoneOf(room, "Parvis de la gare");
    return zone?.revision === 2 && zone;
  });
  assert.equal(corners(changed), 5);

  // A drawing that crosses itself is told, and not saved. The page knows the second revision from here on.
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn");
  const wrong = await change(page, "Parvis de la gare");
  await page.locator("#corners").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "map");
  for (let i = 0; i < 12; i++) await glide(page, "ArrowRight");
  await page.keyboard.press("Enter");
  await wrong.getByText(/se croisent/).waitFor();
  assert.ok(await wrong.getByRole("button", { name: "Enregistrer la zone" }).isDisabled());
  await page.keyboard.press("Escape");
  await wrong.waitFor({ state: "detached" });

  // What was drawn is there again; thrown away, the zone is as the room has it. Then it is deleted, by the second of two buttons.
  const last = await change(page, "Parvis de la gare");
  await last.getByText("Votre dessin d'avant est repris ici.").waitFor();
  await last.getByRole("button", { name: "Repartir de la zone telle qu'elle est" }).press("Enter");
  await last.getByText(/se croisent/).waitFor({ state: "detached" });
  await last.getByRole("button", { name: "Supprimer la zone…" }).press("Enter");
  await page.waitForFunction(() => document.activeElement?.textContent === "Ne pas supprimer");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await last.waitFor({ state: "detached" });
  await until("it is still there", async () => (await zoneOf(room, "Parvis de la gare")) === undefined);
  assert.deepEqual(room.complaints, []);
});

test("without a link a zone is not saved, says so, and what was drawn is kept over a restart of the page", async (t) => {
  const room = await open(t, { args: ["--login", "s.bernard"] });
  const { page } = room;
  await room.call("training", { plugged: false });
  await room.link("lost");
  const form = await draw(page, "Place sans liaison");
  await form.getByText(/Sans liaison, une zone ne s'enregistre pas/).waitFor();
  assert.ok(await form.getByRole("button", { name: "Enregistrer la zone" }).isDisabled());
  const drawn = { zone_id: null, after: null, reference: "ZV-99", name: "Place", kind: "cctv", outline: { type: "Polygon", coordinates: [[[5, 47.3], [5.1, 47.3], [5.1, 47.4], [5, 47.3]]] } };
  await assert.rejects(room.call("save_zone", drawn), { code: "unreachable" });
  await until("it is not kept", async () => (await room.call("drafts")).some((draft) => draft.key === "zone/new" && draft.content.name === "Place sans liaison"));
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn");
  await room.call("training", { plugged: true });
  await room.link("live");
  await page.keyboard.press("F3");
  await page.getByRole("combobox").fill("nouvelle zone");
  await page.getByRole("option", { name: /^Nouvelle zone/ }).waitFor();
  await page.keyboard.press("Enter");
  const again = page.getByRole("region", { name: "Zone", exact: true });
  await again.getByText("4 sommets").waitFor();
  assert.equal(await again.getByLabel("Nom").inputValue(), "Place sans liaison");
  const save = again.getByRole("button", { name: "Enregistrer la zone" });
  await until("it cannot be saved", () => save.isEnabled());
  await save.press("Enter");
  await until("it is not saved", () => zoneOf(room, "Place sans liaison"));
});

test("an operator is offered no change of a zone, and refused one", async (t) => {
  const room = await open(t);
  const { page } = room;
  await page.getByRole("button", { name: "Zones", exact: true }).click();
  await page.locator("#zones [role=option]").first().waitFor();
  assert.equal(await page.getByRole("button", { name: /Nouvelle zone|Modifier/ }).count(), 0);
  const { zones, may_write } = await room.call("zones");
  assert.deepEqual(may_write, []);
  const [{ zone_id, revision, reference, name, kind, outline }] = zones;
  await assert.rejects(room.call("save_zone", { zone_id, after: revision, reference, name, kind, outline }), { code: "not_allowed" });
  await assert.rejects(room.call("drop_zone", { zone_id, after: revision }), { code: "not_allowed" });
});

test("of two who change one zone of a real metropolis the second is told who was faster, and overwrites nothing unsaid", async (t) => {
  const city = await metropolis(t);
  const supervisor = await open(t, city.desk("supervisor"));
  const it = await open(t, city.desk("it_admin"));
  const { zones, may_write } = await it.call("zones");
  assert.deepEqual(may_write, ["cctv", "flood", "district"], "IT sees no closed buildings");
  // Two zones may have one name, and the list is gone through by name.
  const zone = zones.find((one) => one.kind === "cctv" && zones.filter(({ name }) => name === one.name).length === 1);
  const { page } = supervisor;
  const form = await change(page, zone.name);
  await form.getByLabel("Nom").fill("Nom du chef de salle");
  const { zone_id, revision, reference, kind, outline } = zone;
  const saved = await it.call("save_zone", { zone_id, after: revision, reference, name: "Nom de la DSI", kind, outline });
  assert.equal(saved.changed, null);
  await form.getByText(/T. Colas a modifié cette zone/).waitFor();
  assert.ok(await form.getByRole("button", { name: "Enregistrer la zone" }).isDisabled());
  assert.equal(await form.getByLabel("Nom").inputValue(), "Nom du chef de salle", "what was typed is kept");
  const late = await supervisor.call("save_zone", { zone_id, after: revision, reference, name: "Nom du chef de salle", kind, outline });
  assert.deepEqual([late.zone_id, late.changed.by], [null, "T. Colas"]);
  await form.getByRole("button", { name: "Garder mon dessin à la place" }).press("Enter");
  await form.getByRole("button", { name: "Enregistrer la zone" }).click();
  await form.waitFor({ state: "detached" });
  const now = await until("the other desk does not read it", async () => {
    const found = (await it.call("zones")).zones.find((one) => one.zone_id === zone_id);
    return found.name === "Nom du chef de salle" && found;
  });
  assert.deepEqual([now.revision, now.changed_by], [revision + 2, "S. Bernard"]);
});
