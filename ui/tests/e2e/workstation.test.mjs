// The workstation: a session that is suspended instead of left, windows that look at the same object, sources.

import assert from "node:assert/strict";
import test from "node:test";
import { open, until } from "./house.mjs";

test("a suspended session keeps the map and what is typed, refuses commands, and is taken up again by keyboard", async (t) => {
  const room = await open(t);
  const { page } = room;
  await room.openSheet("TL-001");
  await page.keyboard.press("F6");
  await page.keyboard.type("Fil tombé rue Haute");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+L");
  await page.getByText("Session suspendue depuis").waitFor();
  assert.equal(await page.locator("#map canvas").count() > 0, true, "the map stays");
  await page.getByText("Session suspendue : aucune commande.").waitFor();
  await assert.rejects(room.call("outbox"), { code: "session_suspended" });

  // The keyboard is where one types to come back.
  await page.keyboard.press("Enter");
  await page.getByRole("navigation", { name: "Écrans" }).waitFor();
  await page.keyboard.press("F6");
  await until("what was typed is not there", async () => (await page.locator("textarea").inputValue()) === "Fil tombé rue Haute");
  assert.deepEqual(room.complaints, []);
});

test("a window on another screen shows what is chosen in the main one, and the other way round", async (t) => {
  const room = await open(t);
  const wall = await room.page.context().newPage();
  await wall.goto(`${room.origin}/?view=sheet&token=${room.token}`);
  await wall.getByText("Aucun objet choisi").waitFor();
  await room.openSheet("TL-001");
  await wall.getByText("réf. TL-001").waitFor();
  await wall.keyboard.press("Escape");
  await room.page.getByRole("region", { name: "Fiche de l'objet" }).waitFor({ state: "detached" });
});

test("a source that falls silent is said, with what depends on it", async (t) => {
  const room = await open(t);
  await room.page.getByRole("button", { name: "Sources" }).click();
  const panel = room.page.getByRole("complementary", { name: "Sources" });
  await panel.getByText("Éclairage public (télégestion) en contact").waitFor();
  // Only once it was seen in contact: the scenario's own minutes pass in seconds.
  await room.call("training", { scenario: "silent-source", speed: 20, plugged: null });
  await panel.getByText("Éclairage public (télégestion) silencieuse").waitFor({ timeout: 60_000 });
  await panel.getByText("Ne pas conclure que rien ne se passe").waitFor();
});
