// The view as a page for the printer: asked for by key, printed once, and all that a sheet of paper needs to be read later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { open, until } from "./house.mjs";

/** A room whose page counts what it would have given to the printer. */
async function counted(t) {
  const room = await open(t);
  await room.page.addInitScript(() => {
    window.printed = 0;
    window.print = () => { window.printed += 1; };
  });
  await room.page.reload();
  await room.page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn", null, { timeout: 60_000 });
  return room;
}

/** Opens the page by its key, once its map is drawn. */
async function sheetOf(page) {
  await page.keyboard.press("Control+p");
  const sheet = page.locator(".print-page");
  await sheet.locator(".scale").waitFor();
  return sheet;
}

/** What has a place on paper, within the page itself. */
const onPaper = (page, part) =>
  page.locator(part).evaluate((element) => {
    const box = element.getBoundingClientRect();
    const sheet = document.querySelector(".print-page").getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.left >= sheet.left && box.right <= sheet.right + 1 && box.bottom <= sheet.bottom + 1;
  });

/** How many colours each picture of a PDF has. */
function picturesOf(pdf) {
  const text = pdf.toString("latin1");
  const found = [];
  for (const match of text.matchAll(/<<([^<>]*\/Subtype \/Image[^<>]*)>>\s*stream\r?\n/g)) {
    const [width, height, length] = ["Width", "Height", "Length"].map((name) => Number(new RegExp(`/${name} (\\d+)`).exec(match[1])?.[1]));
    if (!/\/Filter \/FlateDecode/.test(match[1])) continue;
    const from = match.index + match[0].length;
    const bytes = inflateSync(pdf.subarray(from, from + length));
    // What is transparent is a picture of one byte for each pixel: of no matter here.
    if (bytes.length !== width * height * 3) continue;
    const colours = new Set();
    for (let i = 0; i < bytes.length; i += 3) colours.add((bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2]);
    found.push({ width, colours: colours.size });
  }
  return found;
}

/** How many colours an element has as it is shown. */
async function coloursOf(page, part) {
  const picture = (await page.locator(part).screenshot()).toString("base64");
  return page.evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    pen.drawImage(bitmap, 0, 0);
    return new Set(new Uint32Array(pen.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
  }, picture);
}

test("a page for the printer says its hour, its scale, its source and its signs, and is printed once", async (t) => {
  const room = await counted(t);
  const { page } = room;
  const sheet = await sheetOf(page);
  await page.getByLabel("Titre de la page").fill("Carrefours éteints");
  await sheet.getByRole("heading", { name: "Carrefours éteints" }).waitFor();
  assert.equal(await page.evaluate(() => window.printed), 0, "the key shows the page before anything is printed");
  await page.keyboard.press("Enter");
  await until("nothing was printed", () => page.evaluate(() => window.printed > 0));
  assert.equal(await page.evaluate(() => window.printed), 1);

  // On paper there is the page and nothing else.
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(() => [".print-page", "nav", ".screen > footer", "dialog form"].map((part) => document.querySelector(part).getClientRects().length > 0));
  assert.deepEqual(seen, [true, false, false, false]);
  for (const part of ["header h2", "header p", "header .mark", ".map", "footer ul", ".scale", ".credit"]) assert.ok(await onPaper(page, `.print-page ${part}`), part);
  await sheet.getByText(/^État du \d+ \S+ 20\d\d à \d{2}:\d{2}:\d{2} · liaison à jour à \d{2}:\d{2}/).waitFor();
  await sheet.getByText("FORMATION · aucune commande ne part sur le terrain").waitFor();
  await sheet.getByText("Fond schématique, pour la formation").waitFor();
  assert.match(await sheet.locator(".scale").innerText(), /^\s*\d+ k?m\s*$/u);
  const signs = await sheet.getByRole("list", { name: "Légende" }).getByRole("listitem").allInnerTexts();
  for (const sign of ["normal", "danger", "en défaut", "à surveiller", "sans valeur", "vieillit", "non rafraîchi", "hors de portée"]) assert.ok(signs.some((text) => text.trim() === sign), sign);

  // The map is on it, and not the place where it should be.
  assert.ok((await coloursOf(page, ".print-page .map")) > 20, "the map is blank as it is shown");
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: false });
  assert.equal(pdf.toString("latin1").match(/\/Type \/Page\b/g).length, 1, "pages");
  const pictures = picturesOf(pdf);
  assert.ok(pictures.some(({ width, colours }) => width > 1000 && colours > 20), `the map is blank on paper: ${JSON.stringify(pictures)}`);
  assert.deepEqual(room.complaints, []);
});

test("a page that is printed without a link says since when, and of which hour what it shows is", async (t) => {
  const room = await counted(t);
  await room.call("training", { plugged: false });
  await room.page.getByText("Liaison perdue depuis").first().waitFor();
  const sheet = await sheetOf(room.page);
  await sheet.getByText(/Liaison perdue depuis \d{2}:\d{2}/).waitFor();
  await sheet.getByText(/date au plus tard de/).waitFor();
  assert.deepEqual(room.complaints, []);
});
