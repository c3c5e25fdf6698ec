/** The names of programmes by what commands and devices call them, for whatever shows a command or a value. */
let names = $state.raw<ReadonlyMap<string, string>>(new Map());

export function nameProgrammes(known: ReadonlyMap<string, string>): void {
  names = known;
}

/** The name of a programme; none for one that is not known here. */
export function programmeName(reference: string): string | undefined {
  return names.get(reference);
}
