import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { EventSink } from '../../observe/events'
import type { AuditSink, TraceSink } from '../../observe/message'
import type { DefectLog } from '../../site/refusal'
import type { Distributor } from './distributor'
import { decideGroups } from './groups'
import type { OutboxWorker } from './outbox-worker'
import type { Consent, Trial } from './ports'
import { nextRollout, type RolloutEffect, type RolloutInput } from './rollout-machine'
import type { RolloutLedger, RolloutMoved } from './rollout-ledger'
import { RolloutPulse } from './rollout-pulse'
import type { KeptRollout, RolloutStore } from './rollout-store'
import { stepLabel, stepsOf } from './steps'
import type { TaskSlices } from './task-slices'
import type { TaskStore } from './task-store'

export interface RolloutCourseParts {
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  readonly rollouts: RolloutStore
  readonly ledger: RolloutLedger
  readonly tasks: TaskStore
  readonly slices: TaskSlices
  readonly distributor: Distributor
  readonly outbox: Pick<OutboxWorker, 'wake'>
  readonly trial: Trial
  readonly consent: Consent
  /** Ends what is being fetched, and what goes out to polling devices, of a rollout. */
  readonly cutOthers: (rolloutId: number) => Promise<void>
}

const HOUR_MS = 3_600_000
/** Of the devices that a lookup found, the trace names so many. */
const FOUND_MAX = 1000

/** What a rollout does by itself between two states (S30 to S57, S1-09). */
export class RolloutCourse {
  readonly #parts: RolloutCourseParts
  readonly #pulse: RolloutPulse
  readonly #trials = new Map<number, AbortController>()
  readonly #works = new Set<Promise<void>>()
  readonly #deadlines = new Map<number, () => void>()
  /** Changes one after the other: groups are decided on what the one before has written. */
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(parts: RolloutCourseParts) {
    this.#parts = parts
    const { clock, logDefect } = parts
    const look = (id: number) => this.inTurn(() => this.#look(id))
    this.#pulse = new RolloutPulse({ clock, logDefect, look })
  }

  /** Tasks of it changed. */
  touch(rolloutId: number): void {
    this.#pulse.touch(rolloutId)
  }

  /** Does what follows from a step, in the background. */
  follow({ rollout, effects }: RolloutMoved): void {
    for (const effect of effects) {
      // A trial waits for its answer in the clock's time; its messages hold that time themselves.
      const landed = effect === 'try' ? () => {} : this.#parts.clock.busy()
      this.#inBackground(rollout.id, () => this.#effect(effect, rollout.id), landed)
    }
  }

  /** Runs after what is under way; other changes wait. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  isTrying(rolloutId: number): boolean {
    return this.#trials.has(rolloutId)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const cancel of this.#deadlines.values()) cancel()
    for (const trial of this.#trials.values()) trial.abort()
    await this.#pulse.close()
    await Promise.allSettled(this.#works)
    await this.#turn
  }

  async #effect(effect: RolloutEffect, id: number): Promise<void> {
    switch (effect) {
      case 'try':
        return this.#try(id)
      case 'select':
        return this.inTurn(() => this.#select(id))
      case 'return':
        return this.#parts.outbox.wake()
      case 'ask':
        return this.inTurn(() => this.#ask(id))
      case 'distribute':
        return this.touch(id)
      case 'cut':
        return this.inTurn(() => this.#cut(id))
    }
  }

  /** S31 to S37. */
  async #try(id: number): Promise<void> {
    if (this.#trials.has(id) || this.#isClosed) return
    const { ledger, trial } = this.#parts
    const cut = new AbortController()
    this.#trials.set(id, cut)
    try {
      await ledger.step(id, { kind: 'trial-begun' })
      this.#note('30', 'software obtained', { rollout: id })
      const report = await trial.run(await ledger.shown(id), cut.signal)
      if (cut.signal.aborted) return
      if (!report) return await this.#waitForTestDevice(id)
      const isPassed = report.outcome === 'passed'
      const reason = isPassed ? null : report.message
      const ended: RolloutInput = { kind: 'trial-ended', isPassed }
      const moved = await ledger.step(id, ended, { report, reason })
      if (isPassed) this.#note('36', 'trial passed', { rollout: id })
      else if (report.outcome !== 'not-installed') this.#note('35', 'time over', { rollout: id })
      this.follow(moved)
    } catch (error) {
      if (cut.signal.aborted) return
      if (!(error instanceof CodedError)) throw error
      await this.#parts.ledger.change(id, { reason: error.message })
    } finally {
      this.#trials.delete(id)
    }
  }

  async #waitForTestDevice(id: number): Promise<void> {
    const { vendorName } = await this.#parts.ledger.kept(id)
    const reason = `No test device of ${vendorName} fits. Mark one in the customer table, then resume.`
    await this.#parts.ledger.step(id, { kind: 'trial-waits' }, { reason })
  }

