import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { DeviceTask } from '../../contract/rollouts'
import type { AuditSink } from '../../observe/message'
import type { Schema } from '../../storage/schema'
import { audited } from '../audited'
import { rememberAnswer } from '../customers/customer-store'
import { windowDue } from './maintenance-window'
import type { Answers } from './ports'
import type { RolloutLedger } from './rollout-ledger'
import type { KeptRollout } from './rollout-store'
import { applyTo, type TaskEvent, type TaskMoved } from './task-book'
import { type KeptTask, shownTask } from './task-row'
import type { TaskStore } from './task-store'

export interface AnswerDeskParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly audit: AuditSink
  readonly ledger: Pick<RolloutLedger, 'kept'>
  readonly tasks: Pick<TaskStore, 'ofDevice' | 'customer'>
  readonly moved: (moved: TaskMoved) => void
}

/** Takes managers' answers (S53 to S55), whichever way they come. */
export class AnswerDesk implements Answers {
  readonly #parts: AnswerDeskParts

  constructor(parts: AnswerDeskParts) {
    this.#parts = parts
  }

  async answered(
    task: { readonly rolloutId: number; readonly deviceId: string },
    answer: 'yes' | 'no',
  ): Promise<void> {
    const { audit, ledger, tasks } = this.#parts
    await audited(audit, async () => {
      const rollout = await ledger.kept(task.rolloutId)
      const kept = await tasks.ofDevice(task.rolloutId, task.deviceId)
      if (!kept || !rollout.settings.consent) throw unknown(task)
      this.#mustBeInTime(rollout, kept)
      await this.#take(rollout, kept, answer)
    })
  }

  /** The same, and gives the task. */
  async answerOf(
    task: { readonly rolloutId: number; readonly deviceId: string },
    answer: 'yes' | 'no',
  ): Promise<DeviceTask> {
    await this.answered(task, answer)
    const kept = await this.#parts.tasks.ofDevice(task.rolloutId, task.deviceId)
    if (!kept) throw unknown(task)
    return shownTask(kept)
  }

  /** S56, S1-61. */
  #mustBeInTime({ deadline, state }: KeptRollout, { deviceId }: KeptTask): void {
    const { clock } = this.#parts
    const isOver = deadline !== null && deadline <= clock.now()
    if (state === 'collecting-consent' && !isOver) return
    const message = `The time to answer for ${deviceId} is over. Nothing was changed.`
    throw new CodedError('ANSWER_LATE', message, { deviceId })
  }

  async #take(rollout: KeptRollout, task: KeptTask, answer: 'yes' | 'no'): Promise<void> {
    const { clock, db, moved, tasks } = this.#parts
    const { deviceId, id: taskId } = task
    const at = clock.now()
    const customer = await tasks.customer(deviceId)
    const nextAt = windowDue(rollout.settings.window, customer?.time_zone ?? 'UTC', at)
    const facts = { answer, answeredAt: at }
    const answered: TaskEvent = { taskId, input: { kind: 'answered', answer }, facts }
    const released: TaskEvent = { taskId, input: { kind: 'released' }, facts: { nextAt } }
    const change = await db.transaction().execute(async changes => {
      const first = await applyTo(changes, answered, at)
      if (!first) return undefined
      // As it is now: a group may have begun, and the collection ended, since it was looked at.
      this.#mustBeInTime(first.rollout, task)
      await rememberAnswer(changes, { deviceId, answer, at })
      const group = first.rollout.groups.find(({ number }) => number === task.group)
      const isReleased = answer === 'yes' && group !== undefined && group.state !== 'waiting'
      return isReleased ? ((await applyTo(changes, released, at)) ?? first) : first
    })
    if (change) return moved(change)
    const message = `The download to ${deviceId} has begun; the answer can no longer be changed.`
    throw new CodedError('ANSWER_LATE', message, { deviceId, state: task.state })
  }
}

function unknown({ rolloutId, deviceId }: { rolloutId: number; deviceId: string }): CodedError {
  const message = `Rollout ${rolloutId} asks nobody about ${deviceId}.`
  return new CodedError('TASK_UNKNOWN', message, { rolloutId, deviceId })
}
