import type { OutboxEntry } from '../rollout/outbox-message'
import { nextWindowDue } from '../rollout/maintenance-window'
import { onDownloaded } from '../rollout/completion'
import { nextTask } from '../rollout/task-machine'
import type { Feedback } from './messages'
import type { PolledTask, PollingChange } from './polling-store'

/** An attempt whose device says nothing for so long is given up. */
export const SILENCE_MS_MAX = 2 * 3_600_000
const REASON_CHARACTERS_MAX = 200

/** What comes of a report on an action that goes on. */
export type Verdict =
  /** Noted; it goes on. */
  | { readonly kind: 'noted' }
  | { readonly kind: 'downloaded' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** A success that cannot be one (Q1, Q2): it is not believed. */
  | { readonly kind: 'unproved'; readonly reason: string }

/**
 * What a report says of a task that is active. A success counts once all bytes of the software
 * went out to the device; how it ended otherwise is the device's word. `before` are the lines of the
 * report before, which often has the log.
 */
export function judged(task: PolledTask, { status }: Feedback, before: readonly string[]): Verdict {
  const { execution, result, details } = status
  const { delivery } = task.rollout.settings
  switch (execution) {
    case 'closed':
      return result.finished === 'failure'
        ? { kind: 'failed', reason: reasonIn([...before, ...details]) }
        : believed(task)
    case 'downloaded':
      return delivery === 'record' ? believed(task) : { kind: 'noted' }
    case 'rejected':
    case 'canceled':
      return { kind: 'failed', reason: `The device ended it itself: ${reasonIn(details)}` }
    case 'proceeding':
    case 'scheduled':
    case 'resumed':
    case 'download':
      return { kind: 'noted' }
  }
}

function believed({ sentBytes, totalBytes }: PolledTask): Verdict {
  if (totalBytes !== null && sentBytes >= totalBytes) return { kind: 'downloaded' }
  const of = totalBytes === null ? 'none of the software' : `${sentBytes} of ${totalBytes} bytes`
  const reason = `The device reported success, but ${of} went out to it.`
  return { kind: 'unproved', reason }
}

/** The line of a log that says most about a failure. */
function reasonIn(details: readonly string[]): string {
  const lines = details.map(line => line.trim()).filter(line => line !== '')
  const telling = lines.filter(line =>
    /error|fail|mismatch|not match|not compatible|refused/i.test(line),
  )
  const line = telling.at(-1) ?? lines.at(-1) ?? 'The device gave no reason.'
  return line.slice(0, REASON_CHARACTERS_MAX)
}

type Ended = Pick<PollingChange, 'task' | 'outbox' | 'closed'>

/** What is to be written of an end; undefined where the task has no place for it. */
export function ended(task: PolledTask, verdict: Verdict, now: number): Ended | undefined {
  if (verdict.kind === 'noted') return {}
  return verdict.kind === 'downloaded'
    ? afterDownload(task, now)
    : afterFailure(task, verdict.reason, now)
}

function afterDownload(task: PolledTask, now: number): Ended | undefined {
  const step = nextTask(task, { kind: 'downloaded' }, task.rollout.settings.attemptsMax)
  if (!step) return undefined
  const { state, attempts } = step
  const outbox: OutboxEntry | undefined = step.effects.includes('bill')
    ? onDownloaded({ rollout: task.rollout, task, customer: task.customer }, now)
    : undefined
  return {
    task: {
      id: task.id,
      was: task,
      now: { state, attempts, nextAt: null, reason: null, downloadedAt: now },
    },
    ...(outbox ? { outbox } : {}),
    closed: { taskId: task.id, isInstalled: true },
  }
}

function afterFailure(task: PolledTask, reason: string, now: number): Ended | undefined {
  const { attemptsMax, window } = task.rollout.settings
  const step = nextTask(task, { kind: 'failed' }, attemptsMax)
  if (!step) return undefined
  const { state, attempts, effects } = step
  const nextAt = effects.includes('again')
    ? nextWindowDue(window, task.customer.timeZone, now)
    : null
  return {
    task: {
      id: task.id,
      was: task,
      now: { state, attempts, nextAt, reason, downloadedAt: null },
    },
    closed: { taskId: task.id, isInstalled: false },
  }
}
