import type { RestoreReason } from '../../contract/handsets'
import type { Journal } from './journal'
import type { ImageMark } from './journal-entry'
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
  /** Started for the first time after a rewrite: `judge` it by what its self-test says. */
  | { readonly kind: 'trial' }
  | {
      readonly kind: 'restore-mode'
      readonly reason: RestoreReason
      /** With `region-invalid` and `judgement-failed`: what is wrong, in words. */
      readonly flaw?: string
    }

const FLAW_OF_TRIAL = 'it stopped feeding the watchdog when it was started for the first time'

/**
 * Decides from flash alone what runs (spec 2.0.5, decisions 0003 and 0009). While the journal is
 * open nothing that the region holds proves anything, not even the right digest: weak cells may
 * read well today. Once it is closed, a region that is no longer what was verified is never
 * executed. The cause only ever keeps sound software from running.
 */
export function decideBoot(place: SoftwarePlace, journal: Journal, cause: BootCause): BootDecision {
  const newest = journal.newest()
  if (newest?.kind === 'begin') return restoreMode('journal-open')
  if (newest?.kind === 'rewrite') return restoreMode('needs-file')
  if (newest?.kind === 'failed') return restoreMode('judgement-failed')
  const isNew = newest?.kind === 'rewritten'
  const flaw =
    flawOf(place, newest) ?? (isNew && cause.by === 'watchdog' ? FLAW_OF_TRIAL : undefined)
  if (flaw !== undefined) {
    return { ...restoreMode(isNew ? 'judgement-failed' : 'region-invalid'), flaw }
  }
  if (cause.keyHeld) return restoreMode('key-held')
  if (cause.resetRequested) return restoreMode('reset-requested')
  if (cause.isStuck) return restoreMode('watchdog')
  return { kind: isNew ? 'trial' : 'software' }
}

function flawOf(place: SoftwarePlace, newest: ImageMark | undefined): string | undefined {
  return newest ? readSoftware(place, newest).flaw : flawAtStart(place)
}

function restoreMode(reason: RestoreReason) {
  return { kind: 'restore-mode', reason } as const
}
