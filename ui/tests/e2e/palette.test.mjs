import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

const box = (room) => room.page.getByRole("combobox", { name: "Chercher et agir" });
const active = async (room) => {
  const id = await box(room).getAttribute("aria-activedescendant");
  return id === null ? "" : room.page.locator(`#${id}`).innerText();
};

test("a street is found with a slip of the finger and without accents, and the map goes there", async (t) => {
  const room = await open(t);
  const { lines: [line] } = await room.call("search", { text: "L-00001", limit: 1 });
  const { street } = await room.call("object", { equipment_id: line.equipment_id });
  const longest = street.split(/[ '-]/).sort((a, b) => b.length - a.length)[0];
  assert.ok(longest.length >= 5, street);
  const wrong = street.replace(longest, longest[0] + longest[2] + longest[1] + longest.slice(3)).normalize("NFD").replace(/\p{M}/gu, "");
  await room.page.keyboard.press("Control+k");
  await box(room).fill(wrong);
  const group = room.page.getByRole("group", { name: "Lieux" });
  await group.getByRole("option", { name: street }).first().waitFor();
  await until("the street is reached by arrow keys", async () => {
    if ((await active(room)).includes(street) && (await active(room)).includes("voie")) return true;
    await room.page.keyboard.press("ArrowDown");
    return false;
  });
  await room.page.keyboard.press("Enter");
  await room.page.getByText(`Carte sur ${street}.`).first().waitFor({ state: "attached" });
});

test("a command chosen in the palette opens its form, and nothing is sent", async (t) => {
  const room = await open(t);
  const building = await room.healthy("building");
  await room.openSheet(building.line.reference);
  for (const words of ["chauffage", "relire"]) {
    await room.page.keyboard.press("F3");
    await box(room).fill(words);
    await until(`${words} is the line that Enter takes`, async () => (await active(room)).toLowerCase().includes(words));
    await room.page.keyboard.press("Enter");
    await room.page.getByRole("region", { name: "Nouvelle commande" }).waitFor();
    assert.deepEqual(await room.commandsOn(building), [], words);
    await room.page.keyboard.press("Escape");
  }
});

test("escape leaves the palette where one was, and what was typed is there again", async (t) => {
  const room = await open(t);
  await room.page.locator("#objects").focus();
  await room.page.keyboard.press("F3");
  await box(room).fill("carrefour foch");
  await room.page.keyboard.press("Escape");
  await box(room).waitFor({ state: "detached" });
  assert.equal(await room.page.evaluate(() => document.activeElement.id), "objects");
  await room.page.keyboard.press("F3");
  assert.equal(await box(room).inputValue(), "carrefour foch");
});

test("a key is given to another act by pressing it, a taken one is refused in words, and the cheat sheet says so", async (t) => {
  const room = await open(t);
  await room.page.getByRole("button", { name: "Réglages" }).click();
  const settings = room.page.getByRole("dialog", { name: "Réglages" });
  await settings.getByRole("button", { name: "F6" }).click();
  await room.page.keyboard.press("F1");
  await settings.getByText("déjà pris par").waitFor();
  await room.page.keyboard.press("F10");
  await settings.getByRole("button", { name: "F10" }).waitFor();
  await room.page.keyboard.press("Escape");
  await room.page.keyboard.press("Shift+F1");
  await room.page.getByRole("dialog", { name: "Touches" }).getByText("F10").waitFor();
  await room.page.keyboard.press("Escape");
  await room.page.keyboard.press("F10");
  await room.page.getByRole("dialog", { name: "Nouvelle ligne" }).or(room.page.locator("form.composer")).first().waitFor();
});
