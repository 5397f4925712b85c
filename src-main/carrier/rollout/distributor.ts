import type { Clock } from '../../base/clock'
import type { AuditSink } from '../../observe/message'
import type { DefectLog } from '../../site/refusal'
import { customerOf } from '../customers/customer-row'
import type { AccessEnd, DeviceAccess } from './device-access'
import { windowDue, windowEnd } from './maintenance-window'
import { type KeptRollout, type RolloutStore, shownRollout } from './rollout-store'
import { stepsOf } from './steps'
import type { TaskBook } from './task-book'
import type { TaskInput } from './task-machine'
import type { KeptTask } from './task-row'
import type { TaskSlices } from './task-slices'
import type { DueTask, TaskStore } from './task-store'
import { UPDATE_MS_MAX } from './terminal-tasks'

export interface DistributorParts {
  readonly clock: Clock
  readonly audit: AuditSink
  readonly rollouts: RolloutStore
  readonly tasks: TaskStore
  readonly slices: TaskSlices
  readonly book: Pick<TaskBook, 'apply' | 'noticed'>
  readonly access: Pick<DeviceAccess, 'bring'>
  readonly logDefect: DefectLog
}

/** Accesses under way at the same time. */
const ACCESSES_MAX = 32
/** Looked up at a time. */
const DUE_MAX = 256
/** A handset asks within so long after a notice, or the attempt failed. */
const NOTICE_MS_MAX = 15 * 60_000
/** From when a time is reckoned until it is in the database. */
const WRITING_MS_MAX = 5000

/** Accesses devices when their time has come: one timer, and no more lines than allowed. */
export class Distributor {
  readonly #parts: DistributorParts
  /** Attempts under way by their task, with what cuts them off. */
  readonly #attempts = new Map<
    number,
    { readonly rolloutId: number; readonly cut: AbortController }
  >()
  readonly #works = new Set<Promise<unknown>>()
  /** Polling devices of a rollout that were due by then have been shown their update. */
  readonly #shownUntil = new Map<number, number>()
  #cancelTimer = () => {}
  #timerAt = Number.POSITIVE_INFINITY
  #run: Promise<void> | undefined
  #isAgain = false
  /** Polling devices cost no line; they are looked for when time has passed or something changed. */
  #isNewlyDue = false
  #isClosed = false

  constructor(parts: DistributorParts) {
    this.#parts = parts
  }

  /** Something may have become due. */
  wake(): void {
    this.#isNewlyDue = true
    this.#again()
  }

  /** Something is due at a time. */
  due(at: number): void {
    if (at <= this.#parts.clock.now()) this.wake()
    else if (at < this.#timerAt) this.#wakeAt(at)
  }

  #wakeAt(at: number): void {
    const { clock } = this.#parts
    this.#cancelTimer()
    this.#timerAt = at
    if (this.#isClosed || at === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = clock.after(Math.max(1, at - clock.now()), () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.wake()
    })
  }

  #again(): void {
    if (this.#isClosed) return
    this.#isAgain = true
    this.#run ??= this.#runs()
  }

  /** What goes out to a rollout's devices is ended. */
  cut(rolloutId: number): void {
    for (const attempt of this.#attempts.values()) {
      if (attempt.rolloutId === rolloutId) attempt.cut.abort()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelTimer()
    for (const { cut } of this.#attempts.values()) cut.abort()
    await this.#run
    await Promise.allSettled(this.#works)
  }

  async #runs(): Promise<void> {
    const { clock, logDefect } = this.#parts
    const end = clock.busy()
    try {
      while (this.#isAgain && !this.#isClosed) {
        this.#isAgain = false
        await this.#pass()
      }
    } catch (error) {
      logDefect(error, 'carrier')
    } finally {
      this.#run = undefined
      end()
    }
  }

  async #pass(): Promise<void> {
    const { clock, rollouts, tasks } = this.#parts
    // What becomes due while the pass goes on is due after it.
    const begun = clock.now()
    const isNewlyDue = this.#isNewlyDue
    this.#isNewlyDue = false
    // From here on earlier times are noted again as they come up.
    if (isNewlyDue) this.#wakeAt(Number.POSITIVE_INFINITY)
    const active = await rollouts.inStates(['collecting-consent', 'distributing'])
    const times: number[] = []
    for (const rollout of active) {
      if (isNewlyDue) await this.#giveUp(rollout)
      if (!rollout.isPaused && isNewlyDue) await this.#show(rollout, begun)
      if (!rollout.isPaused) await this.#accessDue(rollout)
      if (!isNewlyDue) continue
      const next = await tasks.nextDue(rollout.id, begun)
      if (next !== null) times.push(next)
    }
    this.due(Math.min(...times))
  }

  /** Each looks only at what came due since: the rest waits for a line, of which there may be many. */
  async #show(rollout: KeptRollout, now: number): Promise<void> {
    await this.#parts.slices.shown(rollout, this.#shownUntil.get(rollout.id) ?? 0)
    this.#shownUntil.set(rollout.id, now - WRITING_MS_MAX)
  }

