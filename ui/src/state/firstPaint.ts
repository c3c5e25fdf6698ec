/** When the first points were on the screen: what the program's own check, and the tests, wait for. */

let told = false;

/** The map painted `points` points. Told once, at the frame after, when they are really there. */
export function firstPaint(points: number): void {
  if (told) return;
  told = true;
  requestAnimationFrame(() => {
    performance.mark("vigie-first-paint");
    const data = document.documentElement.dataset;
    data.points = String(points);
    data.firstPaintMs = String(Math.round(performance.now()));
    data.vigie = "drawn";
  });
}
