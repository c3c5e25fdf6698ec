import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./house.mjs";

/** A light that the training city promises to be reliable. */
const RELIABLE = "L-00001";

test("a comfort command goes from choice to done, and done only once the state shows it", async (t) => {
  const room = await open(t);
  await room.openSheet(RELIABLE);
  const flow = await room.prepare("Régler le niveau", 40);
  await flow.getByText("classe B").waitFor();
  await flow.getByRole("button", { name: "Commander" }).click();

  const sheet = room.page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByText("confirmée par l'état").first().waitFor({ timeout: 30_000 });
  const { lines: [line] } = await room.call("search", { text: RELIABLE, limit: 1 });
  const truth = await room.call("object", { equipment_id: line.equipment_id });
  assert.equal(truth.line.reading.level, 40);
  assert.equal(truth.mode, "override");
  assert.ok(truth.effect_until !== null, "every effect has an end (R3)");
  const [command] = await room.commandsOn(truth);
  assert.deepEqual(
    command.events.map((event) => event.to).filter((to, i, all) => all.indexOf(to) === i),
    ["submitted", "accepted", "dispatching", "dispatched", "executed", "confirmed"],
  );
});

test("enter never operates a command of class C", async (t) => {
  const room = await open(t);
  const building = await room.healthy("building");
  await room.openSheet(building.line.reference);
  const flow = await room.prepare("Régler le chauffage", 19);
  await flow.getByText("classe C").waitFor();
  await flow.getByRole("button", { name: "Commander" }).focus();
  await room.page.keyboard.press("Enter");
  await flow.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
  assert.deepEqual(await room.commandsOn(building), []);
});
