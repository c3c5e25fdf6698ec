import { describe, expect, it } from "vitest";
import { LAYERS, showsZone } from "../../../src/map/layers";
import { choiceOf, EVERYTHING, isNarrow } from "../../../src/state/choice";
import { MapTools } from "../../../src/state/mapTools.svelte";
import type { SavedView } from "../../../src/state/views.svelte";

class Shelf implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
  removeItem = (key: string): void => void this.kept.delete(key);
}

function tools(shelf: Shelf, login = "agnes", desk = "Poste 1", window = "main"): MapTools {
  const made = new MapTools(shelf as unknown as Storage);
  made.of(login, desk, window);
  return made;
}

function view(name: string): SavedView {
  return { name, bounds: [5, 47.3, 5.1, 47.35], choice: { ...EVERYTHING, kinds: ["camera"] }, layers: ["ground", "cones"] };
}

describe("layers", () => {
  it("are all shown at first, and kept for the desk's window, whoever sits there", () => {
    const shelf = new Shelf();
    const first = tools(shelf);
    expect([...first.layers.shown]).toEqual(LAYERS);
    first.layers.toggle("cones");
    expect(tools(shelf, "bruno").layers.shown.has("cones")).toBe(false);
    expect(tools(shelf, "bruno", "Poste 1", "map").layers.shown.has("cones")).toBe(true);
    expect(tools(shelf, "bruno", "Poste 2").layers.shown.has("cones")).toBe(true);
  });

  it("that a newer program adds are shown, and what was kept of none that is known does nothing", () => {
    const shelf = new Shelf();
    shelf.setItem("vigie.layers.Poste 1 main", "labels from_the_future");
    expect([...tools(shelf).layers.shown]).toEqual(LAYERS.filter((layer) => layer !== "labels"));
  });

  it("leave a zone of a kind that is not known in sight", () => {
    expect(showsZone(new Set(), "from_the_future")).toBe(true);
    expect(showsZone(new Set(), "cctv")).toBe(false);
  });
});

describe("saved views", () => {
  it("are there again after a restart, for their account only, by name", () => {
    const shelf = new Shelf();
    const mine = tools(shelf).views;
    expect([mine.save(view("Gare")), mine.save(view(" Centre "))]).toEqual([true, true]);
    expect(tools(shelf).views.list).toEqual([view("Centre"), view("Gare")]);
    expect(tools(shelf, "bruno").views.list).toEqual([]);
  });

  it("take the place of the one that had the name, and are removed", () => {
    const { views } = tools(new Shelf());
    views.save(view("Gare"));
    views.save({ ...view("Gare"), layers: [] });
    expect(views.list.map(({ layers }) => layers)).toEqual([[]]);
    views.remove("Gare");
    expect(views.list).toEqual([]);
  });

  it("are refused without a name, and beyond forty", () => {
    const { views } = tools(new Shelf());
    expect(views.save(view("  "))).toBe(false);
    for (let n = 0; n < 40; n++) expect(views.save(view(`Vue ${n}`))).toBe(true);
    expect([views.save(view("Une de trop")), views.save(view("Vue 7"))]).toEqual([false, true]);
  });

  it("that make no sense are left out, and unknown choices show more rather than less", () => {
    const shelf = new Shelf();
    const kept = [null, {}, { ...view("A"), bounds: [5, 47, 4, 48] }, { ...view("B"), bounds: "here" }, { ...view("C"), choice: { kinds: ["camera", "tank"], looks: 3 }, layers: null }];
    shelf.setItem("vigie.views.agnes", JSON.stringify(kept));
    const { list } = tools(shelf).views;
    expect(list.map(({ name, choice, layers }) => [name, choice, layers])).toEqual([["C", { ...EVERYTHING, kinds: ["camera"] }, LAYERS]]);
    for (const broken of ["{", "7", "null"]) {
      shelf.setItem("vigie.views.agnes", broken);
      expect(tools(shelf).views.list).toEqual([]);
    }
  });
});

describe("the tools", () => {
  it("open one at a time by their keys, close by the same key, and a measure goes on beside them", () => {
    const one = tools(new Shelf());
    expect([one.act("filter"), one.open]).toEqual([true, "filter"]);
    expect([one.act("layers"), one.open]).toEqual([true, "layers"]);
    expect([one.act("measure"), one.open, one.measure]).toEqual([true, "layers", []]);
    expect([one.act("layers"), one.open]).toEqual([true, null]);
    expect(one.act("alarms")).toBe(false);
  });

  it("close one by one on the way back", () => {
    const one = tools(new Shelf());
    one.act("measure");
    one.act("views");
    expect([one.back(), one.open, one.measure]).toEqual([true, null, []]);
    expect([one.back(), one.measure]).toEqual([true, null]);
    expect(one.back()).toBe(false);
  });

  it("are put away when someone else sits down", () => {
    const one = tools(new Shelf());
    one.act("measure");
    one.act("filter");
    one.of("bruno", "Poste 1", "main");
    expect([one.open, one.measure]).toEqual([null, null]);
  });

  it("measure corner by corner, and take the last one back", () => {
    const one = tools(new Shelf());
    one.place({ lon: 5, lat: 47 });
    expect(one.measure, "nothing is measured yet").toBeNull();
    one.act("measure");
    one.place({ lon: 5, lat: 47 });
    one.place({ lon: 5, lat: 48 });
    one.unplace();
    expect(one.measure).toEqual([{ lon: 5, lat: 47 }]);
  });
});

describe("a choice", () => {
  it("is narrow as soon as anything is chosen", () => {
    expect(isNarrow(EVERYTHING)).toBe(false);
    expect(isNarrow({ ...EVERYTHING, ages: ["never"] })).toBe(true);
    expect(isNarrow({ ...EVERYTHING, services: [""] }), "objects of no service").toBe(true);
    expect(choiceOf({ services: ["EP", "", null] }), "a view of before had none").toEqual({ ...EVERYTHING, services: ["EP", ""] });
    expect(choiceOf({ ages: ["never", "soon"], communes: ["21231", 7] })).toEqual({ ...EVERYTHING, ages: ["never"], communes: ["21231"] });
  });
});
