/** What lies over the map: the tool that is open, a measure, layers, saved views, and how many objects a filter hides. */
import type { Bounds } from "../map/bounds";
import type { Place } from "../map/geodesy";
import type { KeyAct } from "./keys";
import { LayerChoice } from "./layers.svelte";
import { SavedViews } from "./views.svelte";

export const TOOLS = ["filter", "layers", "views", "print"] as const;
export type Tool = (typeof TOOLS)[number];

/** The lists beside the map: of what lies on it, each layer's own. */
export const TWINS = ["objects", "zones", "cameras"] as const;
export type Twin = (typeof TWINS)[number];

export class MapTools {
  open = $state<Tool | null>(null);
  /** Corners of the measure under way; null when nothing is measured. */
  measure = $state.raw<readonly Place[] | null>(null);
  /** Which list stands beside the map. */
  twin = $state<Twin>("objects");
  /** The zone whose line has the focus. */
  highlight = $state<string | null>(null);
  /** What the map shows. */
  view = $state.raw<Bounds | null>(null);
  /**
   * Whom the ground of tiles is owed to, why one that IT chose is of no use (a code), and the instant of the oldest picture that could not be
   * asked anew.
   */
  ground = $state.raw<{ credit: string; error: string | null; keptSince: number | null }>({ credit: "", error: null, keptSince: null });
  /** Objects that the filter hides on the map. */
  hidden = $state(0);
  readonly layers: LayerChoice;
  readonly views: SavedViews;

  constructor(storage: Storage) {
    this.layers = new LayerChoice(storage);
    this.views = new SavedViews(storage);
  }

  /** Someone sits down at a desk's window: what lay over the map is put away. */
  of(login: string, desk: string, window: string): void {
    this.open = null;
    this.measure = null;
    this.twin = "objects";
    this.views.of(login);
    this.layers.of(desk, window);
  }

  toggle(tool: Tool): void {
    this.open = this.open === tool ? null : tool;
  }

  /** Does what a key says; false when it is none of the map's. */
  act(act: KeyAct): boolean {
    if (act === "measure") this.measure = this.measure === null ? [] : null;
    else if (TOOLS.some((tool) => tool === act)) this.toggle(act as Tool);
    else return false;
    return true;
  }

  /** Closes what is nearest: false when nothing lay over the map. */
  back(): boolean {
    if (this.open !== null) this.open = null;
    else if (this.measure !== null) this.measure = null;
    else return false;
    return true;
  }

  /** A corner more. */
  place(at: Place): void {
    if (this.measure !== null) this.measure = [...this.measure, at];
  }

  /** The last corner was not meant. */
  unplace(): void {
    if (this.measure !== null) this.measure = this.measure.slice(0, -1);
  }
}
