// In the few colours that a system forces on every page, states are told apart by their shapes and the keyboard is seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./house.mjs";

/** Share of the pixels that a person would tell apart between two pictures of the same size. */
const difference = (page, one, other) =>
  page.evaluate(async (pictures) => {
    const [a, b] = await Promise.all(pictures.map(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height).data;
    }));
    let told = 0;
    for (let i = 0; i < a.length; i += 4) {
      const grey = (data) => 0.3 * data[i] + 0.59 * data[i + 1] + 0.11 * data[i + 2];
      if (Math.abs(grey(a) - grey(b)) > 96) told++;
    }
    return told / (a.length / 4);
  }, [one.toString("base64"), other.toString("base64")]);

async function forced(t, scheme) {
  const room = await open(t);
  await room.page.emulateMedia({ forcedColors: "active", colorScheme: scheme });
  return room;
}

for (const scheme of ["dark", "light"]) {
  test(`states are told apart without any colour of ours, ${scheme}`, async (t) => {
    const { page } = await forced(t, scheme);
    const legend = page.getByRole("list", { name: "Légende" });
    const pictures = new Map();
    for (const look of ["normal", "danger", "en défaut", "à surveiller", "sans valeur"]) {
      const { x, y, width, height } = await legend.getByRole("listitem").filter({ hasText: look }).first().locator("svg").boundingBox();
      // The same square around each: what is compared is the mark, not its frame.
      pictures.set(look, await page.screenshot({ clip: { x: Math.round(x + width / 2) - 8, y: Math.round(y + height / 2) - 8, width: 16, height: 16 } }));
    }
    for (const [one, picture] of pictures) {
      for (const [other, second] of pictures) {
        if (one < other) assert.ok((await difference(page, picture, second)) > 0.08, `${one} looks like ${other}`);
      }
    }
  });
}

test("whatever has the keyboard is seen to have it", async (t) => {
  const { page } = await forced(t, "dark");
  const unseen = [];
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const { name, seen } = await page.evaluate(() => {
      const at = document.activeElement;
      const outlined = (element) => {
        const { outlineStyle, outlineWidth, outlineColor, backgroundColor } = getComputedStyle(element);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && outlineColor !== backgroundColor;
      };
      // Of a list, its line or the list itself; of a field in a frame, the frame.
      const line = at.getAttribute("role") === "listbox" ? document.getElementById(at.getAttribute("aria-activedescendant") ?? "") : null;
      return { name: at.getAttribute("aria-label") ?? at.textContent.trim().slice(0, 40), seen: at === document.body || outlined(at) || outlined(at.parentElement) || (line !== null && [line, ...line.querySelectorAll("*")].some(outlined)) };
    });
    if (!seen) unseen.push(name);
  }
  assert.deepEqual(unseen, []);
});
