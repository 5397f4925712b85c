import type { Generated } from 'kysely'
import type { LogLine } from '../contract/restore'

/**
 * The tables. Times (`at`, `…_at`) are milliseconds since 1970 of the workbench's clock; columns
 * that hold JSON say of which contract type.
 */
export interface Schema {
  images: ImagesTable
  restores: RestoresTable
  restore_log: RestoreLogTable
  restore_records: RestoreRecordsTable
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
