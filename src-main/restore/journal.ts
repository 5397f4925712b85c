import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Identity } from '../contract/restore'
import { instant, sha256Hex } from '../contract/procedure'

/** What is kept of a restore under way, for whoever goes on with it (decision 0004). */
export const restoreRecord = z.object({
  /** Of the image's bytes. */
  sha256: sha256Hex,
  /** Who the device says it is; empty where it does not say. */
  device: z.string(),
  /** The link without its rate. */
  port: z.string(),
  totalBytes: z.number().int().nonnegative(),
  /** The device held at least so much of it when this was written. */
  acknowledgedBytes: z.number().int().nonnegative(),
  startedAt: instant,
  updatedAt: instant,
})
export type RestoreRecord = z.infer<typeof restoreRecord>

/** A record is for one image, to one device, at one port. */
export type RecordKey = Pick<RestoreRecord, 'sha256' | 'device' | 'port'>

/** Where records outlive their process. Every call may reject with the error of its place. */
export interface RestoreJournal {
  find(key: RecordKey): Promise<RestoreRecord | undefined>
  /** In place of the record of the same key. */
  keep(record: RestoreRecord): Promise<void>
  forget(key: RecordKey): Promise<void>
}

/** The key as one word of hexadecimal digits. */
export function recordName({ sha256, device, port }: RecordKey): string {
  return createHash('sha256')
    .update(JSON.stringify([sha256, device, port]))
    .digest('hex')
}

/** The same in restore mode and while software runs, as far as the device says who it is. */
export function deviceWord({ device }: Identity): string {
  return device.name ?? device.information ?? ''
}
