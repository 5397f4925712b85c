import type { HandsetView } from '../../../src-main/contract/handsets'
import type { RestorePlan } from '../../../src-main/contract/restore'

/** What a restore to a link would do, as asked for by options. */
export interface PlansMade {
  /** All is written. */
  readonly fresh: RestorePlan
  /** Where an interrupted restore is known: what going on with it would do. */
  readonly onward: RestorePlan | null
}

/** Whether a person can choose between going on and starting over. */
export function canGoOn({ onward }: PlansMade): boolean {
  return onward?.verdict === 'resume'
}

/** The plan to be followed; one that says why it cannot go on is shown instead of the fresh one. */
export function planToFollow({ fresh, onward }: PlansMade, goesOn: boolean): RestorePlan {
  if (onward === null) return fresh
  return goesOn || onward.verdict !== 'resume' ? onward : fresh
}

/** How many bytes of the image the device holds already. */
export function heldBytes({ written, image }: RestorePlan): number {
  return written ? written.fromByte : image.bytes
}

/** Whether the plan does anything at all. */
export function isFeasible({ verdict }: RestorePlan): boolean {
  return verdict === 'write' || verdict === 'resume'
}

export interface SlotPart {
  readonly kind: 'held' | 'written' | 'untouched'
  /** From the start of the slot, in bytes. */
  readonly from: number
  readonly bytes: number
}

/**
 * The slot from its start to its end: what stays of an interrupted restore, what is written, and
 * what the image does not need. Without a known size the slot ends with the image.
 */
export function slotParts({ erased, written, image }: RestorePlan): SlotPart[] {
  if (!written) return []
  const end = written.fromByte + written.bytes
  const slotBytes = Math.max(erased?.bytes ?? image.bytes, end)
  const parts: SlotPart[] = [
    { kind: 'held', from: 0, bytes: written.fromByte },
    { kind: 'written', from: written.fromByte, bytes: written.bytes },
    { kind: 'untouched', from: end, bytes: slotBytes - end },
  ]
  return parts.filter(({ bytes }) => bytes > 0)
}

/** What the image does not need gets no more of the picture than this, or little else was seen. */
const UNTOUCHED_SHARE_MAX = 0.25
const SHARE_MIN = 0.02

/** How much of the picture each part gets; all together one. */
export function sharesOf(parts: readonly SlotPart[]): number[] {
  const needed = parts.filter(({ kind }) => kind !== 'untouched')
  const neededBytes = needed.reduce((sum, { bytes }) => sum + bytes, 0)
  const untouchedBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0) - neededBytes
  const untouchedShown = Math.min(
    untouchedBytes,
    neededBytes * (UNTOUCHED_SHARE_MAX / (1 - UNTOUCHED_SHARE_MAX)),
  )
  const total = neededBytes + untouchedShown
  const shown = parts.map(({ kind, bytes }) =>
    Math.max(SHARE_MIN, (kind === 'untouched' ? untouchedShown : bytes) / total),
  )
  const sum = shown.reduce((all, share) => all + share, 0)
  return shown.map(share => share / sum)
}

/**
 * Changes with everything on which a plan for a virtual handset depends. While software runs, the
 * flash may change and the plan stays.
 */
export function standingOf({ state, cable, flash }: HandsetView): string {
  const isRestoreMode = state.startsWith('restore')
  const mode = state === 'off' ? 'off' : isRestoreMode ? 'restore' : 'software'
  return [mode, cable, isRestoreMode ? flash.operations : ''].join(' ')
}
