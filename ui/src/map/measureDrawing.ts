/** A measure over the map: its corners, the line between them, the closing side of an area, and where the next corner would be. */
import { css, type Palette } from "./palette";

type Pixel = readonly [number, number];

const CORNER = 4;
const CROSS = 12;

export function drawMeasure(context: CanvasRenderingContext2D, corners: readonly Pixel[], next: Pixel, colours: Palette): void {
  const path = (points: readonly Pixel[], dash: number[], close = false): void => {
    context.beginPath();
    points.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    if (close) context.closePath();
    // A light line in a dark one: seen on any ground.
    context.setLineDash([]);
    context.lineWidth = 5;
    context.strokeStyle = css(colours["map-in"], 0.85);
    context.stroke();
    context.setLineDash(dash);
    context.lineWidth = 2;
    context.strokeStyle = css(colours.focus);
    context.stroke();
    context.setLineDash([]);
  };
  if (corners.length > 2) {
    context.beginPath();
    corners.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    context.fillStyle = css(colours.select, 0.18);
    context.fill();
    path([corners[corners.length - 1]!, corners[0]!], [2, 4]);
  }
  if (corners.length > 0) {
    path(corners, []);
    path([corners[corners.length - 1]!, next], [6, 4]);
  }
  for (const [x, y] of corners) {
    context.fillStyle = css(colours.focus);
    context.fillRect(x - CORNER, y - CORNER, 2 * CORNER, 2 * CORNER);
    context.lineWidth = 1;
    context.strokeStyle = css(colours["map-in"]);
    context.strokeRect(x - CORNER, y - CORNER, 2 * CORNER, 2 * CORNER);
  }
  const [x, y] = next;
  path([[x - CROSS, y], [x + CROSS, y]], []);
  path([[x, y - CROSS], [x, y + CROSS]], []);
}
