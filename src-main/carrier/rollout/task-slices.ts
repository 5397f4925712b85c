import { type Kysely, sql } from 'kysely'
import type { TaskState } from '../../contract/rollouts'
import type { Schema } from '../../storage/schema'
import { windowDue, windowEnd } from './maintenance-window'
import type { KeptRollout } from './rollout-store'
import { plannedGroups } from './groups'
import { whereUsable } from './selection'
import { ACTIVE_TASKS, OPEN_TASKS, WAITING_TASKS } from './task-machine'

/** So many rows are written at a time; between two slices everybody else has a turn. */
const SLICE = 1000
/** They get another round of attempts when somebody wants it. */
const RETRYABLE: readonly TaskState[] = ['failed', 'auth-failed', 'abandoned']

/** Many tasks at once, in slices that a stop may fall between. */
export class TaskSlices {
  readonly #db: Kysely<Schema>
  readonly #now: () => number

  constructor(db: Kysely<Schema>, now: () => number) {
    this.#db = db
    this.#now = now
  }

  /** The groups of a rollout by the devices that it is for. */
  async plan(rollout: KeptRollout) {
    const { count } = await this.#db
      .selectFrom('carrier_customers')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(whereUsable(rollout))
      .executeTakeFirstOrThrow()
    return plannedGroups(rollout.settings.groups, count)
  }

  /**
   * S2, S19, S38, S51: a task for each usable device, in the order of their numbers; goes on where
   * a stop cut it off. Gives how many there are.
   */
  async create(rollout: KeptRollout): Promise<number> {
    const { id } = rollout
    let { count, last } = await this.#db
      .selectFrom('carrier_tasks')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .select(sql<string | null>`max(device_id)`.as('last'))
      .where('rollout_id', '=', id)
      .executeTakeFirstOrThrow()
    await slices(async () => {
      const created = await this.#createSlice(rollout, { after: last ?? '', place: count })
      count += created
      const newest = await this.#db
        .selectFrom('carrier_tasks')
        .select(sql<string | null>`max(device_id)`.as('last'))
        .where('rollout_id', '=', id)
        .executeTakeFirstOrThrow()
      last = newest.last
      return created
    })
    return count
  }

