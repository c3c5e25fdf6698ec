// The story of docs/safety.md: asked at 14:00 without a link, the link is back at 18:00.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

const FOUR_HOURS = 4 * 3_600_000;
/** States in which the metropolis has, or had, a command. */
const SENT = ["submitted", "unsettled", "accepted", "dispatching", "dispatched", "executed", "confirmed"];

test("from 14:00 to 18:00 without a link: reads go, comfort expires, service is asked anew, danger never leaves", async (t) => {
  const room = await open(t);
  const { page } = room;
  const [read, light] = await (async () => {
    const plain = (sheet) => !sheet.attributes.crossing;
    const first = await room.healthy("street_light", (sheet) => plain(sheet) && !sheet.attributes.training_reliable);
    const second = await room.healthy("street_light", (sheet) => plain(sheet) && sheet.attributes.training_reliable);
    return [first, second];
  })();
  const building = await room.healthy("building");
  const junction = await room.healthy("signal_junction");

  // 14:00: the plug is pulled, and the room is told over the whole screen.
  await page.getByRole("button", { name: "Formation" }).click();
  await page.getByRole("button", { name: "Débrancher" }).click();
  await page.getByText("Liaison perdue depuis").waitFor({ timeout: 15_000 });
  const cut = (await room.call("status")).link.now;

  await room.openSheet(read.line.reference);
  // A read needs no preparation: it changes nothing.
  await page.getByRole("button", { name: "Relire l'état" }).click();
  await until("A waits", async () => (await room.commandsOn(read))[0]?.state === "queued");

  await room.openSheet(light.line.reference);
  const comfort = await room.prepare("Régler le niveau", 40);
  await comfort.getByRole("button", { name: "Mettre à transmettre" }).click();
  await until("B waits", async () => (await room.commandsOn(light))[0]?.state === "queued");

  await room.openSheet(building.line.reference);
  const service = await room.prepare("Régler le chauffage", 17);
  await service.getByText(/jamais envoyée d'elle-même/).waitFor();
  await service.getByRole("button", { name: "Noter l'ordre" }).click();
  await until("C is kept", async () => (await room.commandsOn(building))[0]?.state === "intent");

  await room.openSheet(junction.line.reference);
  const danger = await room.prepare("Éteindre les feux");
  await danger.getByText(junction.phone).waitFor();
  await danger.getByRole("button", { name: "Noter l'intention" }).click();
  await until("D is noted", async () => (await room.commandsOn(junction))[0]?.state === "noted");

  // Four hours.
  await room.call("training", { speed: 3600 });
  await until("four hours have passed", async () => (await room.call("status")).link.now > cut + FOUR_HOURS, 60_000);
  await room.call("training", { speed: 1 });
  await page.getByText("Liaison perdue depuis").waitFor();
  assert.equal((await room.commandsOn(light))[0].state, "expired", "B does not outlive its life, link or not");

  // 18:00: the link is back. Everything is read before anything is said or sent.
  await room.call("training", { plugged: true });
  await room.link("live");
  await until("the read went by itself", async () => SENT.includes((await room.commandsOn(read))[0].state));

  await page.getByRole("button", { name: "Ouvrir la reprise" }).click();
  const review = page.getByRole("dialog", { name: "Reprise" });
  for (const text of ["Vous voyiez", "Vous vouliez", "Réel"]) await review.getByText(text).first().waitFor();
  const { cards, ended, read_at } = await room.call("review");
  assert.deepEqual(cards.map((card) => card.command.equipment_id), [building.line.equipment_id]);
  assert.ok(read_at > cut + FOUR_HOURS, "what is true now was read now");
  assert.ok(ended.some((command) => command.equipment_id === light.line.equipment_id), "B is listed as expired");

  // The default key abandons.
  await review.getByRole("grid", { name: "Ordres à décider" }).getByRole("row", { name: building.line.name }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await until("the intent is abandoned", async () => (await room.commandsOn(building))[0].state === "abandoned");
  await review.getByRole("button", { name: /^Fermer la reprise/ }).and(page.locator(":focus")).waitFor();

  // Nothing fires late: only the read ever reached the metropolis.
  for (const sheet of [light, building, junction]) {
    for (const command of await room.commandsOn(sheet)) {
      const states = command.events.map((event) => event.to);
      assert.ok(!states.some((state) => SENT.includes(state)), `${sheet.line.reference} was sent: ${states}`);
    }
  }
  const after = await room.call("object", { equipment_id: junction.line.equipment_id });
  assert.equal(after.line.reading.aspect, "normal");
  assert.deepEqual(room.complaints, []);
});

test("a command that is on the screen when the link is lost says at once what becomes of it now, and again when it is back", async (t) => {
  const room = await open(t);
  const { page } = room;
  const building = await room.healthy("building");
  await room.openSheet(building.line.reference);
  const flow = await room.prepare("Régler le chauffage", 17);
  await flow.getByRole("button", { name: "Commander" }).waitFor();
  await room.call("training", { plugged: false });
  await flow.getByText("La liaison a changé entre-temps").waitFor({ timeout: 15_000 });
  await flow.getByText(/jamais envoyée d'elle-même/).waitFor();
  await flow.getByRole("button", { name: "Noter l'ordre" }).waitFor();
  assert.equal(await flow.getByRole("button", { name: "Commander" }).count(), 0);
  // The keyboard is on what is said, and on nothing that acts.
  await flow.getByRole("heading", { name: "Ce qui va se passer" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await room.call("training", { plugged: true });
  await flow.getByRole("button", { name: "Commander" }).waitFor({ timeout: 30_000 });
  assert.deepEqual(await room.commandsOn(building), []);
  assert.deepEqual(room.complaints, []);
});

test("what waits survives the end of the program, and nothing is sent by the restart itself", async (t) => {
  const room = await open(t);
  const building = await room.healthy("building");
  await room.call("training", { plugged: false });
  await room.link("lost");
  await room.openSheet(building.line.reference);
  const flow = await room.prepare("Régler le chauffage", 17);
  await flow.getByRole("button", { name: "Noter l'ordre" }).click();
  await until("C is kept", async () => (await room.commandsOn(building))[0]?.state === "intent");
  await room.page.reload();
  await room.page.getByText("Liaison perdue depuis").waitFor({ timeout: 15_000 });
  await room.page.getByRole("button", { name: "À transmettre" }).click();
  await room.page.getByText("ordre noté, non envoyé").first().waitFor();
});
