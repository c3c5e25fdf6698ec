/** How often what lives is drawn again. */

/** No oftener than this, ms: faster, no eye follows it. */
export const BEAT = 200;
/** No seldomer, however slow the machine, ms. */
const LONGEST = 1000;
/** Part of its time that a machine gives to drawing. */
const SHARE = 1 / 20;

/** Between two drawings, ms, where the last one took `spent` ms. */
export function pace(spent: number): number {
  return Math.max(BEAT, Math.min(LONGEST, spent / SHARE));
}
