// A night in which the Ouche rises: colours with their words, a gauge that is lost, what a level takes, and a cut in the middle.

import assert from "node:assert/strict";
import test from "node:test";
import { open } from "./house.mjs";

const LONG = { timeout: 120_000 };

test("the Ouche rises from green to red, a gauge is lost, a level says what it takes, and a cut keeps the last bulletin", async (t) => {
  const room = await open(t);
  const { page } = room;
  const panel = page.getByRole("complementary", { name: "Crues" });
  await page.getByRole("navigation", { name: "Écrans" }).getByRole("button", { name: "Crues" }).click();
  const reaches = panel.getByRole("region", { name: "Tronçons" });
  await reaches.getByText("vert", { exact: true }).first().waitFor();
  await panel.getByText("© VIGICRUES").waitFor();

  await room.call("training", { scenario: "rising-river", speed: 1200, plugged: null });
  await reaches.getByText("rouge", { exact: true }).first().waitFor(LONG);
  await panel.getByText("perdue dans la crue").first().waitFor(LONG);

  // By keyboard to a gauge, and to what its level takes.
  await panel.locator("#gauges [role=option]", { hasText: "Ouche à Plombières" }).click();
  const gauge = panel.getByRole("group", { name: "Ouche à Plombières" });
  await gauge.getByRole("slider").waitFor();
  await gauge.getByRole("radio").last().check();
  await gauge.getByText("Qui appeler").waitFor();
  await gauge.getByText("Voirie").first().waitFor();
  await gauge.getByText("Peut être mis hors tension avant l'eau").waitFor();

  await room.call("training", { scenario: null, speed: 1, plugged: false });
  await panel.getByText("Sans liaison depuis").waitFor(LONG);
  await panel.getByText("Dernier bulletin").waitFor();
  await gauge.getByText("Qui appeler").waitFor();
  await page.keyboard.press("Escape");
  await panel.locator("#gauges").waitFor();
  await reaches.getByText("rouge", { exact: true }).first().waitFor();
  assert.deepEqual(room.complaints, []);
});
