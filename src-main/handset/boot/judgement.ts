import { FlashFailure } from '../flash/flash-port'
import type { Journal } from './journal'

/**
 * Ends the judgement of software that was rewritten (spec 2.0.2, U9): `done` where it is sound,
 * `failed` where it is not; from then on it is not started again whatever it reads like. Nothing
 * happens where nothing is to be judged. A chip that does not take the mark leaves the judgement to
 * the next start. Throws PowerCut.
 */
export function judge(journal: Journal, isSound: boolean): void {
  const newest = journal.newest()
  if (newest?.kind !== 'rewritten') return
  const { length, sha256 } = newest
  try {
    journal.append({ kind: isSound ? 'done' : 'failed', length, sha256 })
  } catch (error) {
    if (!(error instanceof FlashFailure)) throw error
  }
}