  async #createSlice(
    rollout: KeptRollout,
    { after, place }: { readonly after: string; readonly place: number },
  ): Promise<number> {
    const usable = this.#db
      .selectFrom('carrier_customers')
      .select(['device_id', 'manager_name'])
      .where(whereUsable(rollout))
      .where('device_id', '>', after)
      .orderBy('device_id')
      .limit(SLICE)
    let until = 0
    const bounds = rollout.groups.slice(0, -1).map(({ number, size }) => {
      until += size
      return sql`when place <= ${until} then ${number}`
    })
    const group =
      bounds.length === 0
        ? sql`1`
        : sql`case ${sql.join(bounds, sql` `)} else ${rollout.groups.length} end`
    const inserted = await sql`
      insert into carrier_tasks
        (rollout_id, device_id, manager_name, state, group_number, attempts, sent_bytes,
         is_restored, changed_at)
      select ${rollout.id}, device_id, manager_name, 'selected', ${group}, 0, 0, 0, ${this.#now()}
      from (
        select device_id, manager_name,
          row_number() over (order by device_id) + ${place} as place
        from (${usable})
      )`.execute(this.#db)
    return Number(inserted.numAffectedRows ?? 0n)
  }

  /** S52: every manager is asked anew (AMB-1.11). */
  async asked(rollout: KeptRollout): Promise<void> {
    await this.#inSlices(rollout.id, ['selected'], async (changes, ids) => {
      await changes
        .updateTable('carrier_customers')
        .set({ update_management: 'unanswered' })
        .where('device_id', 'in', db =>
          db.selectFrom('carrier_tasks').select('device_id').where(among(ids)),
        )
        .execute()
      await this.#set(changes, ids, { state: 'awaiting-answer' })
    })
  }

  /** S56: who did not answer does not want it (S1-61). */
  async unanswered(rolloutId: number): Promise<void> {
    await this.#inSlices(rolloutId, ['awaiting-answer'], (changes, ids) =>
      this.#set(changes, ids, { state: 'no-answer' }),
    )
  }

  /** A group has begun: each device waits for its window. */
  async release(rollout: KeptRollout, group: number): Promise<void> {
    const { consent, window } = rollout.settings
    const states: readonly TaskState[] = [consent ? 'agreed' : 'selected']
    const release = async (changes: Kysely<Schema>, ids: readonly number[]) => {
      const now = this.#now()
      for (const [timeZone, some] of await byTimeZone(changes, ids)) {
        const next_at = windowDue(window, timeZone, now)
        await this.#set(changes, some, { state: 'waiting-window', next_at })
      }
    }
    await this.#inSlices(rollout.id, states, release, group)
  }

  /** Windows that closed before a download began. */
  async closed(rollout: KeptRollout): Promise<void> {
    await slices(() =>
      this.#db.transaction().execute(async changes => {
        const now = this.#now()
        const found = await changes
          .selectFrom('carrier_tasks')
          .select('id')
          .where('rollout_id', '=', rollout.id)
          .where('state', '=', 'connecting')
          .where('next_at', '<=', now)
          .limit(SLICE)
          .execute()
        const ids = found.map(({ id }) => id)
        let held = 0
        for (const [timeZone, some] of await byTimeZone(changes, ids)) {
          const next_at = windowDue(rollout.settings.window, timeZone, now)
          if (next_at <= now) continue
          await this.#set(changes, some, { state: 'waiting-window', next_at })
          held += some.length
        }
        return held
      }),
    )
  }

  /** What is due in a time zone whose window is closed waits for its opening. */
  async postponed(rolloutId: number, timeZone: string, opening: number): Promise<void> {
    await slices(async () => {
      const found = await this.#db
        .selectFrom('carrier_tasks')
        .innerJoin('carrier_customers', 'carrier_customers.device_id', 'carrier_tasks.device_id')
        .select('carrier_tasks.id')
        .where('rollout_id', '=', rolloutId)
        .where('state', 'in', WAITING_TASKS)
        .where('next_at', '<=', this.#now())
        .where('time_zone', '=', timeZone)
        .limit(SLICE)
        .execute()
      await this.#db
        .updateTable('carrier_tasks')
        .set({ next_at: opening })
        .where(among(found.map(({ id }) => id)))
        .where('state', 'in', WAITING_TASKS)
        .execute()
      return found.length
    })
  }

  /**
   * Polling devices whose window is open, and whose time came after `since`, are shown their update
   * when they ask (AMB-X.18).
   */
  async shown(rollout: KeptRollout, since: number): Promise<void> {
    const { window } = rollout.settings
    await slices(() =>
      this.#db.transaction().execute(async changes => {
        const now = this.#now()
        const rows = await changes
          .selectFrom('carrier_tasks')
          .innerJoin('carrier_customers', 'carrier_customers.device_id', 'carrier_tasks.device_id')
          .select('carrier_tasks.id')
          .where('rollout_id', '=', rollout.id)
          .where('state', 'in', WAITING_TASKS)
          .where('next_at', '>', since)
          .where('next_at', '<=', now)
          .where('reach', '=', 'poll')
          .limit(SLICE)
          .execute()
        const zones = await byTimeZone(
          changes,
          rows.map(({ id }) => id),
        )
        for (const [timeZone, some] of zones) {
          const opening = windowDue(window, timeZone, now)
          const columns =
            opening > now
              ? { state: 'waiting-window' as const, next_at: opening }
              : { state: 'connecting' as const, next_at: windowEnd(window, timeZone, now) }
          await this.#set(changes, some, columns)
        }
        return rows.length
      }),
    )
  }

  /**
   * Accesses that a stop of the server cut off are made again. Handsets that are under way go on by
   * themselves, and so do polling devices.
   */
  async cutOff(rolloutId: number): Promise<void> {
    await this.#db
      .updateTable('carrier_tasks')
      .set({ state: 'waiting-window', next_at: this.#now() })
      .where('rollout_id', '=', rolloutId)
      .where('state', 'in', ACTIVE_TASKS)
      .where('update_id', 'is', null)
      .where(tasks =>
        tasks.exists(
          tasks
            .selectFrom('carrier_customers')
            .select('reach')
            .whereRef('carrier_customers.device_id', '=', 'carrier_tasks.device_id')
            .where('reach', '=', 'access'),
        ),
      )
      .execute()
  }

  /** What did not begin to download begins later. */
  async held(rolloutId: number): Promise<void> {
    const next_at = this.#now()
    await this.#inSlices(rolloutId, ['connecting'], (changes, ids) =>
      this.#set(changes, ids, { state: 'waiting-window', next_at }),
    )
  }

  /** What goes out to a handset is asked for with a token, which ends with the task. */
  async cancelled(rolloutId: number): Promise<void> {
    await this.#inSlices(rolloutId, OPEN_TASKS, async (changes, ids) => {
      await changes
        .updateTable('carrier_updates')
        .set({ token_digest: null, token_until: null })
        .where('id', 'in', db =>
          db
            .selectFrom('carrier_tasks')
            .select(sql<string>`update_id`.as('update_id'))
            .where(among(ids))
            .where('update_id', 'is not', null),
        )
        .execute()
      await this.#set(changes, ids, { state: 'cancelled' })
    })
  }

  /** Whether one of the devices, or of all where none are named, can get another round. */
  async hasRetryable(
    rolloutId: number,
    deviceIds: readonly string[] | undefined,
  ): Promise<boolean> {
    const tasks = this.#db
      .selectFrom('carrier_tasks')
      .select('id')
      .where('rollout_id', '=', rolloutId)
      .where('state', 'in', RETRYABLE)
    const chosen = sql<boolean>`device_id in (select value from json_each(${JSON.stringify(deviceIds ?? [])}))`
    const wanted = deviceIds === undefined ? tasks : tasks.where(chosen)
    return (await wanted.limit(1).executeTakeFirst()) !== undefined
  }

  /** Another round of attempts, in the next window. Gives how many. */
  async retried(rollout: KeptRollout, deviceIds: readonly string[] | undefined): Promise<number> {
    let retried = 0
    const chosen = deviceIds && new Set(deviceIds)
    let after = 0
    await slices(async () => {
      const rows = await this.#db
        .selectFrom('carrier_tasks')
        .select(['id', 'device_id'])
        .where('rollout_id', '=', rollout.id)
        .where('state', 'in', RETRYABLE)
        .where('id', '>', after)
        .orderBy('id')
        .limit(SLICE)
        .execute()
      const ids = rows.filter(row => chosen?.has(row.device_id) ?? true).map(({ id }) => id)
      await this.#db.transaction().execute(async changes => {
        for (const [timeZone, some] of await byTimeZone(changes, ids)) {
          const next_at = windowDue(rollout.settings.window, timeZone, this.#now())
          await this.#set(changes, some, { state: 'waiting-window', next_at, attempts: 0 })
        }
      })
      retried += ids.length
      after = rows.at(-1)?.id ?? after
      return rows.length
    })
    return retried
  }

  async #inSlices(
    rolloutId: number,
    states: readonly TaskState[],
    work: (changes: Kysely<Schema>, ids: readonly number[]) => Promise<void>,
    group?: number,
  ): Promise<void> {
    await slices(() =>
      this.#db.transaction().execute(async changes => {
        let found = changes
          .selectFrom('carrier_tasks')
          .select('id')
          .where('rollout_id', '=', rolloutId)
          .where('state', 'in', states)
        if (group !== undefined) found = found.where('group_number', '=', group)
        const ids = (await found.limit(SLICE).execute()).map(({ id }) => id)
        if (ids.length > 0) await work(changes, ids)
        return ids.length
      }),
    )
  }

  async #set(
    changes: Kysely<Schema>,
    ids: readonly number[],
    columns: {
      readonly state: TaskState
      readonly next_at?: number | null
      readonly attempts?: number
    },
  ): Promise<void> {
    await changes
      .updateTable('carrier_tasks')
      .set({ next_at: null, ...columns, changed_at: this.#now() })
      .where(among(ids))
      .execute()
  }
}

/** One parameter however many there are. */
function among(ids: readonly number[]) {
  return sql<boolean>`id in (select value from json_each(${JSON.stringify(ids)}))`
}

async function byTimeZone(
  changes: Kysely<Schema>,
  ids: readonly number[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const rows = await changes
    .selectFrom('carrier_tasks')
    .innerJoin('carrier_customers', 'carrier_customers.device_id', 'carrier_tasks.device_id')
    .select(['carrier_tasks.id', 'carrier_customers.time_zone'])
    .where(sql<boolean>`carrier_tasks.id in (select value from json_each(${JSON.stringify(ids)}))`)
    .execute()
  const zones = new Map<string, number[]>()
  for (const { id, time_zone } of rows) {
    const some = zones.get(time_zone)
    if (some) some.push(id)
    else zones.set(time_zone, [id])
  }
  return zones
}

/** Ends with the first slice that is not full. */
async function slices(slice: () => Promise<number>): Promise<void> {
  for (;;) {
    const done = await slice()
    if (done < SLICE) return
    await new Promise(turned => void setImmediate(turned))
  }
}
