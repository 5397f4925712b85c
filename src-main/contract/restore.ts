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

/** How packets lie on the line: as lines of a text console, or as they are. */
export const encoding = z.enum(['console', 'raw'])
export type Encoding = z.infer<typeof encoding>

/** `auto`: console first, and raw where nothing answers. */
export const encodingChoice = z.enum(['auto', ...encoding.options])
export type EncodingChoice = z.infer<typeof encodingChoice>

/** Defaults in here stand for what the first version did not write down. */
export const identity = z.object({
  protocol: z.literal('smp'),
  encoding: encoding.default('console'),
  /** Who answers; what it cannot tell is null. */
  device: z.object({
    name: z.string().nullable(),
    model: z.string().nullable().default(null),
    mode: z.enum(['restore-mode', 'software', 'unknown']),
    information: z.string().nullable(),
  }),
  software: z
    .object({ version: z.string(), hash: z.string().nullable(), active: z.boolean() })
    .nullable(),
  /** What the protocol can tell of the device's memory and buffers, in bytes. */
  memory: z.object({
    bufferBytes: z.number().int(),
    bufferCount: z.number().int(),
    /** Of slot 0, into which a restore writes; null where the device does not say. */
    slotBytes: z.number().int().nullable().default(null),
  }),
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
  IMAGE_UNFIT: [422, 'The image does not fit the device.'],
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
  encoding: encodingChoice.default('auto'),
  /** Goes on where an interrupted restore of this image to this device at this link stopped. */
  resume: z.boolean().default(false),
  /** Writes where only a warning stands against it; never what is provably wrong. */
  force: z.boolean().default(false),
})
export type RestoreOptions = z.infer<typeof restoreOptions>

/** What a restore would do, or why it does nothing. */
export const restoreVerdict = z.enum(['write', 'resume', 'up-to-date', 'refused'])
export type RestoreVerdict = z.infer<typeof restoreVerdict>

const bytes = z.number().int().nonnegative()
const slotPlace = { image: z.number().int(), slot: z.number().int() }

/** What a restore is going to do, from what the device says of itself, before anything is written. */
export const restorePlan = z.object({
  link: z.string(),
  image: z.object({ digest: sha256Hex, name: z.string(), bytes }),
  /** Of the bytes that the device holds afterwards. */
  sha256: sha256Hex,
  device: identity,
  verdict: restoreVerdict,
  /** Why this verdict, and what to do next where it is `refused` (else null). */
  reason: z.string(),
  nextStep: z.string().nullable(),
  /** With `refused`: option `force` writes all the same. */
  canForce: z.boolean(),
  /** Software runs and is asked to make way first; restore mode may then say other figures. */
  entersRestoreMode: z.boolean(),
  /** The slot that is erased as the image needs it, and its size where the device says one. */
  erased: z.object({ ...slotPlace, bytes: bytes.nullable() }).nullable(),
  /** Counted from the start of the slot; null where nothing is written. */
  written: z.object({ fromByte: bytes, bytes }).nullable(),
  /** Other slots that the device lists. What lies outside of slots cannot be reached at all. */
  kept: z.array(z.object({ ...slotPlace, version: z.string(), bytes: bytes.nullable() })),
  /** Of the writing stage where nothing is lost: exact for the requests and for short answers. */
  wire: z.object({
    requests: bytes,
    pieceBytes: bytes,
    window: bytes,
    sentBytes: bytes,
    receivedBytes: bytes,
  }),
  /** Of the writing stage, and payload a second; null where the link has no rate of its own. */
  seconds: z.number().nonnegative().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
  /** Where a restore of this image to this device at this link stopped; null without a record. */
  interruptedAt: bytes.nullable(),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
})
export type RestorePlan = z.infer<typeof restorePlan>

export const restoreView = z.object({
  id: z.number().int().positive(),
  link: z.string(),
  image: z.object({ digest: sha256Hex, name: z.string(), bytes: z.number().int() }),
  protocol: z.literal('smp').nullable(),
  stage: restoreStage,
  device: identity.nullable(),
  /** The byte from which an interrupted restore was taken up; null where all was sent. */
  resumedFrom: z.number().int().nonnegative().nullable().default(null),
  /** Why all was sent although going on was asked for. */
  startedOver: z.string().nullable().default(null),
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
    .input(
      z.object({
        link,
        protocol: protocol.default('auto'),
        encoding: encodingChoice.default('auto'),
      }),
    )
    .errors(restoreErrors)
    .output(identity),
  plan: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/restores/plan', summary: 'What a restore would do' })
    .input(z.object({ link, digest: sha256Hex, options: restoreOptions.prefault({}) }))
    .errors(restoreErrors)
    .output(restorePlan),
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
