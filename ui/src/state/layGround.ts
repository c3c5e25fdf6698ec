/** Lays the ground that IT chose under a map: its file, or the service that it named. Without either the map keeps its own lines. */
import { asHostError, type Host } from "../host/host";
import type { CityMap } from "../map/cityMap";
import type { MapTools } from "./mapTools.svelte";

/** A service that could not say what it offers is asked again after this, ms. */
const AGAIN = 30_000;

/** Returns how to stop trying. */
export function layGround(host: Host, tools: MapTools, under: CityMap): () => void {
  let again: ReturnType<typeof setTimeout> | undefined;
  const service = async (): Promise<void> => {
    const { zooms, credit, error } = await host.call("ground_tiles", {});
    tools.ground = { credit, error, keptSince: null };
    if (error === "ground_offline") again = setTimeout(() => void attempt(service), AGAIN);
    if (zooms === null) return;
    const { serviceGround } = await import("../map/serviceGround");
    under.setTiles(serviceGround(credit, zooms, (z, x, y) => host.groundTile(z, x, y), (thrown) => asHostError(thrown).code, (news) => (tools.ground = { credit, ...news })));
  };
  const file = async (): Promise<void> => {
    const { size, error } = await host.call("ground_file", {});
    tools.ground = { credit: "", error, keptSince: null };
    if (error !== null) return;
    if (size === null) return service();
    const { openTiles } = await import("../map/tileGround");
    const tiles = await openTiles((offset, length) => host.ground(offset, length));
    tools.ground = { credit: tiles.credit, error: null, keptSince: null };
    under.setTiles(tiles);
  };
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      const { code } = asHostError(error);
      tools.ground = { credit: "", error: code.startsWith("ground_") ? code : "ground_unreadable", keptSince: null };
    }
  };
  void attempt(file);
  return () => clearTimeout(again);
}
