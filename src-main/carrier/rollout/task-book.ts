import { type Kysely, type Selectable, type Updateable } from 'kysely'
import type { Schema } from '../../storage/schema'
import type { CustomersTable, DeviceTasksTable, RolloutsTable } from '../../storage/tables/rollout'
import { onDownloaded } from './completion'
import { nextWindowDue } from './maintenance-window'
import { enterOutbox } from './outbox-store'
import { type KeptRollout, rolloutOf } from './rollout-store'
import { nextTask, type TaskInput, type TaskStep } from './task-machine'
import { type KeptTask, taskOf } from './task-row'

/** What a change of a task writes beside its state. */
export type TaskFacts = Partial<
  Pick<
    KeptTask,
    | 'nextAt'
    | 'reason'
    | 'answer'
    | 'answeredAt'
    | 'updateId'
    | 'sentBytes'
    | 'totalBytes'
    | 'confirmedAt'
    | 'invoiceId'
  >
>

/** Something that happened to a task. */
export interface TaskEvent {
  readonly taskId: number
  readonly input: TaskInput
  readonly facts?: TaskFacts
}

export interface TaskMoved extends TaskStep {
  readonly rollout: KeptRollout
  readonly task: KeptTask
}

/** Tasks: changing one, with everything that follows from it, in one transaction. */
export class TaskBook {
  readonly #db: Kysely<Schema>
  readonly #now: () => number
  readonly #moved: (moved: TaskMoved) => void

  /** `moved` hears of every change once it is written down. */
  constructor(
    db: Kysely<Schema>,
    { now, moved }: { readonly now: () => number; readonly moved: (moved: TaskMoved) => void },
  ) {
    this.#db = db
    this.#now = now
    this.#moved = moved
  }

  /** Undefined where it has no place in the task's state: nothing is changed then. */
  async apply(event: TaskEvent): Promise<TaskMoved | undefined> {
    const moved = await this.#db
      .transaction()
      .execute(changes => applyTo(changes, event, this.#now()))
    if (moved) this.#moved(moved)
    return moved
  }

  /** A device that took the notice asks by then, unless it did already. */
  async noticed(taskId: number, nextAt: number): Promise<void> {
    await this.#db
      .updateTable('carrier_tasks')
      .set({ next_at: nextAt })
      .where('id', '=', taskId)
      .where('state', '=', 'connecting')
      .execute()
  }
}

/** In a transaction of the caller's. */
export async function applyTo(
  changes: Kysely<Schema>,
  { taskId, input, facts = {} }: TaskEvent,
  now: number,
): Promise<TaskMoved | undefined> {
  const rows = await rowsOf(changes, taskId)
  if (!rows) return undefined
  const { customer } = rows
  const rollout = rolloutOf(rows.rollout)
  const step = nextTask(rows.task, input, rollout.settings.attemptsMax)
  if (!step) return undefined
  const { window } = rollout.settings
  const isAgain = step.effects.includes('again')
  const nextAt = isAgain
    ? nextWindowDue(window, customer?.time_zone ?? 'UTC', now)
    : (facts.nextAt ?? null)
  const row = await changes
    .updateTable('carrier_tasks')
    .set({
      state: step.state,
      attempts: step.attempts,
      changed_at: now,
      next_at: nextAt,
      ...columnsOf(facts),
      ...endColumns(rows.task, input, now),
    })
    .where('id', '=', taskId)
    .returningAll()
    .executeTakeFirstOrThrow()
  const task = taskOf(row)
  if (customer && step.effects.includes('bill')) {
    const { device_id: deviceId, manager_name: managerName, manager_email: managerEmail } = customer
    const completed = { rollout, task, customer: { deviceId, managerName, managerEmail } }
    await enterOutbox(changes, onDownloaded(completed, now), now)
  }
  return { ...step, rollout, task }
}

function endColumns(
  task: Selectable<DeviceTasksTable>,
  input: TaskInput,
  now: number,
): Updateable<DeviceTasksTable> {
  if (input.kind !== 'downloaded') return {}
  const ended = { downloaded_at: now, reason: null }
  if (input.isRestored === true) return { ...ended, is_restored: 1 }
  return { ...ended, sent_bytes: task.total_bytes ?? task.sent_bytes }
}

function columnsOf(facts: TaskFacts): Updateable<DeviceTasksTable> {
  const { reason, answer } = facts
  return {
    reason,
    answer,
    answered_at: facts.answeredAt,
    update_id: facts.updateId,
    sent_bytes: facts.sentBytes,
    total_bytes: facts.totalBytes,
    confirmed_at: facts.confirmedAt,
    invoice_id: facts.invoiceId,
  }
}

interface Rows {
  readonly task: Selectable<DeviceTasksTable>
  readonly rollout: Selectable<RolloutsTable>
  readonly customer: Selectable<CustomersTable> | undefined
}

async function rowsOf(changes: Kysely<Schema>, taskId: number): Promise<Rows | undefined> {
  const task = await changes
    .selectFrom('carrier_tasks')
    .selectAll()
    .where('id', '=', taskId)
    .executeTakeFirst()
  if (!task) return undefined
  const rollout = await changes
    .selectFrom('carrier_rollouts')
    .selectAll()
    .where('id', '=', task.rollout_id)
    .executeTakeFirstOrThrow()
  const customer = await changes
    .selectFrom('carrier_customers')
    .selectAll()
    .where('device_id', '=', task.device_id)
    .executeTakeFirst()
  return { task, rollout, customer }
}
