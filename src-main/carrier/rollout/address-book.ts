import type { Kysely } from 'kysely'
import type { Schema } from '../../storage/schema'

/** Where IP addresses of the customer table are reached, where the network does not say so. */
export class AddressBook {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async addresses(): Promise<{ ipAddress: string; base: string }[]> {
    const rows = await this.#db
      .selectFrom('carrier_addresses')
      .selectAll()
      .orderBy('ip_address')
      .execute()
    return rows.map(row => ({ ipAddress: row.ip_address, base: row.base }))
  }

  /** Null: as the network says. */
  async setAddress(given: {
    readonly ipAddress: string
    readonly base: string | null
  }): Promise<void> {
    const { ipAddress, base } = given
    if (base === null) {
      await this.#db.deleteFrom('carrier_addresses').where('ip_address', '=', ipAddress).execute()
      return
    }
    const row = { ip_address: ipAddress, base }
    await this.#db
      .insertInto('carrier_addresses')
      .values(row)
      .onConflict(conflict => conflict.column('ip_address').doUpdateSet(row))
      .execute()
  }
}
