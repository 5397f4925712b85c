import { toHex } from '../base/bytes'
import type { Identity, RestorePlan, RestoreVerdict } from '../contract/restore'
import type { Forecast, ListedSlot, RestoreImage } from './drivers/driver'
import { misfitOf, warningsFor } from './fitness'
import type { Resumption } from './resumption'

/** An image of the library, as a restore writes it. */
export interface PlannedImage {
  readonly digest: string
  readonly name: string
  readonly content: RestoreImage
  /** What reading the file found. */
  readonly warnings: RestorePlan['warnings']
}

/** All that a plan depends on, gathered before. */
export interface PlanFacts {
  readonly link: string
  readonly image: PlannedImage
  readonly device: Identity
  readonly slots: readonly ListedSlot[]
  /** The device lists exactly this image. */
  readonly isHeld: boolean
  /** Null where nobody wants to go on. */
  readonly resumption: Resumption | null
  readonly interruptedAt: number | null
  readonly force: boolean
  readonly forecast: (from: number) => Forecast
}

interface Decision {
  readonly verdict: RestoreVerdict
  readonly reason: string
  readonly nextStep?: string
  readonly canForce?: boolean
  /** First byte to be written; undefined where nothing is. */
  readonly from?: number
}

const SLOT = { image: 0, slot: 0 } as const
const NOTHING_SENT: Forecast = {
  requests: 0,
  pieceBytes: 0,
  window: 0,
  sentBytes: 0,
  receivedBytes: 0,
  seconds: null,
}

/** What a restore does, decided from facts alone (spec 2.0.3). It is shown, then followed. */
export function planOf(facts: PlanFacts): RestorePlan {
  const { link, image, device } = facts
  const { bytes, sha256 } = image.content
  const { verdict, reason, nextStep, canForce, from } = decide(facts)
  const writes = from !== undefined && from < bytes.length
  const { seconds, ...wire } = writes ? facts.forecast(from) : NOTHING_SENT
  return {
    link,
    image: { digest: image.digest, name: image.name, bytes: bytes.length },
    sha256: toHex(sha256),
    device,
    verdict,
    reason: sentence(reason),
    nextStep: nextStep ?? null,
    canForce: canForce ?? false,
    entersRestoreMode: from !== undefined && device.device.mode === 'software',
    erased: writes ? { ...SLOT, bytes: device.memory.slotBytes } : null,
    written: writes ? { fromByte: from, bytes: bytes.length - from } : null,
    kept: facts.slots.filter(({ image: number, slot }) => number !== 0 || slot !== 0),
    wire,
    seconds,
    bytesPerSecond: seconds && writes ? (bytes.length - from) / seconds : null,
    interruptedAt: facts.interruptedAt,
    warnings: [...image.warnings, ...warningsOf(facts)],
  }
}

/** Lines for people: what happens, then what to look out for. */
export function planText(plan: RestorePlan): string[] {
  const { verdict, written, erased, kept, wire } = plan
  const lines = [`Plan: ${verdict}. ${plan.reason}${plan.nextStep ? ` ${plan.nextStep}` : ''}`]
  if (plan.entersRestoreMode)
    lines.push('Its software is asked to make way for restore mode first.')
  if (erased) {
    const size = erased.bytes === null ? '' : ` of ${erased.bytes} bytes`
    lines.push(`Erased: slot ${erased.slot}${size}, as far as the image needs it.`)
  }
  if (written) lines.push(`Written: ${written.bytes} bytes from byte ${written.fromByte} on.`)
  const others = kept.map(({ image, slot }) => `slot ${slot} of image ${image}`)
  if (written) lines.push(`Kept: ${[...others, 'everything outside of slots'].join(', ')}.`)
  if (written) lines.push(`On the line: ${wireText(wire)}${timeText(plan)}.`)
  return [...lines, ...plan.warnings.map(({ message }) => `Warning: ${message}`)]
}

function decide(facts: PlanFacts): Decision {
  const { device, isHeld, resumption, interruptedAt, image } = facts
  const misfit = misfitOf(image.content.bytes, device)
  if (misfit && !(misfit.canForce && facts.force)) return { verdict: 'refused', ...misfit }
  const totalBytes = image.content.bytes.length
  if (isHeld) {
    const reason = 'the device holds this image already'
    const isUnfinished = resumption !== null && interruptedAt !== null
    // It was written, but nobody has seen it start.
    if (isUnfinished && device.device.mode !== 'software') {
      return {
        verdict: 'resume',
        reason: `${reason}; it is verified and started`,
        from: totalBytes,
      }
    }
    return { verdict: 'up-to-date', reason }
  }
  if (resumption?.kind === 'from') {
    const reason = `the device holds the first ${resumption.byte} of ${totalBytes} bytes`
    return { verdict: 'resume', reason, from: resumption.byte }
  }
  if (resumption) return { verdict: 'write', reason: `from the start: ${resumption.why}`, from: 0 }
  return { verdict: 'write', reason: 'the device does not hold this image', from: 0 }
}

function warningsOf({ image, device, force }: PlanFacts): RestorePlan['warnings'] {
  const misfit = misfitOf(image.content.bytes, device)
  const forced =
    misfit?.canForce && force ? [{ code: 'IMAGE_UNSOUND', message: sentence(misfit.reason) }] : []
  return [...forced, ...warningsFor(image.content.bytes, device)]
}

function wireText({ requests, sentBytes, receivedBytes }: RestorePlan['wire']): string {
  return `${sentBytes} bytes out in ${requests} requests, ${receivedBytes} bytes back`
}

function timeText({ seconds, bytesPerSecond }: RestorePlan): string {
  if (seconds === null || bytesPerSecond === null) return ''
  return `, about ${seconds.toFixed(1)} s at ${(bytesPerSecond / 1024).toFixed(1)} KiB/s`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
