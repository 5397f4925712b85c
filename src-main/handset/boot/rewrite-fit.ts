import { CodedError, type ErrorData } from '../../base/coded-error'
import type { RewritePlan } from '../../wire/delta/rewrite-source'
import type { FlashPort } from '../flash/flash-port'
import { RING_SECTORS_MIN } from './backup-ring'

export interface RewriteWindows {
  readonly region: FlashPort
  readonly stash: FlashPort
  readonly backup: FlashPort
}

/**
 * Refuses what this flash cannot be rewritten with, before anything is touched: CodedError
 * `UPDATE_FILE_UNFIT`, with a reason.
 */
export function checkFit(plan: RewritePlan, { region, stash, backup }: RewriteWindows): void {
  const { sectorBytes, bytes: limit } = region.geometry
  if (plan.sectorBytes !== sectorBytes) {
    const why = `It was made for sectors of ${plan.sectorBytes} bytes, the flash has ${sectorBytes}.`
    throw unfit(why, { sectorBytes: plan.sectorBytes })
  }
  if (plan.newBytes === 0) throw unfit('The new software has no bytes.', { bytes: 0 })
  for (const [what, bytes] of [
    ['old', plan.oldBytes],
    ['new', plan.newBytes],
  ] as const) {
    const why = `The ${what} software has ${bytes} bytes, the executable region ${limit}.`
    if (bytes > limit) throw unfit(why, { bytes, limit })
  }
  const stashed = plan.stash.reduce((sum, { start, end }) => sum + end - start, 0)
  const room = stash.geometry.bytes
  if (stashed > room) {
    const why = `It puts ${stashed} bytes aside, and there is room for ${room}.`
    throw unfit(why, { bytes: stashed, limit: room })
  }
  if (backup.geometry.bytes < RING_SECTORS_MIN * sectorBytes) {
    throw unfit(`The backup region is less than ${RING_SECTORS_MIN} sectors.`, {})
  }
  checkStash(plan)
  checkSteps(plan)
}

function checkStash({ stash, oldBytes }: RewritePlan): void {
  for (const { start, end } of stash) {
    if (start >= 0 && start < end && end <= oldBytes) continue
    throw unfit(`It puts aside ${start} to ${end} of ${oldBytes} old bytes.`, { start, end })
  }
}

/** Every sector once, each step and its backup within its sector. */
function checkSteps({ steps, sectorBytes, newBytes, oldBytes }: RewritePlan): void {
  const seen = new Set<number>()
  for (const { sector, bytes, backup } of steps) {
    const start = sector * sectorBytes
    const end = start + sectorBytes
    const isInside = sector >= 0 && bytes >= 0 && bytes <= sectorBytes && start + bytes <= newBytes
    const { start: from, end: to } = backup
    const isBackedUp = from === to || (from >= start && from < to && to <= Math.min(end, oldBytes))
    if (!isInside || !isBackedUp || seen.has(sector)) {
      throw unfit(`Its step for sector ${sector} makes no sense.`, { sector })
    }
    seen.add(sector)
  }
}

export function unfit(why: string, facts: ErrorData): CodedError {
  const message = `The update file does not fit this handset. ${why} Ask for another one.`
  return new CodedError('UPDATE_FILE_UNFIT', message, facts)
}
