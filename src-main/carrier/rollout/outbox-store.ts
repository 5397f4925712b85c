import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../storage/schema'
import type { OutboxTable } from '../../storage/tables/rollout'
import type { OutboxEntry } from './outbox-message'

export interface OutboxRow {
  readonly id: number
  readonly key: string
  readonly kind: OutboxTable['kind']
  /** JSON. */
  readonly payload: string
  readonly attempts: number
}

/** Belongs into the transaction of what sets it off; the same key again changes nothing. */
export async function enterOutbox(
  changes: Kysely<Schema>,
  { key, kind, payload }: OutboxEntry,
  at: number,
): Promise<void> {
  await changes
    .insertInto('carrier_outbox')
    .values({
      key,
      kind,
      payload: JSON.stringify(payload),
      attempts: 0,
      next_at: at,
      done_at: null,
    })
    .onConflict(conflict => conflict.column('key').doNothing())
    .execute()
}

/** What was done holds nothing any more that could be misused: a mail may carry a token. */
export async function leaveOutbox(changes: Kysely<Schema>, id: number, at: number): Promise<void> {
  await changes
    .updateTable('carrier_outbox')
    .set({ done_at: at, payload: '{}' })
    .where('id', '=', id)
    .execute()
}

export async function dueOutbox(
  db: Kysely<Schema>,
  now: number,
  { limit, without }: { readonly limit: number; readonly without: readonly number[] },
): Promise<OutboxRow[]> {
  return db
    .selectFrom('carrier_outbox')
    .select(['id', 'key', 'kind', 'payload', 'attempts'])
    .where('done_at', 'is', null)
    .where('next_at', '<=', now)
    .where('id', 'not in', without.length > 0 ? without : [0])
    .orderBy('next_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Null: nothing is left to do. */
export async function nextOutbox(db: Kysely<Schema>, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('carrier_outbox')
    .select('next_at')
    .where('done_at', 'is', null)
    .where('next_at', '>', now)
    .orderBy('next_at')
    .limit(1)
    .executeTakeFirst()
  return row?.next_at ?? null
}

export async function putOffOutbox(db: Kysely<Schema>, id: number, nextAt: number): Promise<void> {
  await db
    .updateTable('carrier_outbox')
    .set({ next_at: nextAt, attempts: sql<number>`attempts + 1` })
    .where('id', '=', id)
    .execute()
}