  /** Windows that closed before a download began, and downloads without an end. */
  async #giveUp(rollout: KeptRollout): Promise<void> {
    const { clock, slices, tasks, book } = this.#parts
    await slices.closed(rollout)
    for (;;) {
      const overdue = await tasks.overdue(rollout.id, clock.now(), DUE_MAX)
      for (const task of overdue) {
        if (this.#isClosed) return
        await book.apply(await this.#overdue(rollout, task))
        await turn()
      }
      if (overdue.length < DUE_MAX) return
    }
  }

  async #overdue({ settings }: KeptRollout, task: KeptTask) {
    const { clock, tasks } = this.#parts
    const customer = await tasks.customer(task.deviceId)
    const now = clock.now()
    const due = windowDue(settings.window, customer?.time_zone ?? 'UTC', now)
    const taskId = task.id
    if (task.state === 'connecting' && due > now) {
      return { taskId, input: { kind: 'held' } as const, facts: { nextAt: due } }
    }
    const reason =
      task.state === 'downloading'
        ? `The download did not end within ${UPDATE_MS_MAX / 3_600_000} hours.`
        : 'The device took the notice and did not ask for the update.'
    return { taskId, input: { kind: 'failed' } as const, facts: { reason } }
  }

  async #accessDue(rollout: KeptRollout): Promise<void> {
    const { clock, tasks } = this.#parts
    for (;;) {
      if (this.#isClosed) return
      const due = await tasks.due(rollout.id, clock.now(), DUE_MAX)
      let left = 0
      const closed = new Set<string>()
      for (const one of due) {
        const { time_zone: timeZone } = one.customer
        if (this.#attempts.has(one.task.id) || closed.has(timeZone)) continue
        if (await this.#postponed(rollout, timeZone)) {
          closed.add(timeZone)
          continue
        }
        if (!(await this.#begin(rollout, one))) left += 1
      }
      if (due.length < DUE_MAX || left > 0) return
      await turn()
    }
  }

  /** Where a pause, or a lack of lines, lasted until the window closed, all of a zone waits. */
  async #postponed({ id, settings }: KeptRollout, timeZone: string): Promise<boolean> {
    const { clock, slices } = this.#parts
    const now = clock.now()
    const opening = windowDue(settings.window, timeZone, now)
    if (opening <= now) return false
    await slices.postponed(id, timeZone, opening)
    this.due(opening)
    return true
  }

  /** False where no line is free for it. */
  async #begin(rollout: KeptRollout, due: DueTask): Promise<boolean> {
    const { clock, book } = this.#parts
    const { task, customer } = due
    const { window } = rollout.settings
    const taskId = task.id
    const isPolling = customer.reach === 'poll'
    if (!isPolling && this.#attempts.size >= ACCESSES_MAX) return false
    const nextAt = windowEnd(window, customer.time_zone, clock.now())
    const kept = isPolling ? {} : { sentBytes: 0, totalBytes: null, updateId: null }
    const accessed = { taskId, input: { kind: 'accessed' } as const, facts: { ...kept, nextAt } }
    if (!(await book.apply(accessed)) || isPolling) return true
    const cut = new AbortController()
    this.#attempts.set(taskId, { rolloutId: rollout.id, cut })
    const work = this.#attempt(rollout, due, { windowEndsAt: nextAt, signal: cut.signal })
    const ended = work
      .catch((error: unknown) => this.#parts.logDefect(error, 'carrier'))
      .finally(() => {
        this.#works.delete(ended)
        this.#attempts.delete(taskId)
        this.#again()
      })
    this.#works.add(ended)
    return true
  }

  async #attempt(
    rollout: KeptRollout,
    { task, customer }: DueTask,
    {
      windowEndsAt,
      signal,
    }: { readonly windowEndsAt: number | null; readonly signal: AbortSignal },
  ): Promise<void> {
    const { access, book, clock } = this.#parts
    const landed = clock.busy()
    try {
      const end = await access.bring({
        customer: customerOf(customer),
        rollout: shownRollout(rollout, []),
        steps: stepsOf(rollout.settings),
        signal,
        mayBegin: totalBytes => this.#mayBegin(task.id, totalBytes),
        onProgress: () => {},
      })
      if (this.#isClosed) return
      if (end.outcome === 'noticed') {
        const latest = clock.now() + NOTICE_MS_MAX
        const until = Math.min(windowEndsAt ?? latest, latest)
        await book.noticed(task.id, until)
        this.due(until)
        return
      }
      await book.apply({ taskId: task.id, ...inputOf(end) })
      this.#refused(end)
    } finally {
      landed()
    }
  }

  async #mayBegin(taskId: number, totalBytes: number): Promise<boolean> {
    const facts = { totalBytes, nextAt: this.#parts.clock.now() + UPDATE_MS_MAX }
    return (await this.#parts.book.apply({ taskId, input: { kind: 'begun' }, facts })) !== undefined
  }

  #refused(end: AccessEnd): void {
    if (end.outcome === 'noticed' || end.outcome === 'downloaded') return
    const code = end.outcome === 'auth-failed' ? 'DEVICE_AUTH_FAILED' : 'DOWNLOAD_FAILED'
    this.#parts.audit.refuse({ actor: 'carrier', code, message: end.reason })
  }
}

/** Others have their turn: the database answers without leaving it. */
function turn(): Promise<void> {
  return new Promise(turned => void setImmediate(turned))
}

function inputOf(end: Exclude<AccessEnd, { outcome: 'noticed' }>): {
  readonly input: TaskInput
  readonly facts?: { readonly reason: string }
} {
  if (end.outcome === 'downloaded') return { input: { kind: 'downloaded' } }
  return { input: { kind: end.outcome }, facts: { reason: end.reason } }
}
