// The tools of the map, by keyboard: a filter says what it hides and never hides what is most urgent, a view comes back as it was
// kept, a measure is taken under the cross, and each layer has its list.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { groundFile } from "../groundFile.mjs";
import { open, until } from "./house.mjs";

const ALL = { kinds: [], looks: [], communes: [], ages: [], points: [], abnormal: false, bounds: null, offset: 0, limit: 1 };
const OPEN = { list: "open", under: null, flat: true, equipment_id: null, kinds: [], priorities: [1], untaken: false, mine: false, insee_code: null, offset: 0, limit: 0 };

const spoken = (n) => new Intl.NumberFormat("fr-FR").format(n);

test("a filter hides by kind, says how many on the map and in the list, and shows all again in one key", async (t) => {
  const room = await open(t);
  const { page } = room;
  await page.keyboard.press("F4");
  const panel = page.getByRole("region", { name: "Filtrer les objets" });
  await panel.getByText("Rien n'est masqué.").waitFor();
  const box = panel.getByRole("checkbox", { name: /^Caméras/ });
  await box.focus();
  await page.keyboard.press("Space");
  const tally = await room.call("tally", { ...ALL, kinds: ["camera"] });
  assert.ok(tally.total - tally.kept > 2500, JSON.stringify(tally));
  await panel.getByText(`${spoken(tally.total - tally.kept)} objets masqués`).waitFor();
  // The map counts by itself what it does not draw.
  await page.locator("main .hidden-note").getByText(`${spoken(tally.total - tally.kept)} objets masqués`).waitFor();
  await page.locator("aside .hidden-note").getByText(/objets? masqués?/).waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  await page.locator("main .hidden-note").getByRole("button", { name: "Tout afficher" }).press("Enter");
  await page.locator(".hidden-note").first().waitFor({ state: "detached" });
  assert.deepEqual(room.complaints, []);
});

test("the objects of a service are shown by themselves, those of none too, and a sheet says whom to call", async (t) => {
  const room = await open(t);
  const { page } = room;
  const { services } = await room.call("tally", ALL);
  const of = (code) => services.find((service) => service.code === code);
  assert.equal(services.length, 8, JSON.stringify(services));
  assert.ok(of("").objects > 0 && of("CSU").objects > 0, JSON.stringify(services));
  await page.keyboard.press("F4");
  const panel = page.getByRole("region", { name: "Filtrer les objets" });
  const csu = panel.getByRole("checkbox", { name: /^Vidéoprotection \(CSU\)/ });
  await csu.focus();
  await page.keyboard.press("Space");
  const hidden = async (codes) => {
    const tally = await room.call("tally", { ...ALL, services: codes });
    return `${spoken(tally.total - tally.kept)} objets masqués`;
  };
  await panel.getByText(await hidden(["CSU"])).waitFor();
  await page.locator("main .hidden-note").getByText(await hidden(["CSU"])).waitFor();
  const { lines } = await room.call("objects", { ...ALL, services: ["CSU"], limit: 500 });
  const { urgent } = await room.call("kept", { ...ALL, services: ["CSU"] });
  const cameras = lines.filter((line) => line.kind === "camera");
  assert.equal(cameras.length, of("CSU").objects);
  assert.ok(lines.every((line) => line.kind === "camera" || urgent.includes(line.point)), "but for what is never hidden");
  await panel.getByRole("checkbox", { name: /^Sans service/ }).press("Space");
  await panel.getByText(await hidden(["CSU", ""])).waitFor();
  // A view keeps it.
  await page.keyboard.press("F7");
  await page.getByLabel("Nom de la vue affichée").fill("CSU et réseau");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Vues enregistrées" }).getByText(/Service \(2\)/).waitFor();
  await page.locator("main .hidden-note").getByRole("button", { name: "Tout afficher" }).press("Enter");
  await page.getByRole("region", { name: "Vues enregistrées" }).getByRole("button", { name: /^CSU et réseau/ }).press("Enter");
  await page.locator("main .hidden-note").getByText(await hidden(["CSU", ""])).waitFor();
  await page.keyboard.press("Escape");
  await room.openSheet(cameras[0].reference);
  const sheet = page.getByRole("region", { name: "Fiche de l'objet" });
  const { service } = await room.call("object", { equipment_id: cameras[0].equipment_id });
  await sheet.getByText(service.phone).waitFor();
  assert.equal(service.name, "Vidéoprotection (CSU)");
});

test("an object with an alarm of priority 1 stays in sight whatever the filter says", async (t) => {
  const room = await open(t);
  await room.call("training", { scenario: "alarm-flood", speed: 60 });
  const urgent = await until("there is no alarm of priority 1 on an object", async () =>
    (await room.call("alarms", OPEN)).alarms.find((alarm) => alarm.equipment_id !== null && alarm.kind !== "gauge"), 120_000);
  await room.call("training", { speed: 1 });
  const filter = { ...ALL, kinds: ["gauge"], limit: 500 };
  const { lines, hidden } = await room.call("objects", filter);
  assert.ok(hidden > 2000, String(hidden));
  assert.ok(lines.some((line) => line.equipment_id === urgent.equipment_id), urgent.reference);
  const { urgent: points } = await room.call("kept", filter);
  assert.ok(points.includes(urgent.point));
});

