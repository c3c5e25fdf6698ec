/** Reads a moment after the first of several reasons to, once. */

/** What changes together is read together, ms. */
const REST = 150;

export function later(read: () => unknown, rest = REST): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void read();
    }, rest);
  };
}
