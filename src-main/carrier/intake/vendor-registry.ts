import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { CarrierVendor } from '../../contract/rollouts'
import type { AuditSink } from '../../observe/message'
import { credentialsIn, isPassword, passwordHash } from '../../site/credentials'
import type { Schema } from '../../storage/schema'
import { audited } from '../audited'

export interface VendorRegistryParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly audit: AuditSink
}

/** How the carrier gets at a vendor's software database. */
export interface DatabaseAccess {
  readonly vendorName: string
  readonly databaseAddress: string
  readonly accessorId: string
  readonly password: string
}

export interface VendorRegistration {
  readonly vendorName: string
  readonly databaseAddress: string
  readonly accessorId: string
  readonly accessorPassword: string
  readonly vendorPassword: string
}

/** Vendors as the carrier knows them: where their databases are, and who they are (S1-69). */
export class VendorRegistry {
  readonly #parts: VendorRegistryParts
  /** Compared with where a vendor is unknown, so that the time of an answer tells nothing. */
  readonly #nobody = passwordHash('')

  constructor(parts: VendorRegistryParts) {
    this.#parts = parts
  }

  /** By name. */
  async vendors(): Promise<CarrierVendor[]> {
    const rows = await this.#parts.db
      .selectFrom('carrier_vendors')
      .selectAll()
      .orderBy('vendor_name')
      .execute()
    return rows.map(row => ({
      vendorName: row.vendor_name,
      databaseAddress: row.database_address,
      accessorId: row.accessor_id,
      registeredAt: row.registered_at,
    }))
  }

  /** Registers a vendor, or changes what is known of it. Rejects with `VENDOR_UNFIT`. */
  setVendor(given: VendorRegistration): Promise<CarrierVendor> {
    return audited(this.#parts.audit, () => this.#register(given))
  }

  /** Rejects with `VENDOR_UNKNOWN`. */
  async access(vendorName: string): Promise<DatabaseAccess> {
    const row = await this.#row(vendorName)
    if (!row) throw unknown(vendorName)
    return {
      vendorName,
      databaseAddress: row.database_address,
      accessorId: row.accessor_id,
      password: row.accessor_password,
    }
  }

  /**
   * The vendor that a request comes from, by its Basic credentials. Rejects with
   * `AUTHENTICATION_REQUIRED` or `CREDENTIALS_WRONG`.
   */
  async vendorOf(request: Request): Promise<string> {
    const credentials = credentialsIn(request)
    if (!credentials) {
      const message = "Say who you are: HTTP Basic with the vendor's name and its password here."
      throw new CodedError('AUTHENTICATION_REQUIRED', message)
    }
    const row = await this.#row(credentials.id)
    const kept = row?.vendor_password_hash ?? (await this.#nobody)
    const isRight = await isPassword(credentials.password, kept)
    if (row && isRight) return row.vendor_name
    const message = 'The name and the password do not belong to a vendor that the carrier knows.'
    throw new CodedError('CREDENTIALS_WRONG', message)
  }

  async #register(given: VendorRegistration): Promise<CarrierVendor> {
    const { vendorName, accessorId, accessorPassword, vendorPassword } = given
    const databaseAddress = plainAddress(given.databaseAddress)
    await this.#refuseShared(vendorName, databaseAddress)
    const changed = {
      database_address: databaseAddress,
      accessor_id: accessorId,
      accessor_password: accessorPassword,
      vendor_password_hash: await passwordHash(vendorPassword),
    }
    const row = await this.#parts.db
      .insertInto('carrier_vendors')
      .values({
        vendor_name: vendorName,
        registered_at: this.#parts.clock.now(),
        ...changed,
      })
      .onConflict(conflict => conflict.column('vendor_name').doUpdateSet(changed))
      .returning('registered_at')
      .executeTakeFirstOrThrow()
    return { vendorName, databaseAddress, accessorId, registeredAt: row.registered_at }
  }

  /** A vendor's releases never come from another vendor's database (S1-71). */
  async #refuseShared(vendorName: string, databaseAddress: string): Promise<void> {
    const other = await this.#parts.db
      .selectFrom('carrier_vendors')
      .select('vendor_name')
      .where('database_address', '=', databaseAddress)
      .where('vendor_name', '!=', vendorName)
      .executeTakeFirst()
    if (!other) return
    const message = `${databaseAddress} is the database of ${other.vendor_name}. Each vendor has its own.`
    throw new CodedError('VENDOR_UNFIT', message, { vendorName, databaseAddress })
  }

  #row(vendorName: string) {
    return this.#parts.db
      .selectFrom('carrier_vendors')
      .selectAll()
      .where('vendor_name', '=', vendorName)
      .executeTakeFirst()
  }
}

/** Two spellings of one address are one. */
function plainAddress(address: string): string {
  const { protocol, host, pathname, username, password, search, hash } = new URL(address)
  const isWeb = protocol === 'http:' || protocol === 'https:'
  if (isWeb && `${username}${password}${search}${hash}` === '') {
    return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`
  }
  const message = `${protocol}//${host} cannot be the address of a database. Give one such as http://127.0.0.1:8080.`
  throw new CodedError('VENDOR_UNFIT', message)
}

function unknown(vendorName: string): CodedError {
  const message = `The carrier does not know the vendor ${vendorName}. Register it first.`
  return new CodedError('VENDOR_UNKNOWN', message, { vendorName })
}