test("a saved view comes back where it was, with its filter and layers, after a restart and by the palette", async (t) => {
  const room = await open(t);
  const { page } = room;
  const where = () => page.locator("footer .where").textContent();
  await room.openSheet("TL-001");
  await page.keyboard.press("Escape");
  await page.mouse.move(10, 10);
  const kept = await where();
  await page.keyboard.press("Shift+F4");
  await page.getByRole("checkbox", { name: /^Champs des caméras/ }).press("Space");
  await page.keyboard.press("F4");
  await page.getByRole("checkbox", { name: /^Feux/ }).press("Space");
  await page.keyboard.press("F7");
  await page.getByLabel("Nom de la vue affichée").fill("Carrefours du centre");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Vues enregistrées" }).getByRole("button", { name: /^Carrefours du centre/ }).waitFor();
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn");
  await page.mouse.move(10, 10);
  assert.notEqual(await where(), kept, "the city is whole again");
  await page.keyboard.press("F3");
  await page.getByRole("combobox").fill("carrefours du centre");
  await page.getByRole("option", { name: "Vue : Carrefours du centre" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("main .hidden-note").waitFor();
  await until("the view is elsewhere", async () => (await where()) === kept);
  await page.keyboard.press("Shift+F4");
  assert.equal(await page.getByRole("checkbox", { name: /^Champs des caméras/ }).isChecked(), false);
  assert.deepEqual(room.complaints, []);
});

test("a distance and an area are measured without a mouse", async (t) => {
  const room = await open(t);
  const { page } = room;
  await page.keyboard.press("Control+m");
  const bar = page.getByRole("region", { name: "Mesure" });
  await bar.waitFor();
  const where = page.locator("footer .where");
  const step = async (key) => {
    await page.keyboard.press("Enter");
    const before = await where.textContent();
    await page.keyboard.press(key);
    await until("the map did not move", async () => (await where.textContent()) !== before);
    // Leaflet glides: the place is read when it rests.
    let last = "";
    await until("the map does not rest", async () => { const now = await where.textContent(); const rests = now === last; last = now; return rests; });
  };
  await page.mouse.move(10, 10);
  await step("ArrowRight");
  await step("ArrowDown");
  await page.keyboard.press("Enter");
  await bar.getByText(/^Distance : [\d,]+ k?m$/).waitFor();
  await bar.getByText(/^Surface : .+ (ha|km²|m²) · tour : .+ k?m$/).waitFor();
  await page.keyboard.press("Backspace");
  await bar.getByText(/^Surface/).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await bar.waitFor({ state: "detached" });
  assert.deepEqual(room.complaints, []);
});

test("zones and fields of view have their lists, and a zone is shown whole from its line", async (t) => {
  const room = await open(t);
  const { page } = room;
  const { zones, cameras } = await room.call("city");
  await page.getByRole("button", { name: "Zones", exact: true }).press("Enter");
  await page.getByText(`${spoken(zones.length)} zones`).waitFor();
  const list = page.getByRole("listbox", { name: "Zones de la carte" });
  await list.focus();
  const before = await page.locator("footer .where").textContent();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await until("the map did not go there", async () => (await page.locator("footer .where").textContent()) !== before);
  await page.getByRole("button", { name: "Caméras", exact: true }).press("Enter");
  await page.getByText(`${spoken(cameras.length)} caméras`).waitFor();
  await page.getByRole("listbox", { name: "Caméras et leur champ" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Fiche de l'objet" }).waitFor();
  assert.deepEqual(room.complaints, []);
});

test("a ground file of IT's is drawn in the map's own colours, from this machine alone, and its credit is shown", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "vigie-ground-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "ground.pmtiles");
  await writeFile(file, groundFile());
  const room = await open(t, { args: ["--ground", file] });
  const { page } = room;
  const outside = [];
  page.on("request", (request) => { if (!request.url().startsWith(room.origin)) outside.push(request.url()); });
  await page.getByText("Fond : © Somebody & others").waitFor();
  // Land and water of the night's palette, on the tiles under everything else.
  const drawn = () => page.evaluate(() => {
    const seen = new Set();
    for (const canvas of document.querySelectorAll(".leaflet-tiles-pane canvas")) {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4 * 997) seen.add(`${data[i]} ${data[i + 1]} ${data[i + 2]}`);
    }
    return [...seen];
  });
  await until("land and water are not drawn", async () => { const seen = await drawn(); return seen.includes("21 28 36") && seen.includes("27 50 66"); });
  await page.keyboard.press("Shift+F4");
  await page.getByRole("checkbox", { name: /^Fond/ }).press("Space");
  await until("the ground is not put away", async () => (await page.locator(".leaflet-tiles-pane canvas").count()) === 0);
  assert.deepEqual(outside, []);
  assert.deepEqual(room.complaints, []);
});

test("a ground file that is broken takes nothing away, and is said where the layers are", async (t) => {
  const room = await open(t, { args: ["--ground", "/nowhere/ground.pmtiles"] });
  await room.page.keyboard.press("Shift+F4");
  await room.page.getByRole("alert").getByText("Le fichier de fond installé sur ce poste est introuvable").waitFor();
  await room.page.getByText("Fond schématique, pour la formation").first().waitFor();
});
