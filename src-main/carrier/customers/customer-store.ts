import { type Kysely, sql, type Transaction } from 'kysely'
import type { Customer } from '../../contract/rollouts'
import type { Schema } from '../../storage/schema'
import { OPEN_TASKS } from '../rollout/task-machine'
import { isReachedBy } from './customer-flaw'
import { columnsOf, customerOf } from './customer-row'

/** Another device that has what only one may have. */
export interface Conflict {
  readonly deviceId: string
  readonly value: string
}

/** SQL on the customer table, but for its pages. Times are milliseconds since 1970. */
export class CustomerStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async byDevice(deviceId: string): Promise<Customer | undefined> {
    const row = await this.#db
      .selectFrom('carrier_customers')
      .selectAll()
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    return row && customerOf(row)
  }

  /** All or none of what the work does. */
  atomically<Result>(work: (trx: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return this.#db.transaction().execute(work)
  }

  /** False where there is no such device. */
  async setToken(deviceId: string, digest: string | null, at: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('carrier_customers')
      .set({ token_digest: digest, changed_at: at })
      .where('device_id', '=', deviceId)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}

/** Rows by device number; devices that are in no row are left out. */
export async function rowsOf(
  trx: Transaction<Schema>,
  deviceIds: readonly string[],
): Promise<Map<string, Customer>> {
  const rows = await trx
    .selectFrom('carrier_customers')
    .selectAll()
    .where('device_id', 'in', deviceIds)
    .execute()
  return new Map(rows.map(row => [row.device_id, customerOf(row)]))
}

/** A device beside those entered that has the terminal, or the address, of one of them. */
export async function conflictOf(
  trx: Transaction<Schema>,
  rows: readonly Customer[],
): Promise<Conflict | undefined> {
  const entered = new Set(rows.map(({ deviceId }) => deviceId))
  const terminals = rows.flatMap(({ terminalId }) => terminalId ?? [])
  const addresses = rows.filter(isReachedBy).map(({ ipAddress }) => ipAddress)
  const sameTerminal = await trx
    .selectFrom('carrier_customers')
    .select(['device_id as deviceId', 'terminal_id as value'])
    .where('terminal_id', 'in', terminals)
    .execute()
  const sameAddress = await trx
    .selectFrom('carrier_customers')
    .select(['device_id as deviceId', 'ip_address as value'])
    .where('ip_address', 'in', addresses)
    .where('reach', '=', 'access')
    .execute()
  const other = [...sameTerminal, ...sameAddress].find(({ deviceId }) => !entered.has(deviceId))
  return other && { deviceId: other.deviceId, value: other.value ?? '' }
}

/** Enters or replaces rows. Two devices may exchange their terminals in one go. */
export async function enter(
  trx: Transaction<Schema>,
  rows: readonly Customer[],
  at: number,
): Promise<void> {
  const deviceIds = rows.map(({ deviceId }) => deviceId)
  await trx
    .updateTable('carrier_customers')
    .set({ terminal_id: null })
    .where('device_id', 'in', deviceIds)
    .where('terminal_id', 'is not', null)
    .execute()
  const values = rows.map(row => columnsOf(row, at))
  const [first] = values
  if (!first) return
  const columns = Object.keys(first).filter(name => name !== 'device_id')
  const excluded = columns.map(name => [name, sql.ref(`excluded.${name}`)])
  await trx
    .insertInto('carrier_customers')
    .values(values)
    .onConflict(conflict => conflict.column('device_id').doUpdateSet(Object.fromEntries(excluded)))
    .execute()
}

/** A device whose update is not over; undefined where none is. */
export async function withOpenTask(
  trx: Transaction<Schema>,
  deviceIds: readonly string[],
): Promise<string | undefined> {
  const row = await trx
    .selectFrom('carrier_tasks')
    .select('device_id')
    .where('device_id', 'in', deviceIds)
    .where('state', 'in', OPEN_TASKS)
    .limit(1)
    .executeTakeFirst()
  return row?.device_id
}

/** How many there were of them. */
export async function takeOut(
  trx: Transaction<Schema>,
  deviceIds: readonly string[],
): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('carrier_customers')
    .where('device_id', 'in', deviceIds)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** The column `update_management` shows the last answer (S1-55, AMB-1.11). */
export async function rememberAnswer(
  db: Kysely<Schema>,
  given: { readonly deviceId: string; readonly answer: 'yes' | 'no'; readonly at: number },
): Promise<void> {
  const { deviceId, answer, at } = given
  await db
    .updateTable('carrier_customers')
    .set({ update_management: answer === 'yes' ? 'update' : 'do-not-update', changed_at: at })
    .where('device_id', '=', deviceId)
    .execute()
}

/** What a device says that it runs. */
export async function rememberSoftware(
  db: Kysely<Schema>,
  reported: {
    readonly deviceId: string
    readonly software: { readonly name: string; readonly version: string }
    readonly at: number
  },
): Promise<void> {
  const { deviceId, software, at } = reported
  await db
    .updateTable('carrier_customers')
    .set({ software_name: software.name, software_version: software.version, changed_at: at })
    .where('device_id', '=', deviceId)
    .execute()
}

export async function customerWithTerminal(
  db: Kysely<Schema>,
  terminalId: string,
): Promise<Customer | undefined> {
  const row = await db
    .selectFrom('carrier_customers')
    .selectAll()
    .where('terminal_id', '=', terminalId)
    .executeTakeFirst()
  return row && customerOf(row)
}
