/** The lines of a long list, read page by page as it is scrolled; what is known stays until what is new is there. */

const PAGE = 60;

export interface Page<Line> {
  total: number;
  lines: readonly Line[];
}

export class Pages<Line> {
  total = $state(0);
  loaded = $state(false);
  /** Line that has the focus. */
  active = $state(0);
  #lines = $state.raw<ReadonlyMap<number, Line>>(new Map());
  #from = 0;
  #to = PAGE;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #ask: (offset: number, limit: number) => Promise<Page<Line>>;
  readonly #key: (line: Line) => string;

  constructor(ask: (offset: number, limit: number) => Promise<Page<Line>>, key: (line: Line) => string) {
    this.#ask = ask;
    this.#key = key;
  }

  line(index: number): Line | undefined {
    return this.#lines.get(index);
  }

  get activeLine(): Line | undefined {
    return this.#lines.get(this.active);
  }

  /** Lines held now, in order. */
  get held(): Line[] {
    return [...this.#lines.entries()].sort(([a], [b]) => a - b).map(([, line]) => line);
  }

  /** Where a line stands among those held; -1 when it is not. */
  find(key: string): number {
    for (const [index, line] of this.#lines) if (this.#key(line) === key) return index;
    return -1;
  }

  /** These lines are on the screen. */
  show(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    for (let i = from; i < Math.min(to, this.total); i++) {
      if (!this.#lines.has(i)) {
        this.soon(0);
        return;
      }
    }
  }

  /** Starts over: another list is asked for, and its line `active` has the focus. */
  restart(active = 0): void {
    this.active = active;
    this.#from = 0;
    this.#to = Math.max(PAGE, active + PAGE / 2);
    this.#lines = new Map();
    this.loaded = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.read();
  }

  /** Reads again after `delay` ms; nearer demands come first. */
  soon(delay: number): void {
    if (this.#timer !== undefined && delay > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.read();
    }, delay);
  }

  /** Reads the pages that hold the lines shown. The focus stays on its line wherever that one went. */
  async read(): Promise<void> {
    const asked = ++this.#asked;
    const offset = Math.max(0, this.#from - PAGE / 4);
    const limit = Math.max(PAGE, this.#to - offset + PAGE / 4);
    const kept = this.activeLine;
    const page = await this.#ask(offset, limit).catch(() => null);
    if (page === null || asked !== this.#asked) return;
    this.total = page.total;
    this.#lines = new Map(page.lines.map((line, i) => [offset + i, line]));
    this.loaded = true;
    const moved = kept === undefined ? -1 : this.find(this.#key(kept));
    this.active = moved >= 0 ? moved : Math.max(0, Math.min(this.active, page.total - 1));
  }
}
