import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./house.mjs";

test("the map shows the whole city, without a complaint of the content policy", async (t) => {
  const room = await open(t);
  const { total } = await room.call("objects", { kinds: [], abnormal: false, bounds: null, offset: 0, limit: 1 });
  const points = await room.page.evaluate(() => Number(document.documentElement.dataset.points));
  assert.equal(points, total);
  assert.deepEqual(room.complaints, []);
});

test("the token leaves the visible address and the page still reaches the core after a reload", async (t) => {
  const room = await open(t);
  assert.ok(!room.page.url().includes(room.token), room.page.url());
  await room.page.reload();
  await room.page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn");
});

test("an object is found by its reference, and its sheet says its state, age and source", async (t) => {
  const room = await open(t);
  const light = await room.healthy("street_light");
  await room.openSheet(light.line.reference);
  const sheet = room.page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByText(/mesuré à .* · il y a .* · /).waitFor();
  await sheet.getByRole("heading", { name: "Historique" }).waitFor();
});

test("the list twin counts the same abnormal objects as the core, the worst first", async (t) => {
  const room = await open(t);
  const { lines, total } = await room.call("objects", { kinds: [], abnormal: true, bounds: null, offset: 0, limit: 1 });
  assert.ok(total > 0);
  const list = room.page.getByRole("listbox", { name: "Objets, les plus urgents d'abord" });
  await list.getByText(lines[0].reference).first().waitFor();
});