  /** S2, S19, S38, S51. */
  async #select(id: number): Promise<void> {
    const { clock, ledger, slices } = this.#parts
    const before = await ledger.kept(id)
    if (!nextRollout(before.state, { kind: 'selected' }, before.settings)) return
    if (before.groups.length === 0) await ledger.change(id, { groups: await slices.plan(before) })
    const rollout = await ledger.kept(id)
    if (rollout.settings.consent) this.#note('50', 'software obtained', { rollout: id })
    const found = await slices.create(rollout)
    await this.#noteFound(rollout, found)
    const { consent, consentHours } = rollout.settings
    const deadline = consent ? clock.now() + consentHours * HOUR_MS : null
    this.follow(await ledger.step(id, { kind: 'selected' }, { deadline }))
  }

  async #noteFound(rollout: KeptRollout, found: number): Promise<void> {
    const { tasks, trace } = this.#parts
    const page = { id: rollout.id, filter: '', offset: 0, limit: FOUND_MAX }
    const { rows } = await tasks.page(page)
    trace.record({
      from: 'carrier',
      to: 'carrier',
      type: 'lookup',
      outcome: 'answered',
      label: stepLabel(stepsOf(rollout.settings).find),
      fields: { rollout: rollout.id, found },
      payload: Buffer.from(JSON.stringify(rows.map(({ deviceId }) => deviceId))),
    })
  }

  /** S52. */
  async #ask(id: number): Promise<void> {
    const { consent, ledger, outbox, slices } = this.#parts
    const rollout = await ledger.kept(id)
    if (rollout.state !== 'collecting-consent') return
    this.watchDeadline(rollout)
    await slices.asked(rollout)
    await consent.ask(await ledger.shown(id))
    outbox.wake()
    this.touch(id)
  }

  /** S56 comes by itself. */
  watchDeadline({ id, deadline }: Pick<KeptRollout, 'id' | 'deadline'>): void {
    if (deadline === null || this.#deadlines.has(id) || this.#isClosed) return
    const wait = Math.max(0, deadline - this.#parts.clock.now())
    // A timer of the platform takes no more than 24 days; whoever wakes too early waits again.
    const cancel = this.#parts.clock.after(Math.min(wait, 24 * 24 * HOUR_MS), () => {
      this.#deadlines.delete(id)
      if (deadline > this.#parts.clock.now()) this.watchDeadline({ id, deadline })
      else this.touch(id)
    })
    this.#deadlines.set(id, cancel)
  }

  async #cut(id: number): Promise<void> {
    const { cutOthers, distributor, slices } = this.#parts
    this.#trials.get(id)?.abort()
    this.#deadlines.get(id)?.()
    this.#deadlines.delete(id)
    await slices.cancelled(id)
    distributor.cut(id)
    await cutOthers(id)
    await this.#tellTasks(id)
  }

  /** Counts, groups, and what follows from them. */
  async #look(id: number): Promise<void> {
    const { distributor, ledger, outbox, rollouts, slices } = this.#parts
    if (this.#isClosed) return
    outbox.wake()
    const rollout = await this.#collected(await ledger.kept(id))
    const isRunning = rollout.state === 'distributing' || rollout.state === 'collecting-consent'
    if (isRunning && !rollout.isPaused) {
      const decided = decideGroups(rollout.groups, await rollouts.counts(id), rollout.settings)
      const { groups, stop, isEnded } = decided
      // First the groups: whoever agrees from here on is released with the answer.
      if (JSON.stringify(groups) !== JSON.stringify(rollout.groups)) {
        await rollouts.change(id, { groups, at: this.#parts.clock.now() })
      }
      for (const { number, state } of groups) {
        const before = rollout.groups.find(group => group.number === number)
        const isBegun = before?.state === 'waiting' && state !== 'waiting'
        if (isBegun) await slices.release(rollout, number)
      }
      if (stop !== undefined) await this.#stop(id, stop)
      else if (isEnded && rollout.state === 'distributing') await this.#end(id)
    }
    distributor.wake()
    await this.#tellTasks(id)
  }

  /** S56, S57. */
  async #collected(rollout: KeptRollout): Promise<KeptRollout> {
    const { clock, ledger, rollouts, slices } = this.#parts
    const { id, state, deadline } = rollout
    if (state !== 'collecting-consent') return rollout
    const isLate = deadline !== null && deadline <= clock.now()
    if (isLate) await slices.unanswered(id)
    const counts = await rollouts.counts(id)
    if (counts.some(count => count.state === 'awaiting-answer' || count.state === 'selected')) {
      return rollout
    }
    this.#note(isLate ? '56' : '57', 'end of collection', { rollout: id })
    const moved = await ledger.step(id, { kind: 'collected' })
    this.follow(moved)
    return moved.rollout
  }

  async #stop(id: number, reason: string): Promise<void> {
    const { audit, ledger } = this.#parts
    audit.refuse({ actor: 'carrier', code: 'ROLLOUT_STOPPED', message: reason })
    await ledger.change(id, { isPaused: true, reason })
    await this.held(id)
  }

  /** Nothing new begins; what downloads goes on. */
  async held(id: number): Promise<void> {
    await this.#parts.slices.held(id)
    await this.#tellTasks(id)
  }

  async #end(id: number): Promise<void> {
    await this.#parts.ledger.step(id, { kind: 'ended' }, { closedAt: this.#parts.clock.now() })
  }

  async #tellTasks(id: number): Promise<void> {
    this.#parts.events.publish({ kind: 'tasks-changed', rolloutId: id })
    await this.#parts.ledger.tell(id)
  }

  #note(step: string, type: string, fields: Readonly<Record<string, number>>): void {
    const message = { from: 'carrier', to: 'carrier', type, fields, outcome: 'answered' as const }
    this.#parts.trace.record({ ...message, label: stepLabel(step) })
  }

  #inBackground(id: number, work: () => Promise<void>, landed: () => void): void {
    const { logDefect } = this.#parts
    if (this.#isClosed) return landed()
    const done = work()
      .catch((error: unknown) => {
        // Somebody cancelled it meanwhile.
        if (error instanceof CodedError && error.code === 'ROLLOUT_STATE') return
        logDefect(error, `rollout ${id}`)
      })
      .finally(() => {
        this.#works.delete(done)
        landed()
      })
    this.#works.add(done)
  }
}
