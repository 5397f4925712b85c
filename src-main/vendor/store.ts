import { type Kysely, type Selectable, sql } from 'kysely'
import { invariant } from '../base/assert'
import {
  additionalInformation,
  type TrialReport,
  trialReport,
  type VendorPackage,
  type VendorRelease,
} from '../contract/vendor'
import type { Schema } from '../storage/schema'
import { readStored } from '../storage/stored-json'
import type { NamedVersion } from './decisions'

/** A vendor with what only it knows. */
export interface KeptVendor {
  readonly name: string
  readonly createdAt: number
  readonly port: number
  readonly carrierPassword: string | null
  readonly carrierMail: string | null
  readonly releases: number
  readonly accessors: number
}

type VendorChange = Partial<Pick<KeptVendor, 'port' | 'carrierPassword' | 'carrierMail'>>

/** A release with its number in the carrier's upload channel. */
export interface UploadedRelease extends VendorRelease {
  readonly uploadId: number
}

/** Vendors, their releases and the files for them. No row is read without its vendor's name. */
export class VendorStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** What `work` writes is written wholly or not at all. */
  within<T>(work: (store: VendorStore, trx: Kysely<Schema>) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(trx => work(new VendorStore(trx), trx))
  }

  /** By name. */
  async vendors(): Promise<KeptVendor[]> {
    return (await this.#vendorRows().orderBy('name').execute()).map(vendorOf)
  }

  async vendor(name: string): Promise<KeptVendor | undefined> {
    const row = await this.#vendorRows().where('name', '=', name).executeTakeFirst()
    return row && vendorOf(row)
  }

  async insertVendor(name: string, { at, port }: { at: number; port: number }): Promise<void> {
    await this.#db
      .insertInto('vendors')
      .values({ name, created_at: at, port, carrier_password: null, carrier_mail: null })
      .execute()
  }

  async changeVendor(name: string, change: VendorChange): Promise<void> {
    const { port, carrierPassword, carrierMail } = change
    await this.#db
      .updateTable('vendors')
      .set({
        ...(port === undefined ? {} : { port }),
        ...(carrierPassword === undefined ? {} : { carrier_password: carrierPassword }),
        ...(carrierMail === undefined ? {} : { carrier_mail: carrierMail }),
      })
      .where('name', '=', name)
      .execute()
  }

  /** Newest first. */
  async releases(vendorName: string): Promise<VendorRelease[]> {
    const rows = await this.#releaseRows(vendorName).orderBy('id', 'desc').execute()
    return rows.map(releaseOf)
  }

  async release(vendorName: string, id: number): Promise<VendorRelease | undefined> {
    const row = await this.#releaseRows(vendorName).where('id', '=', id).executeTakeFirst()
    return row && releaseOf(row)
  }

  /** The newest releases that the carrier took by upload and did not return, so many of them. */
  async uploaded(vendorName: string, limit: number): Promise<UploadedRelease[]> {
    const rows = await this.#releaseRows(vendorName)
      .where('upload_id', 'is not', null)
      .where('state', '!=', 'returned')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.flatMap(row =>
      row.upload_id === null ? [] : { ...releaseOf(row), uploadId: row.upload_id },
    )
  }

  async newestRevision(named: NamedVersion): Promise<VendorRelease | undefined> {
    const row = await this.#releaseRows(named.vendorName)
      .where('software_name', '=', named.softwareName)
      .where('version', '=', named.version)
      .orderBy('revision', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row && releaseOf(row)
  }

  async insertRelease(release: Omit<VendorRelease, 'id'>): Promise<VendorRelease> {
    const row = await this.#db
      .insertInto('vendor_releases')
      .values({
        vendor_name: release.vendorName,
        software_name: release.softwareName,
        version: release.version,
        revision: release.revision,
        kind: release.kind,
        model: release.model,
        digest: release.digest,
        bytes: release.bytes,
        additional: JSON.stringify(release.additional),
        state: release.state,
        report: null,
        registered_at: release.registeredAt,
        upload_id: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return releaseOf(row)
  }

  /** Tells the carrier's word of it; a release that is further on stays where it is. */
  async markNotified(vendorName: string, id: number): Promise<void> {
    await this.#db
      .updateTable('vendor_releases')
      .set({ state: 'notified' })
      .where('vendor_name', '=', vendorName)
      .where('id', '=', id)
      .where('state', '=', 'registered')
      .execute()
  }

  async markUpload(vendorName: string, id: number, uploadId: number): Promise<void> {
    await this.#db
      .updateTable('vendor_releases')
      .set({ upload_id: uploadId })
      .where('vendor_name', '=', vendorName)
      .where('id', '=', id)
      .execute()
  }

  /** Nothing brings a returned release back. */
  async markHandedOut(vendorName: string, id: number): Promise<void> {
    await this.#db
      .updateTable('vendor_releases')
      .set({ state: 'handed-out' })
      .where('vendor_name', '=', vendorName)
      .where('id', '=', id)
      .where('state', '!=', 'returned')
      .execute()
  }

  /** Whether it was not returned before. */
  async markReturned(vendorName: string, id: number, report: TrialReport): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('vendor_releases')
      .set({ state: 'returned', report: JSON.stringify(report) })
      .where('vendor_name', '=', vendorName)
      .where('id', '=', id)
      .where('state', '!=', 'returned')
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  /** Newest first. */
  async packages(): Promise<VendorPackage[]> {
    const rows = await this.#db
      .selectFrom('vendor_packages')
      .selectAll()
      .orderBy('added_at', 'desc')
      .orderBy('digest')
      .execute()
    return rows.map(packageOf)
  }

  async package(digest: string): Promise<VendorPackage | undefined> {
    const row = await this.#db
      .selectFrom('vendor_packages')
      .selectAll()
      .where('digest', '=', digest)
      .executeTakeFirst()
    return row && packageOf(row)
  }

  /** The same bytes again keep their first name. */
  async keepPackage({ digest, name, bytes, addedAt }: VendorPackage): Promise<void> {
    await this.#db
      .insertInto('vendor_packages')
      .values({ digest, name, bytes, added_at: addedAt })
      .onConflict(conflict => conflict.doNothing())
      .execute()
  }

  #vendorRows() {
    return this.#db
      .selectFrom('vendors')
      .selectAll()
      .select(count('vendor_releases'))
      .select(count('vendor_accessors'))
  }

  #releaseRows(vendorName: string) {
    return this.#db.selectFrom('vendor_releases').selectAll().where('vendor_name', '=', vendorName)
  }
}

function count<Table extends 'vendor_releases' | 'vendor_accessors'>(table: Table) {
  const rows = sql.table(table)
  return sql<number>`(select count(*) from ${rows} where vendor_name = vendors.name)`.as(table)
}

interface VendorRow extends Selectable<Schema['vendors']> {
  readonly vendor_releases: number
  readonly vendor_accessors: number
}

function vendorOf(row: VendorRow): KeptVendor {
  return {
    name: row.name,
    createdAt: row.created_at,
    port: row.port,
    carrierPassword: row.carrier_password,
    carrierMail: row.carrier_mail,
    releases: row.vendor_releases,
    accessors: row.vendor_accessors,
  }
}

function releaseOf(row: Selectable<Schema['vendor_releases']>): VendorRelease {
  const additional = readStored(additionalInformation, row.additional)
  invariant(additional !== undefined, 'a release was stored with its additional information')
  return {
    id: row.id,
    vendorName: row.vendor_name,
    softwareName: row.software_name,
    version: row.version,
    revision: row.revision,
    kind: row.kind,
    model: row.model,
    digest: row.digest,
    bytes: row.bytes,
    additional,
    state: row.state,
    report: row.report === null ? null : (readStored(trialReport, row.report) ?? null),
    registeredAt: row.registered_at,
  }
}

function packageOf(row: Selectable<Schema['vendor_packages']>): VendorPackage {
  return { digest: row.digest, name: row.name, bytes: row.bytes, addedAt: row.added_at }
}
