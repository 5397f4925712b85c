import type { RestoreReason } from '../../contract/handsets'
import type { Journal } from './journal'
import { hasPlausibleVectors, readSoftware, type SoftwarePlace } from './software'

/** How the handset came to be switched on. */
export interface BootCause {
  /** The restore key is held down at power-on. */
  readonly keyHeld: boolean
  /** An SMP reset asked for restore mode (`boot_mode` 1). */
  readonly resetRequested: boolean
}

export type BootDecision =
  | { readonly kind: 'software' }
  | { readonly kind: 'restore-mode'; readonly reason: RestoreReason }

/**
 * Decides from flash alone what runs (spec 2.0.5, decision 0003). While the journal is open
 * nothing that the region holds proves anything, not even the right digest: weak cells may read
 * well today. Once it is closed, a region that is no longer what was verified is never executed.
 */
export function decideBoot(place: SoftwarePlace, journal: Journal, cause: BootCause): BootDecision {
  const newest = journal.newest()
  if (newest?.kind === 'begin') return restoreMode('journal-open')
  const isValid = newest ? readSoftware(place, newest).bootable : hasPlausibleVectors(place)
  if (!isValid) return restoreMode('region-invalid')
  if (cause.keyHeld) return restoreMode('key-held')
  if (cause.resetRequested) return restoreMode('reset-requested')
  return { kind: 'software' }
}

function restoreMode(reason: RestoreReason): BootDecision {
  return { kind: 'restore-mode', reason }
}
