import { type Kysely, type Selectable, sql } from 'kysely'
import { type DeviceTask, type Rollout, rollout } from '../../contract/rollouts'
import { readStored } from '../../storage/stored-json'
import type { Schema } from '../../storage/schema'
import type { OutboxTable } from '../../storage/tables/rollout'
import { priceIn, type Question } from './question'

/** A task whose manager is to be asked. */
export interface Unasked {
  readonly taskId: number
  readonly deviceId: string
  readonly managerName: string
  readonly managerEmail: string
  readonly timeZone: string
}

/** What a question has become, for the page that its link leads to. */
export interface AskedQuestion extends Question {
  readonly rollout: Pick<Rollout, 'id' | 'state' | 'deadline'>
  readonly task: Pick<DeviceTask, 'state' | 'answer'>
}

export interface Asked {
  readonly taskId: number
  readonly digest: string
  readonly entry: Pick<Selectable<OutboxTable>, 'key' | 'payload'>
}

/** Questions in the tasks of rollouts. Of a question's token only the SHA-256 is kept. */
export class ConsentStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Tasks that await an answer and were not asked, in the order of devices after the one given. */
  async unasked(rolloutId: number, after: string, limit: number): Promise<Unasked[]> {
    return (
      this.#db
        .selectFrom('carrier_tasks as t')
        .innerJoin('carrier_customers as c', 'c.device_id', 't.device_id')
        .select([
          't.id as taskId',
          't.device_id as deviceId',
          'c.manager_name as managerName',
          'c.manager_email as managerEmail',
          'c.time_zone as timeZone',
        ])
        .where('t.rollout_id', '=', rolloutId)
        .where('t.device_id', '>', after)
        // The plus keeps SQLite to the index that has the devices in order.
        .where(sql<boolean>`+t.state = 'awaiting-answer' and t.question_digest is null`)
        .orderBy('t.device_id')
        .limit(limit)
        .execute()
    )
  }

  /** Writes down that they are asked together with what there is to send. */
  async asked(questions: readonly Asked[], at: number): Promise<void> {
    const digests = questions.map(({ taskId, digest }) => ({ taskId, digest }))
    const entries = questions.map(({ entry }) => ({
      ...entry,
      kind: 'mail' as const,
      attempts: 0,
      next_at: at,
    }))
    await this.#db.transaction().execute(async trx => {
      await sql`
        update carrier_tasks set question_digest = asked.digest
        from (select value ->> 'taskId' as id, value ->> 'digest' as digest
          from json_each(${JSON.stringify(digests)})) as asked
        where carrier_tasks.id = asked.id`.execute(trx)
      await trx
        .insertInto('carrier_outbox')
        .values(entries)
        .onConflict(conflict => conflict.column('key').doNothing())
        .execute()
    })
  }

  async withDigest(digest: string): Promise<AskedQuestion | undefined> {
    const row = await this.#db
      .selectFrom('carrier_tasks as t')
      .innerJoin('carrier_rollouts as r', 'r.id', 't.rollout_id')
      .leftJoin('carrier_customers as c', 'c.device_id', 't.device_id')
      .select(['t.device_id', 't.manager_name', 't.state as task_state', 't.answer'])
      .select(['r.id', 'r.vendor_name', 'r.software_name', 'r.version', 'r.additional'])
      .select(['r.state', 'r.deadline', 'c.time_zone'])
      .where('t.question_digest', '=', digest)
      .executeTakeFirst()
    if (!row) return undefined
    const { id, state, deadline, device_id: deviceId, answer } = row
    const additional = readStored(rollout.shape.additional, row.additional ?? 'null') ?? null
    const { vendor_name: vendorName, software_name: softwareName, version } = row
    return {
      release: { vendorName, softwareName, version },
      price: priceIn(additional),
      device: { deviceId, managerName: row.manager_name, timeZone: row.time_zone ?? 'UTC' },
      deadline,
      rollout: { id, state, deadline },
      task: { state: row.task_state, answer },
    }
  }
}
