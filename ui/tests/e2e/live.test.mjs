// A camera that moves while a key is held, by keyboard and by pointer, and stops with whatever takes the hand away (class L).
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

const pilot = (room, camera) => room.call("pilot", { equipment_id: camera.line.equipment_id });
const pan = async (room, camera) => (await room.call("object", { equipment_id: camera.line.equipment_id })).line.reading.pan;

async function steering(room) {
  const camera = await room.healthy("camera");
  await room.openSheet(camera.line.reference);
  const keys = room.page.getByRole("region", { name: "Conduire la caméra" });
  await keys.getByText("À l'arrêt.").waitFor();
  return { camera, keys };
}

test("a camera turns while an arrow is held, says who holds it, and stops when the key is let go", async (t) => {
  const room = await open(t);
  const { camera, keys } = await steering(room);
  await keys.getByRole("button", { name: "À droite" }).focus();
  await room.page.keyboard.down("ArrowRight");
  await keys.getByText(/Tenu : À droite/).waitFor();
  await until("the room sees who moves it", async () => (await pilot(room, camera)).hold?.live === true);
  await until("it turns", async () => (await pan(room, camera)) > 0);
  await room.page.keyboard.up("ArrowRight");
  await keys.getByText("À l'arrêt.").waitFor();
  await until("nobody holds it", async () => (await pilot(room, camera)).hold === null);
  assert.deepEqual(await room.call("outbox"), [], "it was never a command");
  assert.deepEqual(room.complaints, []);
});

test("a pointer that leaves the window, and a lost link, let go", async (t) => {
  const room = await open(t);
  const { camera, keys } = await steering(room);
  const nearer = keys.getByRole("button", { name: "Rapprocher" });
  await nearer.hover();
  await room.page.mouse.down();
  await keys.getByText(/Tenu : Rapprocher/).waitFor();
  await room.page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await keys.getByText("À l'arrêt.").waitFor();
  await room.page.mouse.up();
  await until("nobody holds it", async () => (await pilot(room, camera)).hold === null);

  await nearer.hover();
  await room.page.mouse.down();
  await keys.getByText(/Tenu : Rapprocher/).waitFor();
  await room.call("training", { plugged: false, speed: null, scenario: null });
  await until("it is no longer held here", async () => (await keys.getByText(/Tenu/).count()) === 0);
  await room.page.mouse.up();
  await room.call("training", { plugged: true, speed: null, scenario: null });
  await room.link("live");
  await until("nobody holds it", async () => (await pilot(room, camera)).hold === null);
});
