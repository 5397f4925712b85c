import type { Kysely } from 'kysely'
import { type CarrierOperator, carrierOperator } from '../contract/carrier'
import type { Schema } from '../storage/schema'
import { readStored } from '../storage/stored-json'

const SETTING = 'operator'

const FIRST: CarrierOperator = { operator: 'telephone-carrier', network: 'mobile-network' }

/** Who runs the server; nothing that the server does depends on it (S1-72). */
export async function readOperator(db: Kysely<Schema>): Promise<CarrierOperator> {
  const row = await db
    .selectFrom('carrier_settings')
    .select('value')
    .where('name', '=', SETTING)
    .executeTakeFirst()
  return (row && readStored(carrierOperator, row.value)) ?? FIRST
}

export async function keepOperator(
  db: Kysely<Schema>,
  operator: CarrierOperator,
): Promise<CarrierOperator> {
  const row = { name: SETTING, value: JSON.stringify(operator) }
  await db
    .insertInto('carrier_settings')
    .values(row)
    .onConflict(conflict => conflict.column('name').doUpdateSet(row))
    .execute()
  return operator
}
