import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock'
import type { AuditSink } from '../../observe/message'
import { isToken } from '../../site/tokens'
import type { PolledDevice, PollingStore } from './polling-store'
import type { Refused } from './refused'

/** Of the digest of the token that devices behind a gateway share. */
export const GATEWAY_TOKEN = 'ddi-gateway-token'

/** One device may ask so often within a second; an agent at work needs some dozens. */
const REQUESTS_MAX = 50
const SECOND_MS = 1000
/** A device that is refused again and again is in the audit once a minute. */
const AUDIT_MS = 60_000
/** Further devices that are refused in the same minute are not noted. */
const AUDITED_MAX = 1000

export type Passed =
  | { readonly device: PolledDevice; readonly refused?: undefined }
  | { readonly refused: Refused; readonly device?: undefined }

/** Says who asks, and whether it asks too often. */
export class Gate {
  readonly #store: Pick<PollingStore, 'device' | 'setting'>
  readonly #clock: Clock
  readonly #audit: AuditSink
  #second = 0
  #requests = new Map<string, number>()
  #minute = 0
  #audited = new Set<string>()

  constructor(
    store: Pick<PollingStore, 'device' | 'setting'>,
    { clock, audit }: { readonly clock: Clock; readonly audit: AuditSink },
  ) {
    this.#store = store
    this.#clock = clock
    this.#audit = audit
  }

  /** Who is no device that polls is told no more than who has the wrong token. */
  async pass(deviceId: string, authorization: string | null): Promise<Passed> {
    const device = await this.#store.device(deviceId)
    const isKnown = device !== undefined && device.reach === 'poll'
    if (!isKnown || !(await this.#isAuthorized(device, authorization ?? ''))) {
      const message = `A device that calls itself ${deviceId.slice(0, 64)} polled without a right token. Set its token, and its column "reach" to poll.`
      return { refused: this.refuse(deviceId, { status: 401, code: 'TOKEN_REQUIRED', message }) }
    }
    return this.limited(device)
  }

  /** Counts the request of a device that is known by now. */
  limited(device: PolledDevice): Passed {
    if (!this.#isTooOften(device.deviceId)) return { device }
    const message = `${device.deviceId} asks more than ${REQUESTS_MAX} times a second.`
    const code = 'TOO_MANY_REQUESTS'
    return { refused: this.refuse(device.deviceId, { status: 429, code, message }) }
  }

  /** Notes a refusal, at most one a minute of the same device and kind. */
  refuse<Kind extends Refused>(deviceId: string, refused: Kind): Kind {
    const minute = Math.floor(this.#clock.now() / AUDIT_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#audited = new Set()
    }
    const key = `${refused.code} ${deviceId.slice(0, 64)}`
    if (this.#audited.has(key) || this.#audited.size >= AUDITED_MAX) return refused
    this.#audited.add(key)
    const { code, message } = refused
    this.#audit.refuse({ actor: 'carrier', code, message })
    return refused
  }

  async #isAuthorized(device: PolledDevice, authorization: string): Promise<boolean> {
    const [, kind, token] = /^(TargetToken|GatewayToken) (.{1,256})$/.exec(authorization) ?? []
    if (kind === undefined || token === undefined) return false
    const digest =
      kind === 'TargetToken' ? device.tokenDigest : await this.#store.setting(GATEWAY_TOKEN)
    return digest !== null && digest !== undefined && isToken(token, digest)
  }

  #isTooOften(deviceId: string): boolean {
    const second = Math.floor(this.#clock.now() / SECOND_MS)
    if (second !== this.#second) {
      this.#second = second
      this.#requests = new Map()
    }
    const requests = (this.#requests.get(deviceId) ?? 0) + 1
    this.#requests.set(deviceId, requests)
    return requests > REQUESTS_MAX
  }
}

/** Takes the same time wherever the two differ. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
