// A command on many objects, by keyboard: a street from its sheet, lights chosen in the list, an area drawn on the map.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

const PANEL = "Commander plusieurs objets";

/** In the open panel: asks for a level, and waits for what it would do. */
async function dim(room, level) {
  const panel = room.page.getByRole("region", { name: PANEL });
  await panel.getByLabel("Ce qui est demandé, à quels objets").selectOption("street_light.set_level");
  await panel.locator("input[type=number]").fill(String(level));
  await panel.getByRole("button", { name: "Préparer" }).click();
  await panel.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
  return panel;
}

const groups = (room) => room.call("groups");

test("a whole street goes as one command, and each light has its own outcome", async (t) => {
  const room = await open(t);
  await room.openSheet("L-00001");
  await room.page.getByRole("button", { name: "Toute cette rue…" }).click();
  const panel = await dim(room, 60);
  await panel.getByText(/\d+ objets \(/).first().waitFor();
  await panel.getByRole("button", { name: "Commander" }).click();

  const follow = room.page.getByRole("region", { name: "Commande de plusieurs objets" });
  await follow.getByRole("status").getByText(/faits sur \d+/).waitFor();
  const [group] = await groups(room);
  assert.ok(group.total > 1 && group.chosen === "street" && group.chosen_name !== "");
  assert.equal(group.class, group.total > 10 ? "C" : "B", "over ten objects comfort is a service");
  await until("every light has its outcome", async () => {
    const [now] = await groups(room);
    return now.under_way === 0 && now.to_send === 0 && now.done + now.refused + now.unknown === now.total;
  }, 90_000);
  const [after] = await groups(room);
  assert.ok(after.done > 0, "the states show it");
  assert.deepEqual(await room.call("outbox"), [], "members are told with their group, not among the rest");
  assert.deepEqual(room.complaints, []);
});

test("a street that is on the screen when the link is lost says what becomes of it now, and again when it is back, and nothing left by itself", async (t) => {
  const room = await open(t);
  const { page } = room;
  await room.openSheet("L-00001");
  await page.getByRole("button", { name: "Toute cette rue…" }).click();
  const panel = await dim(room, 60);
  await panel.getByRole("button", { name: /^Commander/ }).waitFor();
  await room.call("training", { plugged: false });
  await panel.getByText("La liaison a changé entre-temps").waitFor({ timeout: 15_000 });
  await panel.getByRole("button", { name: /^(Noter l'ordre|Mettre à transmettre)/ }).waitFor();
  assert.equal(await panel.getByRole("button", { name: /^Commander/ }).count(), 0);
  // The keyboard is on what changes it, and on nothing that acts.
  await panel.locator("[data-first]").and(page.locator(":focus")).waitFor();
  await room.call("training", { plugged: true });
  await panel.getByRole("button", { name: /^Commander/ }).waitFor({ timeout: 30_000 });
  assert.deepEqual(await groups(room), []);
  assert.deepEqual(room.complaints, []);
});

test("a commune's lights beyond fifty go by two: asked with what is left out, approved, selected as a whole, operated once", async (t) => {
  const room = await open(t);
  const { communes } = await room.call("city");
  await room.openSheet("L-00001");
  await room.page.getByRole("button", { name: "Toute cette rue…" }).click();
  const choose = room.page.getByRole("region", { name: PANEL });
  await choose.getByLabel("Une commune").selectOption(communes.find((commune) => commune.name === "Chenôve").insee_code);
  await choose.getByRole("button", { name: "Choisir" }).click();
  const panel = await dim(room, 60);
  await panel.getByText("classe C").waitFor();
  await panel.getByText(/\d+ candélabres/).first().waitFor();
  assert.equal(await panel.getByRole("button", { name: /^Commander/ }).count(), 0, "nobody operates it alone");
  await panel.getByRole("button", { name: "Demander une seconde personne" }).click();
  await panel.getByText(/Accord de S. Bernard/).waitFor({ timeout: 30_000 });
  const [request] = await room.call("requests");
  assert.ok(request.objects > 50 && request.group.chosen === "commune" && request.check.consequence.lights === request.objects);
  await panel.getByRole("button", { name: "Sélectionner" }).click();
  await panel.getByRole("button", { name: /^Commander/ }).click();
  await room.page.getByRole("region", { name: "Commande de plusieurs objets" }).getByRole("status").getByText(/faits sur \d+/).waitFor();
  const [group] = await groups(room);
  assert.equal(group.total, request.objects);
  await until("used", async () => (await room.call("requests"))[0].state === "used");
  assert.deepEqual(room.complaints, []);
});

test("lights are chosen in the list by space and shift with an arrow, and commanded together", async (t) => {
  const room = await open(t);
  const { page } = room;
  await page.getByRole("button", { name: "Tout", exact: true }).click();
  const list = page.getByRole("listbox", { name: "Objets de la ville" }).or(page.locator("#objects"));
  await list.first().focus();
  // A list that starts over has no line for a moment, and a key chooses nothing then.
  await page.locator("#objects [role=option]", { hasText: /\w/ }).first().waitFor();
  await page.keyboard.press("Space");
  await page.getByText("1 objet choisi").first().waitFor();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByText("3 objets choisis").first().waitFor();
  await page.getByRole("button", { name: "Commander…" }).click();
  await page.getByRole("region", { name: PANEL }).getByText("Objets choisis un à un").waitFor();
});

test("an area is drawn by keyboard, and what stands in it is named before anything is asked", async (t) => {
  const room = await open(t);
  const { page } = room;
  await page.keyboard.press("F3");
  await page.getByRole("combobox", { name: "Chercher et agir" }).fill("dessiner une zone");
  await page.keyboard.press("Enter");
  await page.getByRole("toolbar", { name: "Dessiner une zone sur la carte" }).waitFor();
  for (const keys of [[], ["ArrowRight", "ArrowRight"], ["ArrowDown", "ArrowDown"]]) {
    for (const key of keys) await page.keyboard.press(key);
    await page.keyboard.press("Enter");
  }
  await page.getByRole("toolbar").getByText("3 coins").waitFor();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("region", { name: PANEL }).getByText("Zone dessinée").waitFor();
});
