import type { RestoreReason } from '../../contract/handsets'
import type { Journal } from './journal'
import { flawAtStart, readSoftware, type SoftwarePlace } from './software'

/** How the boot code came to run. */
export interface BootCause {
  readonly by: 'power' | 'reset' | 'watchdog'
  /** The restore key is held down at power-on. */
  readonly keyHeld?: boolean
  /** An SMP reset asked for restore mode (`boot_mode` 1). */
  readonly resetRequested?: boolean
  /** Too many watchdog resets in a row. */
  readonly isStuck?: boolean
}

export type BootDecision =
  | { readonly kind: 'software' }
  | {
      readonly kind: 'restore-mode'
      readonly reason: RestoreReason
      /** With `region-invalid`: what is wrong, in words. */
      readonly flaw?: string
    }

/**
 * Decides from flash alone what runs (spec 2.0.5, decision 0003). While the journal is open
 * nothing that the region holds proves anything, not even the right digest: weak cells may read
 * well today. Once it is closed, a region that is no longer what was verified is never executed.
 * The cause only ever keeps sound software from running.
 */
export function decideBoot(place: SoftwarePlace, journal: Journal, cause: BootCause): BootDecision {
  const newest = journal.newest()
  if (newest?.kind === 'begin') return restoreMode('journal-open')
  const flaw = newest ? readSoftware(place, newest).flaw : flawAtStart(place)
  if (flaw !== undefined) return { kind: 'restore-mode', reason: 'region-invalid', flaw }
  if (cause.keyHeld) return restoreMode('key-held')
  if (cause.resetRequested) return restoreMode('reset-requested')
  if (cause.isStuck) return restoreMode('watchdog')
  return { kind: 'software' }
}

function restoreMode(reason: RestoreReason): BootDecision {
  return { kind: 'restore-mode', reason }
}
