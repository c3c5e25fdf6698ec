/** Which labels fit: the first to ask keeps its place, the others give way. */

export interface LabelBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Places labels one after another; `place` says whether a box was free. */
export class LabelRoom {
  readonly #taken: LabelBox[] = [];

  /** Takes a box if nothing is there. */
  place(box: LabelBox): boolean {
    const free = this.#taken.every(
      (other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
    );
    if (free) this.#taken.push(box);
    return free;
  }
}
