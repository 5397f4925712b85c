import * as z from 'zod'
import { METADATA_ROOT_BYTES_MAX } from '../../contract/constants'
import { softwareId, type SoftwareId } from '../update/messages'

/**
 * Signed metadata of updates (TUF 1.0.31, docs/formats/metadata.md), as the carrier's server gives it
 * to whoever asks:
 *
 *     GET /v1/metadata/VENDOR/N.root.json, timestamp.json, N.snapshot.json, N.targets.json
 *     PUT /v1/metadata/VENDOR          vendorDocuments -> 204, for a vendor that is known
 *     GET /v1/metadata-keys?vendor=    onlineKeys, which the vendor's root lists
 *
 * VENDOR is the vendor's name, percent-encoded.
 */
export const METADATA_PATHS = {
  vendor: '/v1/metadata/:vendor',
  document: '/v1/metadata/:vendor/:file',
  keys: '/v1/metadata-keys',
  of: (vendorName: string) => `/v1/metadata/${encodeURIComponent(vendorName)}`,
  keysFor: (vendorName: string) => `/v1/metadata-keys?vendor=${encodeURIComponent(vendorName)}`,
} as const

/** Whose each document is: the vendor signs root and targets, the carrier the other two. */
export const METADATA_BYTES_MAX = {
  root: METADATA_ROOT_BYTES_MAX,
  timestamp: 16 * 1024,
  snapshot: 64 * 1024,
  targets: 512 * 1024,
} as const
export type MetadataRole = keyof typeof METADATA_BYTES_MAX

/** Versions of a root that a handset walks through at most. */
export const ROOTS_MAX = 64
/** Of the two keys as JSON. */
export const ONLINE_KEYS_BYTES_MAX = 4096
/** Of all documents of a vendor as JSON. */
export const VENDOR_DOCUMENTS_BYTES_MAX = 1024 * 1024

const publicKey = z.string().regex(/^[0-9a-f]{64}$/)
/** Ed25519 public keys, 32 bytes each, in hex. */
export const onlineKeys = z.object({ snapshot: publicKey, timestamp: publicKey })
export type OnlineKeys = z.infer<typeof onlineKeys>

/** Each JSON as its signatures cover it; every root from the first one on. */
export const vendorDocuments = z.object({
  roots: z.array(z.string().min(2).max(METADATA_BYTES_MAX.root)).min(1).max(ROOTS_MAX),
  targets: z.string().min(2).max(METADATA_BYTES_MAX.targets),
})
export type VendorDocuments = z.infer<typeof vendorDocuments>

const word = z.string().min(1).max(64)

/** What the vendor says of a whole image, in the `custom` part of its target. */
export const targetCustom = z.object({
  softwareId,
  model: word,
  /** Versions that it may follow; none: any. */
  bases: z.array(word).max(64),
  price: z.object({ amount: z.number().int().nonnegative(), currency: word }),
  /** How the carrier tries it before any other device gets it; null: it need not. */
  test: z.object({ signal: word, answer: word, waitSeconds: z.number().int() }).nullable(),
})
export type TargetCustom = z.infer<typeof targetCustom>

/** What everybody reads of a root. `vendor` is a field of ours; the signatures cover it. */
export const readableRoot = z.object({
  signed: z.object({
    _type: z.literal('root'),
    version: z.number().int().positive(),
    expires: z.iso.datetime(),
    vendor: word,
  }),
})

/** When any signed document ends. */
export const readableExpiry = z.object({ signed: z.object({ expires: z.iso.datetime() }) })

/** Under which a whole image is found among the targets. */
export function targetPath(model: string, { name, version }: SoftwareId): string {
  return [model, name, version].map(part => encodeURIComponent(part)).join('/')
}
