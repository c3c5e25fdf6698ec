// The alarm flood: a substation fails, and with it what it feeds; two other causes come at the same time. By keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

const ALL = { list: "open", under: null, flat: false, equipment_id: null, kinds: [], priorities: [], untaken: false, mine: false, insee_code: null, offset: 0, limit: 0 };
const MOST_KEYS = 20;

/** A keyboard that counts. */
function keyboard(page) {
  const pressed = [];
  return {
    pressed,
    async press(key) {
      pressed.push(key);
      await page.keyboard.press(key);
    },
  };
}

/** Plays the scenario until the room is flooded; the causes, as the core knows them. */
async function flooded(room) {
  await room.call("training", { scenario: "alarm-flood", speed: 60 });
  await until("there are not 400 alarms", async () => (await room.call("alarms", { ...ALL, flat: true })).total >= 400, 120_000);
  await room.call("training", { speed: 1 });
  const { alarms } = await room.call("alarms", ALL);
  return alarms.filter((alarm) => alarm.under > 0);
}

/** The alarm whose line has the focus. */
const focused = (page) =>
  page.evaluate(() => {
    const list = document.activeElement;
    if (list?.id !== "alarms") return null;
    return document.getElementById(list.getAttribute("aria-activedescendant"))?.textContent ?? null;
  });

test("400 alarms in ten minutes: the bar and the list lead to the three causes in at most 20 keystrokes", async (t) => {
  const room = await open(t);
  const { page } = room;
  const causes = await flooded(room);
  assert.equal(causes.length, 3, `causes: ${causes.map((cause) => cause.message)}`);
  const bar = page.getByRole("region", { name: "Barre des alarmes" });
  await bar.getByText(/Avalanche/).waitFor();

  // Some were taken before the flood: a lamp that had failed already stands under its cabinet now.
  const takenUnder = async () => {
    const under = await room.call("alarms", { ...ALL, under: causes[0].alarm_id });
    assert.ok(under.total > 0);
    return under.alarms.filter((alarm) => alarm.acknowledged).map((alarm) => alarm.alarm_id).sort();
  };
  const before = await takenUnder();

  const keys = keyboard(page);
  const sheet = page.getByRole("region", { name: "Fiche de l'objet" });
  const take = page.getByRole("button", { name: "Prendre en charge" });
  const reached = new Set();
  while (reached.size < 3 && keys.pressed.length < MOST_KEYS) {
    await keys.press("F2");
    let line = await until("the most urgent alarm does not have the focus", () => focused(page));
    // What endangers people may stand between the causes: it is never put under one.
    const next = () => causes.find((one) => !reached.has(one.alarm_id) && line.includes(one.name || one.reference));
    while (!next() && keys.pressed.length < MOST_KEYS) {
      const former = line;
      await keys.press("ArrowDown");
      line = await until("the focus does not move", async () => {
        const now = await focused(page);
        return now !== former && now;
      });
    }
    const cause = next();
    assert.ok(cause, `no cause within ${MOST_KEYS} keys; the last line was: ${line}`);
    // Read for a second, then taken: this occurrence, and nothing under it or beside it.
    await take.waitFor();
    await until("the line was not shown for a second", () => take.isEnabled());
    await keys.press("Space");
    await until("nobody took it", async () => (await room.call("alarm", { alarm_id: cause.alarm_id })).alarm.acknowledged);
    if (cause.equipment_id !== null) {
      await keys.press("Enter");
      await sheet.getByText(`réf. ${cause.reference}`).waitFor();
    }
    reached.add(cause.alarm_id);
  }
  assert.equal(reached.size, 3);
  assert.ok(keys.pressed.length <= MOST_KEYS, `${keys.pressed.length}: ${keys.pressed}`);

  // What is under a cause was neither taken nor hidden.
  assert.deepEqual(await takenUnder(), before);
  assert.deepEqual(room.complaints, []);
});

test("an alarm is seen, taken, located, asked about and logged in at most six keystrokes", async (t) => {
  const room = await open(t);
  const { page } = room;
  await flooded(room);
  const { top } = await room.call("alarm_summary");
  const sheet = await room.call("object", { equipment_id: top.equipment_id });
  const keys = keyboard(page);

  await keys.press("F2");
  await until("the alarm does not have the focus", () => focused(page));
  const take = page.getByRole("button", { name: "Prendre en charge" });
  await until("the line was not shown for a second", () => take.isEnabled());
  await keys.press("Space");
  await until("nobody took it", async () => (await room.call("alarm", { alarm_id: top.alarm_id })).alarm.acknowledged);
  await keys.press("Enter");
  await page.getByRole("region", { name: "Fiche de l'objet" }).getByText(`réf. ${top.reference}`).waitFor();
  await until("the first command does not have the focus", () => page.evaluate(() => document.activeElement?.closest(".actions") !== null));
  await keys.press("Enter");
  await until("nothing was asked of the object", async () => (await room.commandsOn(sheet)).length > 0);
  await keys.press("F6");
  const text = page.getByRole("textbox", { name: "Texte de la ligne" });
  await text.waitFor();
  await page.keyboard.type("Gestionnaire du réseau appelé.");
  await keys.press("Control+Enter");
  const line = await until("the log has no line", async () => (await room.call("log", { limit: 10 })).find((one) => one.text.startsWith("Gestionnaire")));
  assert.ok(line.links.some(({ link }) => link.id === top.equipment_id), "the line speaks of the object of the alarm");
  assert.ok(keys.pressed.length <= 6, `${keys.pressed}`);
  assert.deepEqual(room.complaints, []);
});

test("without a link an acknowledgement silences this desk only, says so, and is confirmed when the link is back", async (t) => {
  const room = await open(t);
  const { page } = room;
  await flooded(room);
  await room.call("training", { plugged: false });
  await page.getByText("Liaison perdue depuis").waitFor({ timeout: 15_000 });
  const { top } = await room.call("alarm_summary");
  await page.keyboard.press("F2");
  const take = page.getByRole("button", { name: "Prendre en charge" });
  await until("the line was not shown for a second", () => take.isEnabled());
  await page.keyboard.press("Space");
  await page.getByRole("listbox", { name: "Alarmes, les plus urgentes d'abord" }).getByText("prise sur ce poste seulement, non confirmée").waitFor();
  const here = (await room.call("alarm", { alarm_id: top.alarm_id })).alarm;
  assert.deepEqual([here.asks, here.acknowledged], [false, false]);
  await room.call("training", { plugged: true });
  await room.link("live");
  await until("the metropolis does not know who has it", async () => (await room.call("alarm", { alarm_id: top.alarm_id })).alarm.acknowledged);
  await page.getByRole("listbox", { name: "Alarmes, les plus urgentes d'abord" }).getByText(/prise par vous/).first().waitFor();
});
