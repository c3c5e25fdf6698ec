/** The ground that IT named on the web: pictures that the core asks for and keeps; the interface asks nobody but the core. */
import { heard, readPicture, type GroundNews } from "./groundNews";
import { PictureTiles, tileOptions, type Picture } from "./pictureTiles";
import type { TileGround } from "./tileGround";

/** A ground of the core's pictures; `tell` is told how they come. `codeOf`: the code of what was thrown. */
export function serviceGround(credit: string, zooms: readonly [number, number], ask: (z: number, x: number, y: number) => Promise<ArrayBuffer>, codeOf: (thrown: unknown) => string, tell: (news: GroundNews) => void): TileGround {
  let news: GroundNews = { keptSince: null, error: null };
  const now = (next: GroundNews): void => {
    if (next.keptSince === news.keptSince && next.error === news.error) return;
    news = next;
    tell(news);
  };
  const pictures = async (z: number, x: number, y: number): Promise<Picture> => {
    try {
      const { keptSince, picture } = readPicture(await ask(z, x, y));
      now(heard(news, keptSince));
      return { bytes: picture, current: keptSince === null };
    } catch (thrown) {
      now({ ...news, error: codeOf(thrown) });
      throw thrown;
    }
  };
  return { credit, layer: (pane, colours) => new PictureTiles(pictures, zooms, tileOptions(pane), colours) };
}
