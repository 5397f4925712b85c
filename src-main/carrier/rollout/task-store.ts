import { type Kysely, type Selectable, sql } from 'kysely'
import type { TaskState } from '../../contract/rollouts'
import type { Schema } from '../../storage/schema'
import type { CustomersTable } from '../../storage/tables/rollout'
import { ACTIVE_TASKS, OPEN_TASKS, WAITING_TASKS } from './task-machine'
import { type KeptTask, taskOf } from './task-row'

export interface TaskPage {
  readonly id: number
  readonly state?: TaskState | undefined
  readonly filter: string
  readonly offset: number
  readonly limit: number
}

/** A task whose time has come, with the row of its device. */
export interface DueTask {
  readonly task: KeptTask
  readonly customer: Selectable<CustomersTable>
}

/** Tasks: looking them up. Nothing here reads more rows than it answers with. */
export class TaskStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async ofDevice(rolloutId: number, deviceId: string): Promise<KeptTask | undefined> {
    const row = await this.#tasks()
      .where('rollout_id', '=', rolloutId)
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    return row && taskOf(row)
  }

  /** Those that may still change, oldest first. */
  async unfinishedOf(deviceId: string): Promise<KeptTask[]> {
    const rows = await this.#tasks()
      .where('device_id', '=', deviceId)
      .where('state', 'in', [...OPEN_TASKS, 'abandoned'])
      .orderBy('id')
      .execute()
    return rows.map(taskOf)
  }

  async page({ id, state, filter, offset, limit }: TaskPage) {
    let matching = this.#db.selectFrom('carrier_tasks').where('rollout_id', '=', id)
    if (state !== undefined) matching = matching.where('state', '=', state)
    if (filter !== '') {
      const like = `%${filter.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
      matching = matching.where(
        sql<boolean>`(device_id like ${like} escape '\\' or manager_name like ${like} escape '\\' or reason like ${like} escape '\\')`,
      )
    }
    const { total } = await matching
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    const rows = await matching
      .selectAll()
      .orderBy('device_id')
      .offset(offset)
      .limit(limit)
      .execute()
    return { total, rows: rows.map(taskOf) }
  }

  /** Tasks whose attempt is due, first the longest due. */
  async due(rolloutId: number, now: number, limit: number): Promise<DueTask[]> {
    // Each state by itself: so the index gives them in order, and no more than are wanted.
    const found: KeptTask[] = []
    for (const state of WAITING_TASKS)
      found.push(...(await this.#dueIn(rolloutId, state, now, limit)))
    const first = found
      .toSorted((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0) || a.id - b.id)
      .slice(0, limit)
    const customers = await this.#customers(first.map(({ deviceId }) => deviceId))
    return first.flatMap(task => {
      const customer = customers.get(task.deviceId)
      return customer ? [{ task, customer }] : []
    })
  }

  /** Accesses whose window closed, and downloads that take too long. */
  async overdue(rolloutId: number, now: number, limit: number): Promise<KeptTask[]> {
    const found: KeptTask[] = []
    for (const state of ACTIVE_TASKS)
      found.push(...(await this.#dueIn(rolloutId, state, now, limit)))
    return found
  }

  /** Null: nothing is due at any time after now. */
  async nextDue(rolloutId: number, now: number): Promise<number | null> {
    const times: number[] = []
    for (const state of [...WAITING_TASKS, ...ACTIVE_TASKS]) {
      const row = await this.#db
        .selectFrom('carrier_tasks')
        .select('next_at')
        .where('rollout_id', '=', rolloutId)
        .where('state', '=', state)
        .where('next_at', '>', now)
        .orderBy('next_at')
        .limit(1)
        .executeTakeFirst()
      if (row?.next_at !== undefined && row.next_at !== null) times.push(row.next_at)
    }
    return times.length > 0 ? Math.min(...times) : null
  }

  async customer(deviceId: string): Promise<Selectable<CustomersTable> | undefined> {
    return (await this.#customers([deviceId])).get(deviceId)
  }

  async customerWithTerminal(terminalId: string): Promise<Selectable<CustomersTable> | undefined> {
    return this.#db
      .selectFrom('carrier_customers')
      .selectAll()
      .where('terminal_id', '=', terminalId)
      .executeTakeFirst()
  }

  async #dueIn(
    rolloutId: number,
    state: TaskState,
    now: number,
    limit: number,
  ): Promise<KeptTask[]> {
    const rows = await this.#tasks()
      .where('rollout_id', '=', rolloutId)
      .where('state', '=', state)
      .where('next_at', '<=', now)
      .orderBy('next_at')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(taskOf)
  }

  async #customers(
    deviceIds: readonly string[],
  ): Promise<ReadonlyMap<string, Selectable<CustomersTable>>> {
    if (deviceIds.length === 0) return new Map()
    const rows = await this.#db
      .selectFrom('carrier_customers')
      .selectAll()
      .where('device_id', 'in', deviceIds)
      .execute()
    return new Map(rows.map(row => [row.device_id, row]))
  }

  #tasks() {
    return this.#db.selectFrom('carrier_tasks').selectAll()
  }
}
