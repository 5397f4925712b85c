import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Customer } from '../../contract/rollouts'
import type { Schema } from '../../storage/schema'
import { customerOf } from './customer-row'

export interface CustomerPage {
  readonly offset: number
  readonly limit: number
  /** Words, all of which a row must hold. */
  readonly filter: string
  readonly sort: 'deviceId' | 'vendorName' | 'managerName' | 'deviceType'
}

const SORT_COLUMNS = {
  deviceId: 'device_id',
  vendorName: 'vendor_name',
  managerName: 'manager_name',
  deviceType: 'device_type',
} as const

/** Up to so many rows that match are sorted by themselves; more than that are found in order. */
const FEW = 2000

/**
 * A page of the customer table, and how many rows there are in all. With a filter the index over
 * the searched text is read once, or twice where many rows match: never the rows themselves.
 */
export async function customerPage(
  db: Kysely<Schema>,
  page: CustomerPage,
): Promise<{ total: number; rows: Customer[] }> {
  const words = page.filter.split(/\s+/).filter(word => word !== '')
  const matches = words.length === 0 ? undefined : holdsAll(words)
  if (!matches) return { total: await countOf(db), rows: await rowsWhere(db, page) }
  const few = await numbersOf(db, matches)
  if (few.length <= FEW) {
    const among = sql<boolean>`rowid in (${sql.join(few)})`
    return { total: few.length, rows: few.length === 0 ? [] : await rowsWhere(db, page, among) }
  }
  const total = await countOf(db, matches)
  return { total, rows: page.offset < total ? await rowsWhere(db, page, matches) : [] }
}

function holdsAll(words: readonly string[]): RawBuilder<boolean> {
  const holds = words.map(word => sql<boolean>`instr(search_text, lower(${word})) > 0`)
  return sql`${sql.join(holds, sql` and `)}`
}

async function rowsWhere(
  db: Kysely<Schema>,
  { offset, limit, sort }: CustomerPage,
  condition?: RawBuilder<boolean>,
): Promise<Customer[]> {
  const sorted = db
    .selectFrom('carrier_customers')
    .selectAll()
    .orderBy(SORT_COLUMNS[sort])
    .$if(sort !== 'deviceId', query => query.orderBy('device_id'))
    .offset(offset)
    .limit(limit)
  const rows = await (condition ? sorted.where(condition) : sorted).execute()
  return rows.map(customerOf)
}

/** Numbers of the rows that match, one more than {@link FEW} at most. */
async function numbersOf(db: Kysely<Schema>, matches: RawBuilder<boolean>): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select rowid as number from carrier_customers indexed by carrier_customers_search
    where ${matches} limit ${FEW + 1}`.execute(db)
  return rows.map(({ number }) => number)
}

async function countOf(db: Kysely<Schema>, matches?: RawBuilder<boolean>): Promise<number> {
  const found = matches
    ? sql`indexed by carrier_customers_search where ${matches}`
    : sql`indexed by carrier_customers_ip_address`
  const { rows } = await sql<{ number: number }>`
    select count(*) as number from carrier_customers ${found}`.execute(db)
  return rows[0]?.number ?? 0
}
