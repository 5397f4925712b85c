import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { call, errorCodes, instant, queryNumber, sha256Hex } from './procedure'

export const link = z.string().min(1).max(1024)

export const serialPort = z.object({
  path: z.string(),
  manufacturer: z.string().nullable(),
  vendorId: z.string().nullable(),
  productId: z.string().nullable(),
  serialNumber: z.string().nullable(),
})
export type SerialPortView = z.infer<typeof serialPort>

/** Protocols that this version speaks; more join with their drivers. */
export const protocol = z.enum(['auto', 'smp'])
export type ProtocolChoice = z.infer<typeof protocol>

export const identity = z.object({
  protocol: z.literal('smp'),
  /** Who answers; what it cannot tell is null. */
  device: z.object({
    name: z.string().nullable(),
    mode: z.enum(['restore-mode', 'software', 'unknown']),
    information: z.string().nullable(),
  }),
  software: z
    .object({ version: z.string(), hash: z.string().nullable(), active: z.boolean() })
    .nullable(),
  /** What the protocol can tell of the device's memory and buffers, in bytes. */
  memory: z.object({ bufferBytes: z.number().int(), bufferCount: z.number().int() }),
})
export type Identity = z.infer<typeof identity>

export const restoreStage = z.enum([
  'connecting',
  'identifying',
  'writing',
  'verifying',
  'rebooting',
  'ended',
])
export type RestoreStage = z.infer<typeof restoreStage>

/** How a restore can end (decision 0004); scripts rely on these words. */
export const restoreResult = z.enum([
  'restored',
  'written',
  'up-to-date',
  'interrupted',
  'refused',
  'failed',
])
export type RestoreResult = z.infer<typeof restoreResult>

export const restoreErrors = errorCodes({
  BAD_LINK: [422, 'The link cannot be read.'],
  LINK_NOT_FOUND: [404, 'There is no such port.'],
  LINK_DENIED: [403, 'The port may not be opened.'],
  LINK_BUSY: [409, 'The port is in use.'],
  LINK_LOST: [502, 'The link went away.'],
  LINK_REFUSED: [502, 'Nobody listens there.'],
  NO_ANSWER: [504, 'Nothing answers.'],
  DEVICE_REFUSED: [502, 'The device refused.'],
  DEVICE_CONFUSED: [502, 'The device answered with something that makes no sense.'],
  VERIFY_FAILED: [502, 'The device does not hold what was sent.'],
  IMAGE_UNKNOWN: [404, 'No such image is in the library.'],
  BLOB_DAMAGED: [410, 'The stored image is damaged.'],
  OPTION_UNFIT: [422, 'An option does not fit the image or the protocol.'],
  RESTORE_UNKNOWN: [404, 'No such restore.'],
  CANCELLED: [499, 'Cancelled.'],
})

export const restoreOptions = z.object({
  protocol: protocol.default('auto'),
  /** Bytes from the start of the region (decision 0004); SMP takes 0 only. */
  offset: z.number().int().nonnegative().default(0),
  verify: z.boolean().default(true),
})
export type RestoreOptions = z.infer<typeof restoreOptions>

export const restoreView = z.object({
  id: z.number().int().positive(),
  link: z.string(),
  image: z.object({ digest: sha256Hex, name: z.string(), bytes: z.number().int() }),
  protocol: z.literal('smp').nullable(),
  stage: restoreStage,
  device: identity.nullable(),
  doneBytes: z.number().int().nonnegative(),
  totalBytes: z.number().int().nonnegative(),
  bytesPerSecond: z.number().nonnegative(),
  /** Null while there is no rate to judge by. */
  secondsLeft: z.number().nonnegative().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** Null until `stage` is `ended`; so are the fields below that describe the outcome. */
  result: restoreResult.nullable(),
  /** Of the whole restore, from opening the link to the end. */
  seconds: z.number().nullable(),
  /** Rate of the writing stage as a share of the line's (baud / 10); null where it has none. */
  lineRateRatio: z.number().nullable(),
  /** SHA-256 of the image's bytes that were sent. */
  sha256: sha256Hex,
  verified: z.boolean(),
  retries: z.number().int().nonnegative(),
  error: z.object({ code: z.string(), message: z.string(), data: z.unknown() }).nullable(),
})
export type RestoreView = z.infer<typeof restoreView>

export const logLine = z.object({
  at: instant,
  level: z.enum(['info', 'warning']),
  text: z.string(),
})
export type LogLine = z.infer<typeof logLine>

export const restore = {
  // Queries
  ports: call
    .route({ method: 'GET', path: '/ports', summary: 'Serial ports with vendor and product' })
    .output(z.array(serialPort)),
  list: call
    .route({ method: 'GET', path: '/restores', summary: 'Restores, newest first' })
    .input(z.object({ limit: queryNumber(z.number().int().min(1).max(500).default(50)) }))
    .output(z.array(restoreView)),
  log: call
    .route({ method: 'GET', path: '/restores/{id}/log', summary: 'What a restore said, in order' })
    .input(z.object({ id: queryNumber(z.number().int().positive()) }))
    .errors(restoreErrors)
    .output(z.array(logLine)),
  // Commands
  identify: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/identify', summary: 'Who answers at a link' })
    .input(z.object({ link, protocol: protocol.default('auto') }))
    .errors(restoreErrors)
    .output(identity),
  start: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/restores', summary: 'Begins a restore and answers at once' })
    .input(z.object({ link, digest: sha256Hex, options: restoreOptions.prefault({}) }))
    .errors(restoreErrors)
    .output(restoreView),
  cancel: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/restores/{id}/cancel', summary: 'Stops after the piece sent' })
    .input(z.object({ id: queryNumber(z.number().int().positive()) }))
    .errors(restoreErrors)
    .output(restoreView),
  // Events
  watch: call
    .route({ method: 'GET', path: '/restores/{id}/watch', summary: 'Every change, until it ends' })
    .input(z.object({ id: queryNumber(z.number().int().positive()) }))
    .errors(restoreErrors)
    .output(eventIterator(restoreView)),
}
