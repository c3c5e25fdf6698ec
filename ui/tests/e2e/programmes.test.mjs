// A programme of lighting, by keyboard: written, previewed, applied by two, gone back from by one; and nothing of it without a link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

const programmes = (room) => room.call("programmes");

/** Opens the panel by its key. */
async function panel(room) {
  await room.page.keyboard.press("Shift+F9");
  const panel = room.page.getByRole("complementary", { name: "Programmes", exact: true }).first();
  await panel.getByRole("heading", { name: "Programmes" }).waitFor();
  return panel;
}

/** Writes a calendar of one night programme, and saves it. */
async function write(room, name) {
  const { page } = room;
  const list = await panel(room);
  await list.getByRole("button", { name: "Nouveau calendrier d'éclairage" }).press("Enter");
  const editor = page.getByRole("region", { name: "Programme", exact: true });
  await editor.getByLabel("Nom").first().fill(name);
  await editor.getByRole("button", { name: "Ajouter une étape" }).press("Enter");
  await editor.getByRole("textbox", { name: "Heure", exact: true }).fill("23:30");
  await editor.getByLabel("Niveau, %").last().fill("50");
  return editor;
}

/**
 * Asks a second person, selects and commands. What moves in the living city meanwhile voids the approval (R6): the screen says so and
 * offers to prepare anew, and then all of it is asked again.
 */
async function byTwo(page, flow, isAsked) {
  const again = flow.getByRole("button", { name: "Préparer à nouveau" });
  const follow = page.getByRole("region", { name: "Commande de plusieurs objets" });
  for (let turn = 1; turn <= 3; turn++) {
    await flow.getByRole("button", { name: "Demander une seconde personne" }).click();
    await until("it is asked", isAsked);
    const approved = flow.getByText("Accord de S. Bernard (chef de salle).");
    await approved.or(again).first().waitFor({ timeout: 60_000 });
    // Each button is there for as long as it is true; what is gone by now is asked for again.
    for (const name of [/^Sélectionner$/, /^Commander/]) {
      if (!(await again.isVisible())) await flow.getByRole("button", { name }).click({ timeout: 15_000 }).catch(() => undefined);
    }
    await follow.or(again).first().waitFor({ timeout: 60_000 });
    if (await follow.isVisible()) return;
    await flow.getByText("La demande ne vaut plus").waitFor();
    await again.click();
    await flow.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
  }
  throw new Error("three approvals in a row were void");
}

test("a calendar is written and previewed by keyboard, applied by two, and gone back from by one key and one confirmation", async (t) => {
  const room = await open(t);
  const { page } = room;
  // Lights chosen in the list, before.
  await page.getByRole("button", { name: "Tout", exact: true }).click();
  await page.locator("#objects").focus();
  const { line } = await room.healthy("street_light");
  await room.openSheet(line.reference);
  const editor = await write(room, "Centre, réduit");
  const table = editor.getByRole("table");
  await table.getByText("23:30", { exact: false }).first().waitFor();
  assert.equal(await table.locator("tbody tr").count(), 9, "seven nights and both changes of the clock");
  await table.getByText(/une heure revient deux fois/).waitFor();
  await editor.getByText("Niveau le plus bas de nuit, quelle que soit la date : 50 %.").waitFor();
  await editor.getByRole("button", { name: "Enregistrer le brouillon" }).press("Enter");
  await until("the draft is there", async () => (await programmes(room)).some((programme) => programme.stage === "draft"));
  const [draft] = await programmes(room);

  // Applied to a commune, frozen first; nothing goes before somebody else approved.
  const list = await panel(room);
  await list.getByRole("button", { name: "Appliquer à…" }).click();
  const flow = page.getByRole("region", { name: "Commander plusieurs objets" });
  const communes = (await room.call("city")).communes.map(({ name }) => name);
  const small = flow.getByLabel("Une commune");
  await small.selectOption({ label: communes.find((name) => name === "Corcelles-les-Monts") ?? communes.at(-1) });
  await flow.getByRole("button", { name: "Choisir", exact: true }).click();
  await flow.getByText("Centre, réduit").first().waitFor();
  await flow.getByRole("button", { name: "Préparer" }).click();
  await flow.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
  assert.equal(await flow.getByRole("button", { name: /^(Commander|Appliquer)/ }).count(), 0, "one person alone applies no programme");
  const standing = async () => (await programmes(room)).find((programme) => programme.programme_id === draft.programme_id);
  await byTwo(page, flow, async () => (await standing()).stage === "asked");
  // A light of the training city may stay without a report (R18): it is counted, and the others follow.
  await until("some objects follow it, and no command is under way", async () => {
    const { stage, objects, under_way } = await standing();
    return stage === "applied" && objects > 0 && under_way === 0;
  }, 90_000);

  // The sheet of one of them says what was applied, and what its device reports.
  const { members } = await room.call("group", { group_id: (await room.call("groups"))[0].group_id, reason: "" });
  await page.getByRole("region", { name: "Commande de plusieurs objets" }).getByRole("button", { name: "Retour à la fiche" }).click();
  await room.openSheet(members.find(({ word }) => word === "done").object.reference);
  const sheet = page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByText("Programme appliqué", { exact: true }).waitFor();
  await sheet.getByText("conforme à ce qui a été appliqué").waitFor();
  const applied = await standing();
  assert.ok(applied.frozen && applied.former.every(({ reference }) => reference === "own"));

  await panel(room);
  await page.locator("#programmes").focus();
  await page.keyboard.press("Space");
  const confirm = page.getByRole("group", { name: "Revenir au précédent…" });
  await confirm.getByText(/leur propre programme/).waitFor();
  await page.keyboard.press("Enter");
  await until("objects are back", async () => (await standing()).objects < applied.objects, 60_000);
  // A browser writes down each answer that is a refusal, such as that an approval is void.
  assert.deepEqual(room.complaints.filter((text) => !text.includes("400")), []);
});

test("without a link a programme is typed, previewed and kept, and neither saved nor applied", async (t) => {
  const room = await open(t);
  const { page } = room;
  await room.call("training", { plugged: false });
  await room.link("lost");
  const editor = await write(room, "Quais");
  await editor.getByRole("table").waitFor();
  await editor.getByText(/Ce qui est saisi est gardé sur ce poste/).waitFor();
  assert.ok(await editor.getByRole("button", { name: "Enregistrer le brouillon" }).isDisabled());
  await until("it is kept", async () => (await room.call("drafts")).some(({ content }) => content.name === "Quais"));
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn", null, { timeout: 60_000 });
  const list = await panel(room);
  await list.getByRole("button", { name: "Nouveau calendrier d'éclairage" }).click();
  const again = page.getByRole("region", { name: "Programme", exact: true });
  await until("what was typed is back", async () => (await again.getByLabel("Nom").first().inputValue()) === "Quais");
  assert.deepEqual(await room.call("outbox"), []);
});
