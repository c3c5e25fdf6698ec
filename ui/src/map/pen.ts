/** What draws over the map: where, on what, in which colours; and writing that is read on any ground. */
import { css, type Palette, type Rgb } from "./palette";
import type { Placement } from "./placement";

export interface Pen {
  context: CanvasRenderingContext2D;
  at: Placement;
  colours: Palette;
}

export interface Writing {
  size: number;
  colour: Rgb;
  align: CanvasTextAlign;
  bold?: boolean;
}

export const FONT = '"B612", system-ui, sans-serif';

/** Writes at a pixel, the ground's colour around each letter. */
export function write({ context, colours }: Pen, text: string, x: number, y: number, { size, colour, align, bold }: Writing): void {
  context.font = `${bold ? "700 " : ""}${size}px ${FONT}`;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.5;
  context.strokeStyle = css(colours["map-in"], 0.85);
  context.strokeText(text, x, y);
  context.fillStyle = css(colour);
  context.fillText(text, x, y);
}
