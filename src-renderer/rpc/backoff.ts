const FIRST_PAUSE = 250
const LONGEST_PAUSE = 10_000
/** After so many failed attempts in a row the connection counts as lost. */
export const ATTEMPTS_UNTIL_LOST = 6

/** Milliseconds to wait after the n-th failed attempt in a row (from 1). */
export function pauseAfter(attempt: number): number {
  return Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
}
