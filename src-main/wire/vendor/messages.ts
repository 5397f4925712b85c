import * as z from 'zod'
import { PACKAGE_BYTES_MAX } from '../../contract/constants'
import { additionalInformation, trialReport, vendorRelease } from '../../contract/vendor'

/**
 * What the carrier and a vendor's software database say to each other, as JSON over HTTP (spec
 * 2.1.4 and 2.1.5; docs/formats/vendor.md). The database, which demands HTTP Basic authentication:
 *
 *     S12 GET  /v1/releases/ID            without credentials -> S13 401
 *     S14 the same with credentials       -> S18 releaseRecord, or S17 403 and the end of the line
 *     S18 GET  /v1/releases/ID/software   -> bytes
 *     S37 POST /v1/releases/ID/return     trialReport -> 204
 *
 * The carrier, which knows a vendor by Basic authentication with the vendor's name:
 *
 *     S11 POST /v1/notices                releaseNotice -> 202
 *     S1  POST /v1/uploads                releaseRecord -> 201 uploadAnswer
 *     S1  PUT  /v1/uploads/ID/software    bytes -> 204
 *         GET  /v1/uploads/ID             -> uploadState: where a returned release is found (AMB-1.22)
 */
export const VENDOR_PATHS = {
  release: (id: number | ':id') => `/v1/releases/${id}`,
  software: (id: number | ':id') => `/v1/releases/${id}/software`,
  return: (id: number | ':id') => `/v1/releases/${id}/return`,
} as const

export const CARRIER_VENDOR_PATHS = {
  notices: '/v1/notices',
  uploads: '/v1/uploads',
  upload: (id: number | ':id') => `/v1/uploads/${id}`,
  uploadSoftware: (id: number | ':id') => `/v1/uploads/${id}/software`,
} as const

/** Of one JSON message. Signed metadata is its largest part. */
export const VENDOR_MESSAGE_BYTES_MAX = 1024 * 1024
/** Of the software of one release. */
export const SOFTWARE_BYTES_MAX = PACKAGE_BYTES_MAX

/** A release as it leaves the vendor's database; its bytes follow by themselves. */
export const releaseRecord = vendorRelease
  .pick({
    id: true,
    vendorName: true,
    softwareName: true,
    version: true,
    revision: true,
    kind: true,
    model: true,
    bytes: true,
    digest: true,
  })
  .extend({
    additional: additionalInformation,
    /** Signed TUF metadata, each JSON as its signatures cover it; every root from the first on. */
    metadata: z.object({
      roots: z.array(z.string().max(64 * 1024)).max(64),
      targets: z.string().max(512 * 1024),
    }),
  })
export type ReleaseRecord = z.infer<typeof releaseRecord>

export const releaseNotice = z.object({
  /** Of this one notice: the same again is a replay. */
  noticeId: z.uuid(),
  vendorName: z.string().min(1).max(64),
  vendorReleaseId: z.number().int().positive(),
  softwareName: z.string().min(1).max(64),
  version: z.string().min(1).max(64),
  revision: z.number().int().positive(),
  /** Milliseconds since 1970; one that is older than a quarter of an hour is refused. */
  sentAt: z.number().nonnegative(),
})
export type ReleaseNotice = z.infer<typeof releaseNotice>

export const uploadAnswer = z.object({ uploadId: z.number().int().positive() })

export const uploadState = z.object({
  state: z.enum(['expected', 'taken', 'returned']),
  report: trialReport.nullable(),
})
export type UploadState = z.infer<typeof uploadState>

export const vendorRefusal = z.object({ code: z.string().max(64), message: z.string().max(1024) })
