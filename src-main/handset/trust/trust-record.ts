import * as z from 'zod'
import { asciiBytes, asciiText } from '../../base/bytes'
import type { KeptMetadata } from './metadata-client'

/** What a handset keeps about the vendor that it trusts. */
export interface TrustRecord {
  readonly kept: KeptMetadata
  /** When it last held the newest metadata, by its own clock; null: never. */
  readonly checkedAt: number | null
}

const record = z.object({
  kept: z.object({
    root: z.string(),
    timestamp: z.string().optional(),
    snapshot: z.string().optional(),
    targets: z.string().optional(),
  }),
  checkedAt: z.number().nullable(),
})

/** JSON in ASCII: pure code has no other encoder. */
export function encodeTrust(trust: TrustRecord): Uint8Array {
  const json = JSON.stringify(trust)
  const ascii = json.replaceAll(
    /[\u007f-\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return asciiBytes(ascii)
}

/** Undefined: it is no such record. */
export function decodeTrust(bytes: Uint8Array): TrustRecord | undefined {
  try {
    const { kept, checkedAt } = record.parse(JSON.parse(asciiText(bytes)))
    const { root, timestamp, snapshot, targets } = kept
    const rest = { timestamp, snapshot, targets }
    const there = Object.entries(rest).filter(([, document]) => document !== undefined)
    return { kept: { root, ...Object.fromEntries(there) }, checkedAt }
  } catch {
    return undefined
  }
}
