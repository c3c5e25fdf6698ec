// Every screen through axe-core, in both themes: no violation. What axe cannot see (shapes, colour-blindness, contrast of what is
// drawn on the canvas) is tested beside the tokens and the symbols.
import assert from "node:assert/strict";
import { test } from "node:test";
import { violations } from "../violations.mjs";
import { open, until } from "./house.mjs";

const street = async (room) => {
  await room.openSheet("L-00001");
  await room.page.getByRole("button", { name: "Toute cette rue…" }).click();
  const panel = room.page.getByRole("region", { name: "Commander plusieurs objets" });
  await panel.getByLabel("Ce qui est demandé, à quels objets").selectOption("street_light.set_level");
  await panel.locator("input[type=number]").fill("60");
  return panel;
};
const away = async (room) => { for (let i = 0; i < 3; i++) await back(room); await rail(room, "Carte"); };

/** Goes down the list of alarms to one of which this may be asked, and asks it. */
const ofAlarm = async (room, name) => {
  await room.page.keyboard.press("F2");
  const key = room.page.getByRole("button", { name });
  await room.page.locator("#alarms [role=option]").first().waitFor();
  for (let i = 0; i < 20 && !(await key.isVisible()); i++) await room.page.keyboard.press("ArrowDown");
  await key.click();
  await room.page.getByRole("dialog").waitFor();
};
const programmes = async (room) => {
  await room.page.keyboard.press("Shift+F9");
  await room.page.getByRole("heading", { name: "Programmes" }).waitFor();
};

const rail = (room, name) => room.page.locator("nav").getByRole("button", { name }).click();
const back = (room) => room.page.keyboard.press("Escape");

