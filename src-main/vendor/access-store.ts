import type { Kysely, Selectable } from 'kysely'
import type { Accessor, VendorAccess } from '../contract/vendor'
import type { Schema } from '../storage/schema'

/**
 * So many accesses to one vendor's database are kept of each outcome; older ones are let go. Whoever
 * knocks without end must not make it forget who was let in.
 */
const ACCESSES_MAX = 10_000

interface KeptAccessor extends Accessor {
  readonly passwordHash: string
}

/** Who may fetch from the vendors' databases, and who tried. */
export class AccessStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** By accessor ID. */
  async accessors(vendorName: string): Promise<Accessor[]> {
    const rows = await this.#accessorRows(vendorName).orderBy('accessor_id').execute()
    return rows.map(accessorOf)
  }

  async accessor(vendorName: string, accessorId: string): Promise<KeptAccessor | undefined> {
    const row = await this.#accessorRows(vendorName)
      .where('accessor_id', '=', accessorId)
      .executeTakeFirst()
    return row && { ...accessorOf(row), passwordHash: row.password_hash }
  }

  /** Also gives one who is registered another password. */
  async putAccessor(vendorName: string, accessor: KeptAccessor): Promise<void> {
    const { accessorId, party, passwordHash, registeredAt } = accessor
    await this.#db
      .insertInto('vendor_accessors')
      .values({
        vendor_name: vendorName,
        accessor_id: accessorId,
        party,
        password_hash: passwordHash,
        registered_at: registeredAt,
        last_access_at: null,
      })
      .onConflict(conflict =>
        conflict
          .columns(['vendor_name', 'accessor_id'])
          .doUpdateSet({ party, password_hash: passwordHash }),
      )
      .execute()
  }

  /** Whether there was one. */
  async removeAccessor(vendorName: string, accessorId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('vendor_accessors')
      .where('vendor_name', '=', vendorName)
      .where('accessor_id', '=', accessorId)
      .executeTakeFirstOrThrow()
    return numDeletedRows > 0n
  }

  async seen(vendorName: string, accessorId: string, at: number): Promise<void> {
    await this.#db
      .updateTable('vendor_accessors')
      .set({ last_access_at: at })
      .where('vendor_name', '=', vendorName)
      .where('accessor_id', '=', accessorId)
      .execute()
  }

  /** Newest first. */
  async accesses(vendorName: string, limit: number): Promise<VendorAccess[]> {
    const rows = await this.#db
      .selectFrom('vendor_accesses')
      .selectAll()
      .where('vendor_name', '=', vendorName)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(row => ({
      id: row.id,
      at: row.at,
      accessorId: row.accessor_id,
      releaseId: row.release_id,
      outcome: row.outcome,
      message: row.message,
    }))
  }

  async note(vendorName: string, access: Omit<VendorAccess, 'id'>): Promise<void> {
    const { at, accessorId, releaseId, outcome, message } = access
    const row = {
      vendor_name: vendorName,
      at,
      accessor_id: accessorId,
      release_id: releaseId,
      outcome,
      message,
    }
    await this.#db.insertInto('vendor_accesses').values(row).execute()
    await this.#db
      .deleteFrom('vendor_accesses')
      .where('vendor_name', '=', vendorName)
      .where('outcome', '=', outcome)
      .where('id', '<=', database =>
        database
          .selectFrom('vendor_accesses')
          .select('id')
          .where('vendor_name', '=', vendorName)
          .where('outcome', '=', outcome)
          .orderBy('id', 'desc')
          .offset(ACCESSES_MAX)
          .limit(1),
      )
      .execute()
  }

  #accessorRows(vendorName: string) {
    return this.#db.selectFrom('vendor_accessors').selectAll().where('vendor_name', '=', vendorName)
  }
}

function accessorOf(row: Selectable<Schema['vendor_accessors']>): Accessor {
  return {
    accessorId: row.accessor_id,
    party: row.party,
    registeredAt: row.registered_at,
    lastAccessAt: row.last_access_at,
  }
}
