/** Shapes as signed distances in pixels (negative inside), so that a stamp is drawn sharp at any size without a canvas. */

export type Shape = (x: number, y: number) => number;

export function disc(radius: number): Shape {
  return (x, y) => Math.hypot(x, y) - radius;
}

export function box(halfWidth: number, halfHeight: number, cx = 0, cy = 0): Shape {
  return (x, y) => Math.max(Math.abs(x - cx) - halfWidth, Math.abs(y - cy) - halfHeight);
}

/** A convex polygon, vertices clockwise on a screen (y down). */
export function polygon(vertices: readonly (readonly [number, number])[]): Shape {
  const edges = vertices.map(([x1, y1], i) => {
    const [x2, y2] = vertices[(i + 1) % vertices.length]!;
    const length = Math.hypot(x2 - x1, y2 - y1);
    return { x: x1, y: y1, nx: (y2 - y1) / length, ny: -(x2 - x1) / length };
  });
  return (x, y) => Math.max(...edges.map((e) => (x - e.x) * e.nx + (y - e.y) * e.ny));
}

export function regular(sides: number, radius: number, turn: number): Shape {
  const vertices = Array.from({ length: sides }, (_, i): [number, number] => {
    const angle = turn + (2 * Math.PI * i) / sides;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return polygon(vertices);
}

export function outline(shape: Shape, width: number): Shape {
  return (x, y) => Math.abs(shape(x, y) + width / 2) - width / 2;
}

export function union(...shapes: readonly Shape[]): Shape {
  return (x, y) => Math.min(...shapes.map((shape) => shape(x, y)));
}

export function without(shape: Shape, hole: Shape): Shape {
  return (x, y) => Math.max(shape(x, y), -hole(x, y));
}

export function turned(shape: Shape, angle: number): Shape {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return (x, y) => shape(x * cos + y * sin, y * cos - x * sin);
}

export function moved(shape: Shape, dx: number, dy: number): Shape {
  return (x, y) => shape(x - dx, y - dy);
}

/** A band across everything, rising to the right, at a distance from the point towards the lower right. */
export function band(distance: number, width: number): Shape {
  return (x, y) => Math.abs((x + y) * Math.SQRT1_2 - distance) - width / 2;
}

export function grown(shape: Shape, by: number): Shape {
  return (x, y) => shape(x, y) - by;
}

/** How much of the pixel at (`x`, `y`) the shape covers, 0 to 1. */
export function coverage(shape: Shape, x: number, y: number): number {
  return Math.max(0, Math.min(1, 0.5 - shape(x, y)));
}