/** Each leaves the room as it found it. */
const SCREENS = {
  map: { show: async () => {}, leave: async () => {} },
  sheet: { show: async (room) => room.openSheet("L-00001"), leave: back },
  command: {
    show: async (room) => { await room.openSheet("L-00001"); await room.prepare("Régler le niveau", 40); },
    leave: async (room) => { await back(room); await back(room); },
  },
  palette: { show: async (room) => { await room.page.keyboard.press("F3"); await room.page.getByRole("combobox").fill("rue"); await room.page.getByRole("group", { name: "Objets", exact: true }).waitFor(); }, leave: back },
  keys: { show: async (room) => room.page.keyboard.press("Shift+F1"), leave: back },
  filter: { show: async (room) => { await room.page.keyboard.press("F4"); await room.page.getByRole("checkbox", { name: /^Caméras/ }).check(); await room.page.locator("main .hidden-note").waitFor(); }, leave: async (room) => { await room.page.getByRole("region", { name: "Filtrer les objets" }).getByRole("button", { name: "Tout afficher" }).click(); await back(room); } },
  layers: { show: async (room) => { await room.page.keyboard.press("Shift+F4"); await room.page.getByRole("checkbox", { name: /^Fond/ }).waitFor(); }, leave: back },
  views: { show: async (room) => { await room.page.keyboard.press("F7"); await room.page.getByLabel("Nom de la vue affichée").fill("Centre"); await room.page.keyboard.press("Enter"); await room.page.getByRole("button", { name: "Supprimer Centre" }).waitFor(); }, leave: back },
  measure: { show: async (room) => { await room.page.keyboard.press("Control+m"); await room.page.getByRole("region", { name: "Mesure" }).waitFor(); }, leave: back },
  print: { show: async (room) => { await room.page.keyboard.press("Control+p"); await room.page.locator(".print-page h2").waitFor(); }, leave: back },
  zones: { show: async (room) => { await room.page.getByRole("button", { name: "Zones", exact: true }).click(); await room.page.locator("#zones [role=option]").first().waitFor(); }, leave: async () => {} },
  cameras: { show: async (room) => { await room.page.getByRole("button", { name: "Caméras", exact: true }).click(); await room.page.locator("#cameras [role=option]").first().waitFor(); }, leave: async (room) => room.page.getByRole("button", { name: "Objets", exact: true }).click() },
  help: { show: async (room) => room.page.keyboard.press("F1"), leave: back },
  settings: { show: async (room) => rail(room, "Réglages"), leave: back },
  composer: { show: async (room) => room.page.keyboard.press("F6"), leave: back },
  log: { show: async (room) => rail(room, "Main courante"), leave: async (room) => rail(room, "Carte") },
  outbox: { show: async (room) => rail(room, "À transmettre"), leave: async (room) => rail(room, "Carte") },
  effects: { show: async (room) => rail(room, "En vigueur"), leave: async (room) => rail(room, "Carte") },
  locks: { show: async (room) => rail(room, "Blocages"), leave: async (room) => rail(room, "Carte") },
  lock: {
    show: async (room) => {
      await room.openSheet("L-00001");
      await room.page.getByRole("button", { name: "Bloquer (équipe sur place)…" }).click();
      await room.page.getByRole("dialog").waitFor();
    },
    leave: async (room) => { await back(room); await back(room); },
  },
  training: { show: async (room) => rail(room, "Formation"), leave: async (room) => rail(room, "Carte") },
  sources: { show: async (room) => { await rail(room, "Sources"); await room.page.getByRole("complementary", { name: "Sources" }).getByRole("listitem").first().waitFor(); }, leave: away },
  flood: { show: async (room) => { await rail(room, "Crues"); await room.page.locator("#gauges [role=option]").first().waitFor(); }, leave: away },
  gauge: {
    show: async (room) => {
      await rail(room, "Crues");
      // Only the lines in sight are there.
      const line = room.page.locator("#gauges [role=option]", { hasText: "Ouche à Plombières" });
      await room.page.locator("#gauges").focus();
      await until("no such gauge", async () => {
        if (await line.count()) return true;
        await room.page.keyboard.press("ArrowDown");
        return false;
      });
      await line.click();
      await room.page.getByRole("group", { name: "Ouche à Plombières" }).getByRole("radio").first().waitFor();
    },
    leave: away,
  },
  alarms: { show: async (room) => { await room.page.keyboard.press("F2"); await room.page.locator("#alarms [role=option]").first().waitFor(); }, leave: away },
  alarm_shelve: { show: (room) => ofAlarm(room, /^Suspendre…/), leave: async (room) => { await back(room); await away(room); } },
  alarm_assign: { show: (room) => ofAlarm(room, /^Affecter…/), leave: async (room) => { await back(room); await away(room); } },
  programmes: { show: programmes, leave: away },
  programme: {
    show: async (room) => {
      await programmes(room);
      await room.page.getByRole("button", { name: "Nouveau calendrier d'éclairage" }).click();
      const editor = room.page.getByRole("region", { name: "Programme", exact: true });
      await editor.getByLabel("Nom").first().fill("Centre");
      await editor.getByRole("button", { name: "Ajouter une étape" }).click();
      await editor.getByRole("button", { name: "Ajouter un programme" }).click();
      await editor.getByRole("table").waitFor();
    },
    leave: away,
  },
  programme_plans: {
    show: async (room) => {
      await programmes(room);
      await room.page.getByRole("button", { name: "Nouveaux plans de feux" }).click();
      await room.page.getByRole("region", { name: "Programme", exact: true }).getByLabel("Nom").first().waitFor();
    },
    leave: away,
  },
  camera: {
    show: async (room) => {
      const camera = await room.healthy("camera");
      await room.openSheet(camera.line.reference);
      await room.page.getByRole("region", { name: "Conduire la caméra" }).waitFor();
    },
    leave: back,
  },
  suspended: {
    show: async (room) => {
      await room.openSheet("L-00001");
      await room.page.keyboard.press("Control+Shift+L");
      await room.page.getByText("Session suspendue depuis").waitFor();
      await room.page.getByRole("region", { name: "Fiche de l'objet" }).waitFor();
    },
    leave: async (room) => {
      await room.page.keyboard.press("Enter");
      await room.page.getByRole("navigation", { name: "Écrans" }).waitFor();
      await back(room);
    },
  },
  group_chosen: {
    show: async (room) => {
      await rail(room, "À transmettre");
      await room.page.getByRole("button", { name: "Commander plusieurs objets…" }).click();
      await room.page.getByRole("region", { name: "Commander plusieurs objets" }).getByLabel("Une commune").waitFor();
    },
    leave: away,
  },
  group: { show: async (room) => { await street(room); }, leave: away },
  group_prepared: {
    show: async (room) => {
      const panel = await street(room);
      await panel.getByRole("button", { name: "Préparer" }).click();
      await panel.getByRole("heading", { name: "Ce qui va se passer" }).waitFor();
    },
    leave: async () => {},
  },
  group_followed: { show: async (room) => { await room.page.getByRole("button", { name: "Commander", exact: true }).click(); await room.page.getByText(/faits sur/).first().waitFor(); }, leave: away },
  second_person: {
    show: async (room) => {
      const junction = await room.healthy("signal_junction");
      await room.openSheet(junction.line.reference);
      const flow = await room.prepare("Mettre au clignotant");
      await flow.getByRole("button", { name: "Demander une seconde personne" }).click();
      await flow.getByText(/Accord de/).waitFor();
      await flow.getByRole("button", { name: "Sélectionner" }).click();
      await flow.getByLabel(/^Tapez la référence/).waitFor();
    },
    leave: away,
  },
  alone: {
    show: async (room) => {
      await room.call("training", { second: false });
      const bollard = await room.healthy("bollard");
      await room.openSheet(bollard.line.reference);
      const flow = await room.prepare("Baisser la borne");
      await flow.getByRole("button", { name: "Demander une seconde personne" }).click();
      await flow.getByText(/Sans réponse dans/).waitFor();
      // Its thirty seconds pass in three.
      await room.call("training", { speed: 10 });
      await flow.getByRole("button", { name: "Opérer seul…" }).click();
      await room.call("training", { speed: 1 });
      await flow.getByLabel("Qui a appelé").waitFor();
    },
    leave: away,
  },
  locked: {
    show: async (room) => {
      await room.openSheet("L-00001");
      await room.page.getByRole("button", { name: "Bloquer (équipe sur place)…" }).click();
      await room.page.getByRole("dialog").waitFor();
      for (const words of ["Karim Saïdi", "06 12 34 56 78", "Armoire", "Contrôleur"]) {
        await room.page.keyboard.type(words);
        await room.page.keyboard.press("Tab");
      }
      await room.page.keyboard.press("Control+Enter");
      await room.page.getByText("Télécommande bloquée : équipe sur place.").first().waitFor();
    },
    leave: async () => {},
  },
  forced: { show: async (room) => { await room.page.getByRole("button", { name: "Lever sans le titulaire…" }).first().click(); await room.page.getByRole("dialog").waitFor(); }, leave: async (room) => { await back(room); await away(room); } },
  cut: {
    show: async (room) => {
      const junction = await room.healthy("signal_junction");
      await room.call("training", { plugged: false });
      await room.link("lost");
      await room.openSheet(junction.line.reference);
      const flow = await room.prepare("Changer de plan", 2);
      await flow.getByRole("button", { name: "Noter l'ordre" }).click();
      await room.page.getByText("Ordre noté, non envoyé.").first().waitFor();
    },
    leave: async () => {},
  },
  review: {
    show: async (room) => {
      await room.call("training", { plugged: true });
      await room.link("live");
      // It opens by itself: nobody is in the middle of a command.
      await room.page.getByRole("grid", { name: "Ordres à décider" }).getByRole("row").first().waitFor();
    },
    leave: back,
  },
};

