import * as z from 'zod'
import { call, errorCodes, instant, queryNumber, sha256Hex } from './procedure'

const count = z.number().int().nonnegative()
const id = z.number().int().positive()
const software = z.object({ name: z.string(), version: z.string() })

export const carrierErrors = errorCodes({
  IMAGE_UNKNOWN: [404, 'No such image is in the library.'],
  BLOB_DAMAGED: [410, 'The stored image is damaged.'],
  RELEASE_UNFIT: [422, 'The image cannot be a release.'],
  RELEASE_EXISTS: [409, 'This release is in the catalogue.'],
  RELEASE_UNKNOWN: [404, 'No such release.'],
})

/** Update software in the catalogue of the software management server. */
export const release = z.object({
  id,
  digest: sha256Hex,
  model: z.string(),
  software,
  bytes: count,
  publishedAt: instant,
  /** Null: it is handed out. */
  withdrawnAt: instant.nullable(),
})
export type Release = z.infer<typeof release>

/** One update of one handset, from the answer to its inquiry on. */
export const deviceUpdate = z.object({
  id: z.string(),
  terminalId: z.string(),
  from: software.nullable(),
  to: software,
  kind: z.enum(['differential', 'full']),
  fileBytes: count,
  sentBytes: count,
  state: z.enum([
    'announced',
    'requested',
    'sent',
    'updated',
    'ram-insufficient',
    'link-lost',
    'metadata-refused',
    'file-refused',
    'rewrite-failed',
    'judgement-failed',
  ]),
  announcedAt: instant,
  changedAt: instant,
})
export type DeviceUpdate = z.infer<typeof deviceUpdate>

/** A handset as it last reported itself. */
export const device = z.object({
  terminalId: z.string(),
  model: z.string(),
  software: software.nullable(),
  lastSeenAt: instant,
  /** Of its newest update; null before the first. */
  update: deviceUpdate.nullable(),
})
export type Device = z.infer<typeof device>

/** Who runs the server, over what network: told, and without any effect (¶0036, ¶0039; S1-72). */
export const carrierOperator = z.object({
  operator: z.enum(['telephone-carrier', 'internet-provider', 'application-provider']),
  network: z.enum(['mobile-network', 'internet', 'other-wide-area-network']),
})
export type CarrierOperator = z.infer<typeof carrierOperator>

export const carrier = {
  // Queries
  operator: call
    .route({ method: 'GET', path: '/carrier/operator', summary: 'Who runs the server' })
    .output(carrierOperator),
  server: call
    .route({ method: 'GET', path: '/carrier/server', summary: 'Where handsets reach the server' })
    .errors(errorCodes({ PORT_UNUSABLE: [409, 'The port for handsets cannot be used.'] }))
    .output(z.object({ address: z.string() })),
  releases: call
    .route({ method: 'GET', path: '/carrier/releases', summary: 'The update catalogue' })
    .output(z.array(release)),
  devices: call
    .route({
      method: 'GET',
      path: '/carrier/devices',
      summary: 'Handsets that reported themselves',
    })
    .output(z.array(device)),
  updates: call
    .route({ method: 'GET', path: '/carrier/updates', summary: 'Updates, newest first' })
    .input(z.object({ limit: queryNumber(z.number().int().min(1).max(500).default(100)) }))
    .output(z.array(deviceUpdate)),
  // Commands
  setOperator: call
    .meta({ action: true })
    .route({ method: 'PUT', path: '/carrier/operator', summary: 'Says who runs the server' })
    .input(carrierOperator)
    .output(carrierOperator),
  publish: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/releases',
      summary: 'Puts an image of the library into the catalogue; its descriptor says for whom',
    })
    .input(z.object({ digest: sha256Hex }))
    .errors(carrierErrors)
    .output(release),
  replaceMetadataKeys: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/metadata-keys/replace',
      summary:
        "Replaces the carrier's keys that vendors' roots list; each vendor rotates a key then",
    })
    .output(z.void()),
  withdraw: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/carrier/releases/{id}/withdraw',
      summary: 'Hands a release out no more',
    })
    .input(z.object({ id: queryNumber(id) }))
    .errors(carrierErrors)
    .output(release),
}
