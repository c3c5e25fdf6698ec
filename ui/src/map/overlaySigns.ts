/** Marks drawn over the points: rings of commands, counts of clusters, the selection and the focus. */
import type { Cluster } from "./clusters";
import { trace, type GroundPath } from "./ground";
import type { LabelRoom } from "./labels";
import { FONT, write, type Pen } from "./pen";
import { css } from "./palette";
import { OVERRIDE, PENDING, UNKNOWN } from "./state";

const OVERRIDES_FROM = 13;

/** The ring of a state around a sign of `r` pixels: a command under way, one unheard of, or an override in force. */
export function drawRing(pen: Pen, x: number, y: number, r: number, state: number): void {
  const { context, colours, at } = pen;
  const radius = Math.max(6, r + 4);
  context.lineWidth = 1.8;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  if (state & UNKNOWN) {
    context.strokeStyle = css(colours.text);
    context.setLineDash([2, 3]);
    context.stroke();
    write(pen, "?", x + radius * 0.75, y - radius, { size: 12, bold: true, colour: colours.text, align: "left" });
  } else if (state & PENDING) {
    context.strokeStyle = css(colours.select);
    context.setLineDash([4, 3]);
    context.stroke();
  } else if (state & OVERRIDE && at.zoom >= OVERRIDES_FROM) {
    // Two arcs, like hands around it.
    context.strokeStyle = css(colours["text-2"]);
    context.lineWidth = 1.3;
    context.setLineDash([(radius * Math.PI) / 2]);
    context.stroke();
  }
  context.setLineDash([]);
}

/** How many each sign stands for, at its corner. `ratio`: device pixels of the clusters per CSS pixel. */
export function drawCounts({ context, colours, at }: Pen, room: LabelRoom, clusters: readonly Cluster[], ratio: number): void {
  context.font = `700 12px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const cluster of clusters) {
    const text = String(cluster.members.length);
    const half = context.measureText(text).width / 2 + 4;
    const x = cluster.x / ratio + 8 + half;
    const y = cluster.y / ratio - 8;
    if (at.outside(x, y)) continue;
    context.beginPath();
    context.roundRect(x - half, y - 8, 2 * half, 16, 4);
    context.fillStyle = css(colours.panel);
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = css(colours["text-2"]);
    context.stroke();
    context.fillStyle = css(colours.text);
    context.fillText(text, x, y + 0.5);
    room.place({ left: x - half, top: y - 9, right: x + half, bottom: y + 9 });
  }
}

/** The outline of a zone, as a line in a line: seen over any ground, with its layer or without. */
export function drawHighlight({ context, colours, at }: Pen, paths: readonly GroundPath[]): void {
  context.beginPath();
  for (const path of paths) trace(context, path, (x) => at.px(x), (y) => at.py(y));
  context.lineJoin = "round";
  for (const [width, colour] of [[6, css(colours["map-in"], 0.8)], [2.5, css(colours.focus)]] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

/** Around a sign of `r` pixels: what is chosen, or has the focus in the list. */
export function drawMark({ context, colours }: Pen, x: number, y: number, r: number, chosen: boolean): void {
  const radius = Math.max(9, r + 6);
  const ring = (around: number, width: number, colour: string): void => {
    context.beginPath();
    context.arc(x, y, around, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  };
  if (chosen) {
    ring(radius + 3, 3, css(colours.select));
    ring(radius, 2, css(colours.focus));
  } else {
    ring(radius + 1, 4, css(colours["map-in"], 0.8));
    ring(radius + 1, 2, css(colours.focus));
  }
}
