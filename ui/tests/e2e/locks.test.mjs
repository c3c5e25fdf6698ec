// Crew locks and the safe direction, played by keyboard on the real core (R3, R10, R17).
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";
import { metropolis } from "./metropolis.mjs";

/** A light that the training city promises to be reliable. */
const RELIABLE = "L-00001";

/** Asks for a lock on the object that is open, with nothing but keys. */
async function ask(room) {
  const { page } = room;
  await page.keyboard.press("F3");
  await page.getByRole("combobox", { name: "Chercher et agir" }).fill("bloquer");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Bloquer la télécommande : équipe sur place" }).waitFor();
  for (const words of ["Karim Saïdi", "06 12 34 56 78", "Armoire, côté pair", "Contrôleur"]) {
    await page.keyboard.type(words);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Control+Enter");
}

test("r10 a crew lock is asked by keyboard, shows whom to call, and no command passes until it is lifted by two people", async (t) => {
  const room = await open(t);
  await room.openSheet(RELIABLE);
  await ask(room);
  const sheet = room.page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByText("Télécommande bloquée : équipe sur place.").waitFor();
  await sheet.getByText("06 12 34 56 78").waitFor();
  await sheet.getByText("ne le remplace pas").waitFor();
  // What was asked is in force: it is said to be asked no more.
  await room.page.getByText(/^Blocage demandé/).waitFor({ state: "detached" });
  assert.ok(await sheet.getByRole("button", { name: /^Régler le niveau/ }).isDisabled());
  const [lock] = await room.call("locks");
  assert.deepEqual([lock.state, lock.authenticity, lock.can_lift, lock.can_force], ["in_force", "signed", false, true]);

  // The core refuses as well, whatever the screen offers.
  const prepared = await room.call("prepare", { equipment_id: lock.equipment_id, action: "street_light.set_level", params: { level: 40 } });
  assert.deepEqual(prepared.admission, { refuse: "crew_lock" });

  // The list says so, and the search.
  await room.page.locator("nav").getByRole("button", { name: "Blocages" }).click();
  await room.page.getByRole("listbox", { name: "Blocages" }).getByText("équipe sur place").waitFor();

  // One person alone lifts nothing.
  await room.page.getByRole("button", { name: "Lever sans le titulaire…" }).first().click();
  const dialog = room.page.getByRole("dialog", { name: "Lever un blocage sans son titulaire" });
  await dialog.getByLabel("Réponse").selectOption("clear");
  await dialog.getByLabel(/Qui a répondu/).fill("M. Saïdi : équipe partie à 16 h");
  await dialog.getByRole("button", { name: "Demander la levée" }).click();
  await room.page.getByText("Une autre personne peut confirmer").first().waitFor();
  await assert.rejects(room.call("confirm_lift_lock", { lock_id: lock.lock_id }), { code: "same_person" });
  assert.equal((await room.call("locks"))[0].state, "in_force");
});

test("r10 a lock asked without a link is not in force until the link is back, and what is typed is kept", async (t) => {
  const room = await open(t);
  await room.openSheet(RELIABLE);
  await room.call("training", { plugged: false, speed: null, scenario: null });
  await room.link("lost");
  await ask(room);
  const sheet = room.page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByText("Demandé, PAS EN VIGUEUR : appelez la salle.").waitFor();
  await room.call("training", { plugged: true, speed: null, scenario: null });
  await sheet.getByText("Télécommande bloquée : équipe sur place.").waitFor({ timeout: 60_000 });
});

test("r17 the way back is one key and one confirmation, from the list of what is in force", async (t) => {
  const room = await open(t);
  await room.openSheet(RELIABLE);
  const flow = await room.prepare("Régler le niveau", 40);
  await flow.getByRole("button", { name: "Commander" }).click();
  const { lines: [line] } = await room.call("search", { text: RELIABLE, limit: 1 });
  await until("the override is in force", async () => (await room.call("effects")).some((effect) => effect.standing === "in_force"));

  await room.page.locator("nav").getByRole("button", { name: "En vigueur" }).click();
  const list = room.page.getByRole("listbox", { name: "Forçages" });
  await list.getByText("encore").first().waitFor();
  await list.focus();
  await room.page.keyboard.press("Space");
  await room.page.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
  await room.page.getByText("Sens sûr").waitFor();
  await room.page.keyboard.press("Enter");
  await until("the object is back in its programme", async () => (await room.call("object", { equipment_id: line.equipment_id })).mode === "programme");
  await until("the override has ended", async () => (await room.call("effects")).every((effect) => effect.standing === "ended"));
});

test("r10 two desks lift a lock together: one tells of the call, another person confirms on a screen of their own", async (t) => {
  const city = await metropolis(t);
  const operator = await open(t, city.desk("remote_operator"));
  const supervisor = await open(t, city.desk("supervisor"));
  await operator.openSheet(RELIABLE);
  await ask(operator);
  const lock = await until("the other desk sees the lock in force", async () => (await supervisor.call("locks")).find(({ state }) => state === "in_force"));

  await operator.page.getByRole("button", { name: "Lever sans le titulaire…" }).first().click();
  const dialog = operator.page.getByRole("dialog", { name: "Lever un blocage sans son titulaire" });
  await dialog.getByLabel("Réponse").selectOption("clear");
  await dialog.getByLabel(/Qui a répondu/).fill("M. Saïdi : équipe partie à 16 h");
  await dialog.getByRole("button", { name: "Demander la levée" }).click();

  await supervisor.page.locator("nav").getByRole("button", { name: "Blocages" }).click();
  const list = supervisor.page.getByRole("listbox", { name: "Blocages" });
  await list.getByText("équipe sur place").first().waitFor();
  await list.getByRole("option").first().click();
  await supervisor.page.getByText(/M\. Saïdi : équipe partie à 16 h/).first().waitFor();
  await supervisor.page.getByRole("button", { name: "Confirmer la levée, en seconde personne" }).first().click();
  const over = await until("the lock is lifted for both", async () => (await operator.call("locks")).find((known) => known.lock_id === lock.lock_id && known.state === "lifted"));
  assert.deepEqual([over.how, over.lifted_by === over.lift_asked_by], ["forced", false]);
  assert.deepEqual([...operator.complaints, ...supervisor.complaints], []);
});

test("r10 whoever asked for a lock says that the work takes longer", async (t) => {
  const room = await open(t);
  await room.openSheet(RELIABLE);
  await ask(room);
  const sheet = room.page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByText("Télécommande bloquée : équipe sur place.").waitFor();
  const [before] = await room.call("locks");
  await sheet.getByLabel("Prolonger…").selectOption("24");
  await sheet.getByText(/prolongé/).waitFor();
  const [after] = await room.call("locks");
  assert.ok(after.expected_end > before.expected_end && after.extended);
});
