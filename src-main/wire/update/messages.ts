import * as z from 'zod'
import { SECTOR_BITS_MAX, SECTOR_BITS_MIN } from '../delta/header'

/**
 * What a handset and the carrier's software management server say to each other over the mobile
 * radio, as JSON over HTTP (spec 2.0.2, steps U1 to U10; docs/formats/update.md):
 *
 *     U1  POST /v1/updates/inquiry        inquiry        -> U3 inquiryAnswer
 *     U5  POST /v1/updates/ID/request     transferRequest -> transferAnswer
 *     U6  GET  /v1/updates/ID/file        Authorization: Bearer TOKEN, Range -> bytes
 *     U10 POST /v1/updates/ID/report      report         -> 204
 *
 * Needing a file again after a power cut is an inquiry that names the file by its digest.
 */
export const UPDATE_MESSAGE_BYTES_MAX = 16 * 1024
export const UPDATE_FILE_BYTES_MAX = 64 * 1024 * 1024

/** Where the server answers, from its root; an ID is that of the update information. */
export const UPDATE_PATHS = {
  inquiry: '/v1/updates/inquiry',
  request: (id: string) => `/v1/updates/${id}/request`,
  file: (id: string) => `/v1/updates/${id}/file`,
  report: (id: string) => `/v1/updates/${id}/report`,
} as const

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const bytes = z.number().int().min(0).max(0xffff_ffff)
/** Of what is there at all. */
const someBytes = bytes.min(1)
/** Of the sizes that differential files know. */
const sectorBytes = bytes
  .min(2 ** SECTOR_BITS_MIN)
  .max(2 ** SECTOR_BITS_MAX)
  .refine(size => Number.isInteger(Math.log2(size)), 'must be a power of two')
const terminalId = z.string().regex(/^[A-Z0-9-]{1,32}$/)
const word = z.string().min(1).max(64)

/** The software ID: who made it for what, and which one it is (spec 2.0.1). */
export const softwareId = z.object({ name: word, version: word })
export type SoftwareId = z.infer<typeof softwareId>

export const inquiry = z.object({
  terminalId,
  model: word,
  /** What the flash holds; null where nothing there says what it is. */
  software: z.object({ id: softwareId, bytes, sha256 }).nullable(),
  /** Set where a rewrite was cut off: only this very file can finish it. */
  neededFile: sha256.nullable(),
  /** What a file must be made for. */
  flash: z.object({ sectorBytes, regionBytes: bytes, stashBytes: bytes }),
  /** RAM that the handset can give at most, for the file and the work with it. */
  ramBytes: bytes,
})
export type Inquiry = z.infer<typeof inquiry>

export const updateInformation = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  kind: z.enum(['differential', 'full']),
  target: z.object({ id: softwareId, bytes: someBytes, sha256 }),
  file: z.object({ bytes: someBytes.max(UPDATE_FILE_BYTES_MAX), sha256 }),
  /** RAM that rewriting takes beside the file. */
  workBytes: bytes,
})
export type UpdateInformation = z.infer<typeof updateInformation>

/** `update` is null where there is none for this handset. */
export const inquiryAnswer = z.object({ update: updateInformation.nullable() })
export type InquiryAnswer = z.infer<typeof inquiryAnswer>

export const transferRequest = z.object({ terminalId })
/** The token is good for this handset and this file, for as long as the server says. */
export const transferAnswer = z.object({ token: z.string().regex(/^[\x21-\x7e]{1,256}$/) })

export const reportedOutcome = z.enum([
  'updated',
  'ram-insufficient',
  'link-lost',
  'metadata-refused',
  'file-refused',
  'rewrite-failed',
  'judgement-failed',
])

export const report = z.object({
  terminalId,
  outcome: reportedOutcome,
  software: z.object({ id: softwareId, bytes, sha256 }).nullable(),
  /** Why, where it failed: an error code of the handset, and words. */
  reason: z
    .object({ code: z.string().regex(/^[A-Z][A-Z_]{0,63}$/), message: z.string().max(1024) })
    .optional(),
})
export type Report = z.infer<typeof report>

/** What the server answers where it refuses; the HTTP status says how. */
export const updateRefusal = z.object({ code: z.string().max(64), message: z.string().max(1024) })
