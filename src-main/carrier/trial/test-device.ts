import { type Kysely, sql } from 'kysely'
import type { Customer, Rollout } from '../../contract/rollouts'
import type { Schema } from '../../storage/schema'
import { customerOf } from '../customers/customer-row'

/**
 * The device on which a release is tried: the first in the customer table that is marked as a test
 * device, was made by the vendor and is of a type that can use it (S31, AMB-1.7, AMB-1.9).
 * Undefined where there is none.
 */
export async function testDeviceFor(
  db: Kysely<Schema>,
  { vendorName, additional }: Pick<Rollout, 'vendorName' | 'additional'>,
): Promise<Customer | undefined> {
  const types = additional?.deviceTypes ?? []
  const marked = db
    .selectFrom('carrier_customers')
    .selectAll()
    .where('vendor_name', '=', vendorName)
    // Said as the index says it, which is of test devices only.
    .where(sql<boolean>`is_test_device = 1`)
    .orderBy('device_id')
    .limit(1)
  const fitting = types.length === 0 ? marked : marked.where('device_type', 'in', types)
  const row = await fitting.executeTakeFirst()
  return row && customerOf(row)
}
