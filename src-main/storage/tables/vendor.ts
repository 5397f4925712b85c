import type { Generated } from 'kysely'
import type { VendorAccess, VendorRelease } from '../../contract/vendor'

/** Every vendor has a software database of its own: no row is read without its vendor's name. */
export interface VendorsTable {
  name: string
  created_at: number
  /** Of its database's server: the same after a restart, so that those who know it find it. */
  port: number
  /** With which the vendor says to the carrier who it is; null: not given yet. */
  carrier_password: string | null
  /** Where notices by mail go. */
  carrier_mail: string | null
}

export interface VendorReleasesTable {
  id: Generated<number>
  vendor_name: string
  software_name: string
  version: string
  revision: number
  kind: VendorRelease['kind']
  model: string | null
  /** SHA-256 of what is handed out; the bytes lie in the blob store. */
  digest: string
  bytes: number
  /** JSON of an `AdditionalInformation`. */
  additional: string
  state: VendorRelease['state']
  /** JSON of a `TrialReport`. */
  report: string | null
  registered_at: number
  /** Of the carrier's upload channel, where the vendor sent it itself (AMB-1.22). */
  upload_id: number | null
}

export interface VendorPackagesTable {
  digest: string
  name: string
  bytes: number
  added_at: number
}

export interface VendorAccessorsTable {
  vendor_name: string
  accessor_id: string
  party: string
  /** Salted scrypt. */
  password_hash: string
  registered_at: number
  last_access_at: number | null
}

export interface VendorAccessesTable {
  id: Generated<number>
  vendor_name: string
  at: number
  accessor_id: string | null
  release_id: number | null
  outcome: VendorAccess['outcome']
  message: string
}

export interface VendorTables {
  vendors: VendorsTable
  vendor_releases: VendorReleasesTable
  vendor_packages: VendorPackagesTable
  vendor_accessors: VendorAccessorsTable
  vendor_accesses: VendorAccessesTable
}
