import { assertNever } from '../base/assert'
import type { Identity, RestoreResult, RestoreStage, RestoreView } from '../contract/restore'
import type { Rate } from '../base/rate'

export type RestoreEvent =
  | { readonly kind: 'stage'; readonly stage: Exclude<RestoreStage, 'ended'> }
  | { readonly kind: 'identified'; readonly device: Identity }
  /** The device holds so much already. */
  | { readonly kind: 'resumed'; readonly from: number }
  | { readonly kind: 'started-over'; readonly why: string }
  | { readonly kind: 'progress'; readonly doneBytes: number; readonly rate: Rate }
  /** The last byte was acknowledged so long after the first one was sent. */
  | { readonly kind: 'written'; readonly milliseconds: number; readonly baud: number | null }
  | { readonly kind: 'verified' }
  | { readonly kind: 'ended'; readonly at: number; readonly outcome: RestoreOutcome }

export interface RestoreOutcome {
  readonly result: RestoreResult
  readonly error: RestoreView['error']
}

export type NewRestore = Pick<RestoreView, 'link' | 'image' | 'startedAt' | 'sha256' | 'totalBytes'>

const BITS_PER_BYTE = 10

/** A restore that was asked for and has not done anything yet. */
export function beginning(restore: NewRestore): Omit<RestoreView, 'id'> {
  return {
    ...restore,
    protocol: null,
    stage: 'connecting',
    device: null,
    resumedFrom: null,
    startedOver: null,
    doneBytes: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    endedAt: null,
    result: null,
    seconds: null,
    lineRateRatio: null,
    verified: false,
    retries: 0,
    error: null,
  }
}

/** What everybody sees after something happened. Nothing happens after the end. */
export function nextView(view: RestoreView, event: RestoreEvent): RestoreView {
  if (view.stage === 'ended') return view
  switch (event.kind) {
    case 'stage':
      return { ...view, stage: event.stage, secondsLeft: null }
    case 'identified':
      return { ...view, protocol: event.device.protocol, device: event.device }
    case 'resumed': {
      const doneBytes = Math.max(view.doneBytes, event.from)
      return { ...view, resumedFrom: event.from, doneBytes }
    }
    case 'started-over':
      return { ...view, startedOver: event.why, resumedFrom: null, doneBytes: 0 }
    case 'progress':
      return { ...view, doneBytes: event.doneBytes, ...event.rate }
    case 'written': {
      const seconds = event.milliseconds / 1000
      const sentBytes = view.doneBytes - (view.resumedFrom ?? 0)
      const bytesPerSecond = seconds > 0 ? sentBytes / seconds : 0
      const lineRate = event.baud === null ? null : event.baud / BITS_PER_BYTE
      const lineRateRatio = lineRate && seconds > 0 ? bytesPerSecond / lineRate : null
      return { ...view, bytesPerSecond, secondsLeft: 0, lineRateRatio }
    }
    case 'verified':
      return { ...view, verified: true }
    case 'ended':
      return {
        ...view,
        ...event.outcome,
        stage: 'ended',
        endedAt: event.at,
        secondsLeft: null,
        seconds: (event.at - view.startedAt) / 1000,
      }
    default:
      return assertNever(event)
  }
}
