/** Views of the map that a person keeps on this machine: where, what is chosen, which layers. */
import type { Bounds } from "../map/bounds";
import { LAYERS, type Layer } from "../map/layers";
import { choiceOf, type Choice } from "./choice";

const KEPT = "vigie.views.";
const MOST = 40;
/** Longest name, in characters. */
export const LONGEST_NAME = 60;

export interface SavedView {
  name: string;
  bounds: Bounds;
  choice: Choice;
  layers: readonly Layer[];
}

export class SavedViews {
  list = $state.raw<readonly SavedView[]>([]);
  #key = KEPT;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Takes the views of an account. What makes no sense is left out. */
  of(login: string): void {
    this.#key = KEPT + login;
    this.list = read(this.#storage.getItem(this.#key)).slice(0, MOST);
  }

  /** Keeps a view under its name, in the place of the one that had it; by name in the list. False when there are too many, or the name is blank. */
  save(view: SavedView): boolean {
    const name = view.name.trim().slice(0, LONGEST_NAME);
    const others = this.list.filter((other) => other.name !== name);
    if (name === "" || others.length >= MOST) return false;
    this.#keep([...others, { ...view, name }].sort((a, b) => a.name.localeCompare(b.name)));
    return true;
  }

  remove(name: string): void {
    this.#keep(this.list.filter((view) => view.name !== name));
  }

  #keep(list: readonly SavedView[]): void {
    this.list = list;
    if (list.length === 0) this.#storage.removeItem(this.#key);
    else this.#storage.setItem(this.#key, JSON.stringify(list));
  }
}

function read(kept: string | null): SavedView[] {
  try {
    const list: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(list) ? list.flatMap(viewOf) : [];
  } catch {
    return [];
  }
}

function viewOf(kept: unknown): SavedView[] {
  if (typeof kept !== "object" || kept === null) return [];
  const { name, bounds, choice, layers } = kept as Record<string, unknown>;
  if (typeof name !== "string" || name === "" || !areBounds(bounds)) return [];
  const shown = Array.isArray(layers) ? LAYERS.filter((layer) => layers.includes(layer)) : LAYERS;
  return [{ name, bounds, choice: choiceOf(choice), layers: shown }];
}

function areBounds(kept: unknown): kept is Bounds {
  if (!Array.isArray(kept) || kept.length !== 4 || !kept.every((degrees) => Number.isFinite(degrees))) return false;
  const [west, south, east, north] = kept as Bounds;
  return west < east && south < north;
}
