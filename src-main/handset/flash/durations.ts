import type { FlashTiming } from '../model/model'

/** What an operation is, as far as its time goes. */
export interface TimedOperation {
  readonly kind: 'program' | 'erase'
  /** Programmed bytes. */
  readonly bytes: number
  /** Erases of the sector so far. */
  readonly wear: number
}

/** Milliseconds that an operation takes: typical when new, the maximum at the endurance. */
export function durationOf(timing: FlashTiming, { kind, bytes, wear }: TimedOperation): number {
  const share = Math.min(1, wear / timing.endurance)
  if (kind === 'erase') {
    return slowed(timing.eraseMilliseconds, timing.eraseMillisecondsMax, share)
  }
  const units = Math.ceil(bytes / timing.programBytes)
  return units * slowed(timing.programMilliseconds, timing.programMillisecondsMax, share)
}

export function longestOf(timing: FlashTiming, operation: TimedOperation): number {
  return durationOf(timing, { ...operation, wear: timing.endurance })
}

function slowed(typical: number, maximum: number, share: number): number {
  return typical + (maximum - typical) * share
}
