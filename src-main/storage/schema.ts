import type { Generated } from 'kysely'
import type { DeviceUpdate } from '../contract/carrier'
import type { LogLine } from '../contract/restore'
import type { MailTables } from './tables/mail'
import type { MetadataTables } from './tables/metadata'
import type { PollingTables } from './tables/polling'
import type { RolloutTables } from './tables/rollout'
import type { SettlementTables } from './tables/settlement'
import type { VendorTables } from './tables/vendor'

/**
 * The tables. Times (`at`, `…_at`) are milliseconds since 1970 of the workbench's clock; columns
 * that hold JSON say of which contract type.
 */
export interface Schema
  extends VendorTables, RolloutTables, SettlementTables, MailTables, PollingTables, MetadataTables {
  images: ImagesTable
  restores: RestoresTable
  restore_log: RestoreLogTable
  restore_records: RestoreRecordsTable
  carrier_releases: CarrierReleasesTable
  carrier_files: CarrierFilesTable
  carrier_devices: CarrierDevicesTable
  carrier_updates: CarrierUpdatesTable
  audit: AuditTable
  actions: ActionsTable
}

export interface ImagesTable {
  /** SHA-256 of the file; its bytes lie in the blob store under this name. */
  digest: string
  name: string
  file_bytes: number
  added_at: number
  /** JSON of an `ImageInfo`. */
  info: string
}

export interface RestoresTable {
  id: Generated<number>
  started_at: number
  /** JSON of a `RestoreView`. */
  view: string
}

export interface RestoreLogTable {
  restore_id: number
  /** From 0, in the order in which the lines were said. */
  position: number
  at: number
  level: LogLine['level']
  text: string
}

export interface RestoreRecordsTable {
  /** Of image, device and port together. */
  name: string
  /** JSON of a `RestoreRecord`, which is not the contract's. */
  record: string
}

/** At most one of a model, name and version is not withdrawn. */
export interface CarrierReleasesTable {
  id: Generated<number>
  /** Under which the image library has the file. */
  digest: string
  model: string
  name: string
  version: string
  /** Of what lands in the flash. */
  bytes: number
  /** The same: SHA-256 of what lands in the flash. */
  sha256: string
  published_at: number
  withdrawn_at: number | null
  /** Handed out by this rollout alone; null: to every handset that it is above. */
  rollout_id: number | null
}

/** Files that were made for updates; their bytes lie in the blob store. */
export interface CarrierFilesTable {
  /** SHA-256 of the software that it is made from; empty: it holds the whole image. */
  base: string
  release_id: number
  sector_bytes: number
  stash_bytes: number
  ram_bytes: number
  sha256: string
  bytes: number
  /** RAM that rewriting takes beside the file. */
  work_bytes: number
  /** What a file that holds the whole image has at least. */
  full_bytes: number
  made_at: number
}

export interface CarrierDevicesTable {
  terminal_id: string
  model: string
  software_name: string | null
  software_version: string | null
  seen_at: number
}

export interface CarrierUpdatesTable {
  /** Rises with every update. */
  number: Generated<number>
  id: string
  terminal_id: string
  release_id: number
  from_name: string | null
  from_version: string | null
  kind: DeviceUpdate['kind']
  file_sha256: string
  file_bytes: number
  sent_bytes: number
  state: DeviceUpdate['state']
  announced_at: number
  changed_at: number
  /** SHA-256 of the token for the file; null before a request. */
  token_digest: string | null
  token_until: number | null
}

export interface AuditTable {
  id: Generated<number>
  at: number
  actor: string
  code: string
  message: string
}

export interface ActionsTable {
  id: Generated<number>
  at: number
  /** Path of the procedure: `restore.start`. */
  call: string
  /** JSON of what it was given, shortened where it was long. */
  input: string
  /** `ok` or the code of the error. */
  outcome: string
}
