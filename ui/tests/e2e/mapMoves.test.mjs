// A map that moves is a film of itself: what is seen meanwhile is what was drawn, to the pixel, and no edge is blank.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

/** How the two pictures of the map lie over it, and the pixels of a square in its middle, moved by (`dx`, `dy`). */
function look(page, dx = 0, dy = 0) {
  return page.evaluate(([dx, dy]) => {
    const map = document.getElementById("map").getBoundingClientRect();
    const [glass, film] = document.querySelectorAll(".leaflet-city-pane canvas");
    const shown = [glass, film].find((canvas) => canvas.style.display !== "none");
    const at = shown.getBoundingClientRect();
    const side = 160;
    const off = new OffscreenCanvas(side, side);
    const context = off.getContext("2d", { willReadFrequently: true });
    context.drawImage(shown, at.left - (map.left + map.width / 2 + dx - side / 2), at.top - (map.top + map.height / 2 + dy - side / 2));
    return {
      filmed: shown === film,
      // A part of a pixel is no edge: Leaflet lays the view on whole ones.
      covers: at.left < map.left + 0.5 && at.top < map.top + 0.5 && at.right > map.right - 0.5 && at.bottom > map.bottom - 0.5,
      pixels: [...new Uint32Array(context.getImageData(0, 0, side, side).data.buffer)],
    };
  }, [dx, dy]);
}

/** What is seen once nothing comes any more: names are written when the list has come. */
async function settled(page) {
  let same = 0;
  let before = await look(page);
  await until("the map does not come to rest", async () => {
    const now = await look(page);
    same = differing(before.pixels, now.pixels) === 0 ? same + 1 : 0;
    before = now;
    return same >= 10;
  });
  return before;
}

function differing(a, b) {
  return a.reduce((count, pixel, i) => count + (pixel === b[i] ? 0 : 1), 0);
}

test("a dragged map shows what was drawn, to the pixel, beyond its margin too, and is drawn anew where it stops", async (t) => {
  // Time stands still, and so does the city.
  const room = await open(t, { args: ["--speed", "0"] });
  const { page } = room;
  // With reduced motion a map that is let go stops there.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(room.address);
  await until("the map is not drawn", () => page.evaluate(() => document.querySelector(".leaflet-city-pane canvas") !== null));
  const box = await page.locator("#map").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const still = await settled(page);
  assert.equal(still.filmed, false);
  assert.ok(new Set(still.pixels).size > 3, "there is a city in the middle");

  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 40, y + 30, { steps: 4 });
  await until("it is not filmed", async () => (await look(page)).filmed);
  const moving = await look(page, 40, 30);
  assert.equal(moving.covers, true, "no blank edge");
  assert.equal(differing(still.pixels, moving.pixels), 0, "pixels that differ while it moves");

  // Half of the map's width: twice the margin.
  await page.mouse.move(x + box.width / 2 - 10, y + 30, { steps: 12 });
  await until("the margin is used up and not drawn anew", async () => (await look(page)).covers);

  await page.mouse.move(x + 60, y - 20, { steps: 6 });
  await page.mouse.up();
  let after;
  await until("it is still filmed, or its edge is blank", async () => {
    after = await look(page, 60, -20);
    return !after.filmed && after.covers;
  });
  assert.equal(differing(still.pixels, after.pixels), 0, "pixels that differ where it stopped");
  assert.deepEqual(room.complaints, []);
});
