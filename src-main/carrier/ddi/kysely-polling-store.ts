import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../../storage/schema'
import type { Attributes } from './messages'
import { attributesIn, type TaskRow, toDevice, toReport, toTask } from './polling-rows'
import type {
  ActionReport,
  PolledDevice,
  PolledTask,
  PollingChange,
  PollingStore,
  ReportedAttributes,
  SeenDevice,
} from './polling-store'

/** The store for every database that Kysely speaks to. */
export class KyselyPollingStore implements PollingStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async device(deviceId: string): Promise<PolledDevice | undefined> {
    const rows = await this.#db
      .selectFrom('carrier_customers as c')
      .leftJoin('carrier_polling as p', 'p.device_id', 'c.device_id')
      .leftJoin('carrier_tasks as t', 't.id', 'p.told_task_id')
      .leftJoin('carrier_tasks as s', join =>
        join
          .onRef('s.device_id', '=', 'c.device_id')
          .on('s.state', 'in', ['connecting', 'downloading', 'awaiting-answer']),
      )
      .select(['c.device_id as deviceId', 'c.token_digest as tokenDigest', 'c.reach'])
      .select(['p.seen_at as seenAt', 'p.reported_at as reportedAt'])
      .select(['p.told_task_id as toldTaskId', 't.state as toldState'])
      .select('p.installed_task_id as installedTaskId')
      .select(['s.id as shownId', 's.rollout_id as shownRolloutId'])
      .select(['s.state as shownState', 's.attempts as shownAttempts'])
      .where('c.device_id', '=', deviceId)
      .orderBy('s.id')
      .execute()
    return toDevice(rows)
  }

  async task(id: number): Promise<PolledTask | undefined> {
    const row = await this.#db
      .selectFrom('carrier_tasks as t')
      .innerJoin('carrier_customers as c', 'c.device_id', 't.device_id')
      .innerJoin('carrier_rollouts as r', 'r.id', 't.rollout_id')
      .select(['t.id', 't.rollout_id as rolloutId', 't.device_id as deviceId', 't.state'])
      .select(['t.attempts', 't.reason', 't.sent_bytes as sentBytes'])
      .select(['t.total_bytes as totalBytes', 't.confirmed_at as confirmedAt'])
      .select(['c.ip_address as ipAddress', 'c.manager_name as managerName'])
      .select(['c.manager_email as managerEmail', 'c.time_zone as timeZone'])
      .select(['r.software_name as softwareName', 'r.version', 'r.settings', 'r.additional'])
      .select(eb => eb.ref('r.digest').$notNull().as('digest'))
      .where('t.id', '=', id)
      .where('r.digest', 'is not', null)
      .executeTakeFirst()
    return row && toTask(row satisfies TaskRow)
  }

  async attributes(deviceId: string): Promise<Attributes> {
    const row = await this.#db
      .selectFrom('carrier_polling')
      .select('attributes')
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    return attributesIn(row?.attributes)
  }

  async reports(taskId: number): Promise<{ count: number; newest: ActionReport | undefined }> {
    const rows = this.#db.selectFrom('carrier_action_reports').where('task_id', '=', taskId)
    const newest = await rows
      .select(['task_id as taskId', 'at', 'execution', 'finished', 'details'])
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    const { count } = await rows
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .executeTakeFirstOrThrow()
    return { count: Number(count), newest: newest && toReport(newest) }
  }

  change(change: PollingChange): Promise<boolean> {
    return this.#db.transaction().execute(async transaction => {
      if (change.task && !(await taskChanged(transaction, change.task, change.at))) return false
      await addReport(transaction, change)
      await close(transaction, change)
      return true
    })
  }

  async progress({
    taskId,
    sentBytes,
    totalBytes,
    nextAt,
    reason,
  }: Parameters<PollingStore['progress']>[0]): Promise<void> {
    await this.#db
      .updateTable('carrier_tasks')
      .set({
        sent_bytes: sql`case when sent_bytes > ${sentBytes} then sent_bytes else ${sentBytes} end`,
        total_bytes: totalBytes,
        next_at: nextAt,
        reason,
      })
      .where('id', '=', taskId)
      .where('state', '=', 'downloading')
      .execute()
  }

  async reported(reported: ReportedAttributes): Promise<void> {
    const { deviceId, at, software, confirmedTaskId } = reported
    const said = { seen_at: at, attributes: JSON.stringify(reported.attributes), reported_at: at }
    await this.#db.transaction().execute(async transaction => {
      await transaction
        .insertInto('carrier_polling')
        .values({ device_id: deviceId, ...said })
        .onConflict(conflict => conflict.column('device_id').doUpdateSet(said))
        .execute()
      if (software) await keepSoftware(transaction, { deviceId, at, ...software })
      if (confirmedTaskId === undefined) return
      await transaction
        .updateTable('carrier_tasks')
        .set({ confirmed_at: sql`coalesce(confirmed_at, ${at})`, changed_at: at })
        .where('id', '=', confirmedTaskId)
        .execute()
    })
  }

  seen(devices: readonly SeenDevice[]): Promise<void> {
    return this.#db.transaction().execute(async transaction => {
      for (const { deviceId, at, toldTaskId } of devices) {
        const told = toldTaskId === undefined ? {} : { told_task_id: toldTaskId }
        await transaction
          .insertInto('carrier_polling')
          .values({ device_id: deviceId, seen_at: at, attributes: '{}', ...told })
          .onConflict(conflict =>
            conflict.column('device_id').doUpdateSet({ seen_at: at, ...told }),
          )
          .execute()
      }
    })
  }

  async setting(name: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('carrier_settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirst()
    return row?.value
  }

  async keepSetting(name: string, value: string | null): Promise<void> {
    if (value === null) {
      await this.#db.deleteFrom('carrier_settings').where('name', '=', name).execute()
      return
    }
    await this.#db
      .insertInto('carrier_settings')
      .values({ name, value })
      .onConflict(conflict => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }
}

async function taskChanged(
  transaction: Transaction<Schema>,
  { id, was, now }: NonNullable<PollingChange['task']>,
  at: number,
): Promise<boolean> {
  const { state, attempts, nextAt, reason, downloadedAt } = now
  const { numUpdatedRows } = await transaction
    .updateTable('carrier_tasks')
    .set({ state, attempts, reason, next_at: nextAt, downloaded_at: downloadedAt, changed_at: at })
    .where('id', '=', id)
    .where('state', '=', was.state)
    .where('attempts', '=', was.attempts)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

async function addReport(
  transaction: Transaction<Schema>,
  { at, report, outbox }: PollingChange,
): Promise<void> {
  if (report) {
    const { taskId, execution, finished, details } = report
    const row = { task_id: taskId, at: report.at, execution, finished }
    await transaction
      .insertInto('carrier_action_reports')
      .values({ ...row, details: JSON.stringify(details) })
      .execute()
  }
  if (!outbox) return
  const { key, kind, payload } = outbox
  await transaction
    .insertInto('carrier_outbox')
    .values({ key, kind, payload: JSON.stringify(payload), attempts: 0, next_at: at })
    .onConflict(conflict => conflict.column('key').doNothing())
    .execute()
}

async function close(
  transaction: Transaction<Schema>,
  { at, deviceId, closed }: PollingChange,
): Promise<void> {
  if (!closed) return
  const { taskId, isInstalled } = closed
  const installed = isInstalled ? { installed_task_id: taskId, reported_at: null } : {}
  await transaction
    .insertInto('carrier_polling')
    .values({ device_id: deviceId, seen_at: at, attributes: '{}', ...installed })
    .onConflict(conflict =>
      conflict.column('device_id').doUpdateSet({
        seen_at: at,
        told_task_id: sql`nullif(carrier_polling.told_task_id, ${taskId})`,
        ...installed,
      }),
    )
    .execute()
}

async function keepSoftware(
  transaction: Transaction<Schema>,
  {
    deviceId,
    at,
    name,
    version,
  }: { deviceId: string; at: number } & NonNullable<ReportedAttributes['software']>,
): Promise<void> {
  await transaction
    .updateTable('carrier_customers')
    .set({
      ...(name === null ? {} : { software_name: name }),
      software_version: version,
      changed_at: at,
    })
    .where('device_id', '=', deviceId)
    .execute()
}
