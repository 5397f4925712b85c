import * as z from 'zod'

/**
 * What the carrier's server says to a device that it reaches by its IP address, as JSON over HTTP
 * (spec 2.1.3 to 2.1.6; docs/formats/device.md). Paths follow the base to which the address book
 * maps the IP address:
 *
 *     S3, S4   POST /v1/session       sessionRequest -> sessionAnswer, or 401
 *     S5       PUT  /v1/software      Authorization: Bearer TOKEN, bytes -> softwareAnswer
 *              POST /v1/notice        updateNotice -> 202: a handset asks for the update itself (AMB-X.3)
 *     S33      POST /v1/test-signal   testSignal -> 202
 *     S34      GET  /v1/test-signal   -> testAnswer, as often as somebody asks
 */
export const DEVICE_PATHS = {
  session: '/v1/session',
  software: '/v1/software',
  notice: '/v1/notice',
  testSignal: '/v1/test-signal',
} as const

export const DEVICE_MESSAGE_BYTES_MAX = 16 * 1024

const word = z.string().min(1).max(64)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const runningSoftware = z.object({ name: word, version: word })

export const sessionRequest = z.object({
  deviceId: word,
  /** As registered in the customer table (S1-12). */
  password: z.string().min(1).max(128),
})
export type SessionRequest = z.infer<typeof sessionRequest>

export const sessionAnswer = z.object({
  token: z.string().regex(/^[\x21-\x7e]{16,256}$/),
  /** `notice`: it asks for updates itself; `software`: it takes what is sent. */
  takes: z.enum(['notice', 'software']),
  software: runningSoftware.nullable(),
})
export type SessionAnswer = z.infer<typeof sessionAnswer>

/** Headers of S5 beside the bytes. */
export const SOFTWARE_HEADERS = {
  name: 'kintsugi-software-name',
  version: 'kintsugi-software-version',
  sha256: 'kintsugi-software-sha256',
  /** `record` or `install`. */
  delivery: 'kintsugi-delivery',
} as const

export const softwareAnswer = z.object({
  outcome: z.enum(['recorded', 'installed']),
  sha256,
  software: runningSoftware.nullable(),
})
export type SoftwareAnswer = z.infer<typeof softwareAnswer>

/** Says no more than that there is something: the file is always asked for (AMB-0.13). */
export const updateNotice = z.object({ softwareName: word, version: word })

export const testSignal = z.object({ signal: z.string().min(1).max(128) })

/** Of the newest test signal, as the software itself answered; null: it did not. */
export const testAnswer = z.object({
  /** The software may answer yet. */
  isPending: z.boolean(),
  answer: z.string().max(256).nullable(),
  software: runningSoftware.nullable(),
})
export type TestAnswer = z.infer<typeof testAnswer>
/** Once it is not pending any more. */
export type GivenAnswer = Omit<TestAnswer, 'isPending'>
