// The ground from a service that IT named: asked for by the core, kept, and said to be kept once the service is silent.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { open, until } from "./house.mjs";

/** A white picture of 256 pixels a side: PNG (ISO/IEC 15948), one grey byte a pixel. */
function whitePicture() {
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const length = Buffer.alloc(4);
    const sum = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(256, 0);
  head.writeUInt32BE(256, 4);
  head[8] = 8;
  const rows = Buffer.concat(Array.from({ length: 256 }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(256, 255)])));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** A service that has every picture of the grid until it falls silent. */
async function service(t) {
  const asked = [];
  let silent = false;
  const picture = whitePicture();
  const server = createServer((request, response) => {
    asked.push(request.url);
    if (silent) response.writeHead(503).end();
    else response.writeHead(200, { "Content-Type": "image/png" }).end(picture);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { asked, address: `http://127.0.0.1:${server.address().port}`, silence: () => (silent = true) };
}

test("a service's pictures are drawn toned under the map with their credit, and said to be kept once it is silent", async (t) => {
  const { asked, address, silence } = await service(t);
  const room = await open(t, { args: ["--ground-tiles", `${address}/{z}/{x}/{y}.png`, "--ground-credit", "© Somebody"] });
  const { page } = room;
  const outside = [];
  page.on("request", (request) => { if (!request.url().startsWith(room.origin)) outside.push(request.url()); });
  await page.getByText("Fond : © Somebody").waitFor();
  const drawn = () => page.evaluate(() => [...document.querySelectorAll(".leaflet-tiles-pane canvas")].some((canvas) => {
    const [r, g, b] = canvas.getContext("2d").getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data;
    return r === 21 && g === 28 && b === 36;
  }));
  await until("white is not the night's ground", drawn);
  assert.match(asked[0], /^\/\d+\/\d+\/\d+\.png$/);
  silence();
  // Nearer there is nothing kept: the service is found silent, and that is said where the layers are.
  await page.getByRole("button", { name: "Agrandir" }).click();
  await page.keyboard.press("Shift+F4");
  await page.getByRole("alert").getByText("Le service du fond de carte ne répond pas").waitFor();
  // The same place anew, of which everything was kept: nothing that is still on its way or still on the page is taken for it.
  await page.reload();
  await page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn", null, { timeout: 60_000 });
  await page.getByText(/Fond : © Somebody \(images gardées, .*\d\d:\d\d\)/).waitFor();
  await until("what was kept is not drawn", drawn);
  await page.keyboard.press("Shift+F4");
  await page.getByText("Le service du fond ne répond pas : la carte montre les images gardées").waitFor();
  assert.deepEqual(outside, [], "the page asks nobody but the core");
  // A browser writes down each answer that is not good; the page itself has nothing to say.
  assert.deepEqual(room.complaints.filter((text) => !text.includes("400")), []);
});

test("a service of no use takes nothing away, and is said where the layers are", async (t) => {
  const room = await open(t, { args: ["--ground-tiles", "https://tiles.invalid/{z}/{x}.png", "--ground-credit", "Somebody"] });
  await room.page.keyboard.press("Shift+F4");
  await room.page.getByRole("alert").getByText("Le fond de carte choisi par la DSI ne peut pas servir").waitFor();
});