/** The windows beside the main one: what each shows once an object is chosen and alarms are there. */
const WINDOWS = {
  map: (window) => window.locator("#map canvas").first().waitFor(),
  alarms: (window) => window.locator("#alarms [role=option]").first().waitFor(),
  sheet: (window) => window.getByText("réf. L-00001").waitFor(),
};


for (const theme of ["night", "day"]) {
  test(`no screen breaks a rule of axe-core, ${theme}`, async (t) => {
    const room = await open(t);
    await room.page.evaluate((chosen) => localStorage.setItem("vigie.theme", chosen), theme);
    await room.page.reload();
    await room.page.waitForFunction(() => document.documentElement.dataset.vigie === "drawn");
    for (const [name, { show, leave }] of Object.entries(SCREENS)) {
      await show(room);
      assert.deepEqual(await violations(room.page), [], name);
      await leave(room);
    }
  });
}

for (const theme of ["night", "day"]) {
  test(`no window beside the main one breaks a rule of axe-core, with and without a link and suspended, ${theme}`, async (t) => {
    const room = await open(t);
    await room.page.evaluate((chosen) => localStorage.setItem("vigie.theme", chosen), theme);
    const windows = {};
    for (const view of Object.keys(WINDOWS)) {
      windows[view] = await room.page.context().newPage();
      await windows[view].goto(`${room.origin}/?view=${view}&token=${room.token}`);
    }
    await windows.sheet.getByText("Aucun objet choisi").waitFor();
    assert.deepEqual(await violations(windows.sheet), [], "sheet of nothing");
    await room.openSheet("L-00001");
    for (const [view, shown] of Object.entries(WINDOWS)) {
      await shown(windows[view]);
      assert.deepEqual(await violations(windows[view]), [], view);
    }
    await windows.alarms.locator("#alarms").focus();
    const shelve = windows.alarms.getByRole("button", { name: /^Suspendre…/ });
    for (let i = 0; i < 20 && !(await shelve.isVisible()); i++) await windows.alarms.keyboard.press("ArrowDown");
    await shelve.click();
    await windows.alarms.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(windows.alarms), [], "alarms, shelving");
    await back({ page: windows.alarms });
    await room.call("suspend");
    for (const view of Object.keys(WINDOWS)) {
      await windows[view].getByText("Session suspendue depuis").waitFor();
      assert.deepEqual(await violations(windows[view]), [], `${view}, suspended`);
    }
    await room.page.keyboard.press("Enter");
    await room.page.getByRole("navigation", { name: "Écrans" }).waitFor();
    await room.call("training", { plugged: false });
    for (const view of Object.keys(WINDOWS)) {
      await windows[view].getByText("Liaison perdue depuis").first().waitFor();
      assert.deepEqual(await violations(windows[view]), [], `${view}, cut`);
    }
  });
}

test("at twice the size every part is reached without scrolling sideways", async (t) => {
  const room = await open(t);
  // 1366 × 768 at 200 % is a page of 683 × 384.
  await room.page.setViewportSize({ width: 683, height: 384 });
  const { wide, seen } = await room.page.evaluate(() => ({ wide: document.documentElement.scrollWidth, seen: window.innerWidth }));
  assert.ok(wide <= seen, `${wide} > ${seen}`);
  for (const name of ["Carte", "Main courante", "Réglages"]) {
    const entry = room.page.locator("nav").getByRole("button", { name });
    await entry.scrollIntoViewIfNeeded();
    assert.ok(await entry.isVisible(), name);
  }
  const map = await room.page.locator("main").boundingBox();
  for (const tool of await room.page.getByRole("group", { name: "Outils de la carte" }).getByRole("button").all()) {
    const box = await tool.boundingBox();
    assert.ok(box.y >= map.y && box.y + box.height <= map.y + map.height, `cut off: ${await tool.getAttribute("aria-label")}`);
  }
  await room.openSheet("L-00001");
  await room.page.getByRole("region", { name: "Fiche de l'objet" }).getByRole("button", { name: "Régler le niveau" }).scrollIntoViewIfNeeded();
});
