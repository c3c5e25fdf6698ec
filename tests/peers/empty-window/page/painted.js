// When the page was on the screen, ms since 1970: the frame after the first, as Vigie counts its own.
requestAnimationFrame(() => requestAnimationFrame(() => (document.title = String(performance.timeOrigin + performance.now()))));
