import type { Kysely } from 'kysely'
import type * as z from 'zod'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Customer, Rollout } from '../../contract/rollouts'
import type { Message, TraceSink } from '../../observe/message'
import { askSite, type SiteAnswer } from '../../site/ask-site'
import type { DefectLog } from '../../site/refusal'
import type { Schema } from '../../storage/schema'
import {
  DEVICE_MESSAGE_BYTES_MAX,
  DEVICE_PATHS,
  sessionAnswer,
  SOFTWARE_HEADERS,
  softwareAnswer,
  type GivenAnswer,
  testAnswer,
} from '../../wire/device/messages'
import { pause } from '../pause'
import { DeviceBytes } from './device-bytes'
import type { DeliveryEnd, DeliveryOrder, SoftwareStorage } from './ports'
import { stepLabel } from './steps'

export interface DeviceAccessParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly logDefect: DefectLog
  readonly storage: Pick<SoftwareStorage, 'read'>
  /** Where IP addresses are reached that the address book does not have. */
  readonly networkAddress: () => Promise<string>
}

/** A handset that took the notice asks for the update itself (AMB-X.3). */
export type AccessEnd = DeliveryEnd | { readonly outcome: 'noticed' }

interface Session extends z.infer<typeof sessionAnswer> {
  readonly base: string
}

/** Sent at a time, so that progress is seen and a cut takes effect. */
const PIECE_BYTES = 64 * 1024
/** Software that has not answered a test signal by then does not. */
const TEST_ANSWER_MS_MAX = 6000
const TEST_ANSWER_PAUSE_MS = 200

/** Accesses devices by their IP addresses (S3 to S5, S20 to S22, S39 to S41, S33). */
export class DeviceAccess {
  readonly #parts: DeviceAccessParts
  readonly #bytes: DeviceBytes

  constructor(parts: DeviceAccessParts) {
    this.#parts = parts
    this.#bytes = new DeviceBytes(parts.storage)
  }

  /** Never rejects. */
  async bring(order: DeliveryOrder): Promise<AccessEnd> {
    try {
      const session = await this.#session(order.customer, order)
      if (session.takes === 'notice') return await this.#notify(order, session)
      return await this.#send(order, session)
    } catch (error) {
      return this.#endOf(error)
    }
  }

  /** Undefined where nobody answers, and where it was cut off. */
  async testSignal(
    customer: Customer,
    signal: string,
    cut: AbortSignal,
  ): Promise<GivenAnswer | undefined> {
    try {
      const steps = { access: '33', authenticate: '33', download: '33' }
      const { base, token } = await this.#session(customer, { steps, signal: cut })
      this.#trace(customer, { type: 'test signal', label: stepLabel('33'), fields: { signal } })
      const said = await this.#answerTo(signal, { base, token, cut })
      if (!said) return undefined
      const fields = { answer: said.answer, version: said.software?.version ?? null }
      this.#traceAnswer(customer, { type: 'test answer', label: stepLabel('34'), fields })
      return said
    } catch (error) {
      this.#endOf(error)
      return undefined
    }
  }

  /** S33, S34. Undefined where the device does not take it. */
  async #answerTo(
    signal: string,
    {
      base,
      token,
      cut,
    }: { readonly base: string; readonly token: string; readonly cut: AbortSignal },
  ): Promise<GivenAnswer | undefined> {
    const { clock } = this.#parts
    const headers = { authorization: `Bearer ${token}` }
    const asked = { base, path: DEVICE_PATHS.testSignal, headers, signal: cut }
    const taken = await askSite(clock, { ...asked, method: 'POST', body: { signal } })
    if (taken.status !== 202) return undefined
    const until = clock.now() + TEST_ANSWER_MS_MAX
    for (;;) {
      const answer = await askSite(clock, { ...asked, method: 'GET' })
      if (answer.status !== 200) return undefined
      const said = await answer.message(testAnswer, DEVICE_MESSAGE_BYTES_MAX)
      const { isPending, ...given } = said
      if (!isPending || clock.now() >= until) return given
      await pause(clock, TEST_ANSWER_PAUSE_MS, cut)
    }
  }

  /** S3, S4. Throws `PASSWORD_REFUSED`. */
  async #session(
    customer: Customer,
    { steps, signal }: Pick<DeliveryOrder, 'steps'> & Partial<Pick<DeliveryOrder, 'signal'>>,
  ): Promise<Session> {
    const { deviceId, ipAddress, password } = customer
    const base = await this.#baseOf(ipAddress)
    const fields = { deviceId, ipAddress, base }
    this.#trace(customer, { type: 'access', label: stepLabel(steps.access), fields })
    const label = stepLabel(steps.authenticate)
    this.#trace(customer, { type: 'authentication', label, fields: { deviceId } })
    const answer = await askSite(this.#parts.clock, {
      base,
      path: DEVICE_PATHS.session,
      method: 'POST',
      body: { deviceId, password },
      ...(signal ? { signal } : {}),
    })
    const isAccepted = answer.status === 200
    this.#traceAnswer(customer, {
      type: isAccepted ? 'connection' : 'refusal',
      label,
      fields: { deviceId, status: answer.status },
    })
    if (answer.status === 401 || answer.status === 403) {
      const message = `${deviceId} at ${ipAddress} refuses the password of the customer table.`
      throw new CodedError('PASSWORD_REFUSED', message, { deviceId })
    }
    mustBe(answer, 200, deviceId)
    return { base, ...(await answer.message(sessionAnswer, DEVICE_MESSAGE_BYTES_MAX)) }
  }

  async #notify(order: DeliveryOrder, { base, token }: Session): Promise<AccessEnd> {
    const { customer, rollout, steps, signal } = order
    if (rollout.kind !== 'firmware') {
      const message = `${customer.deviceId} takes firmware only, and ${named(rollout)} is none.`
      throw new CodedError('SOFTWARE_UNFIT', message, { deviceId: customer.deviceId })
    }
    const body = { softwareName: rollout.softwareName, version: rollout.version }
    this.#trace(customer, { type: 'notice', label: stepLabel(steps.download), fields: body })
    const answer = await askSite(this.#parts.clock, {
      base,
      path: DEVICE_PATHS.notice,
      method: 'POST',
      body,
      signal,
      headers: { authorization: `Bearer ${token}` },
    })
    mustBe(answer, 202, customer.deviceId)
    return { outcome: 'noticed' }
  }

  async #send(order: DeliveryOrder, session: Session): Promise<DeliveryEnd> {
    const { rollout } = order
    if (rollout.digest === null) {
      throw new CodedError('SOFTWARE_UNFIT', `${named(rollout)} is not in the software storage.`)
    }
    const { digest } = rollout
    return this.#bytes.during(digest, bytes => this.#put(order, session, { bytes, digest }))
  }

  /** S5, and the answer that tells of its normal end. */
  async #put(
    order: DeliveryOrder,
    { base, token }: Session,
    { bytes, digest }: { readonly bytes: Uint8Array; readonly digest: string },
  ): Promise<DeliveryEnd> {
    const { customer, rollout, signal, steps } = order
    const { deviceId } = customer
    const label = stepLabel(steps.download)
    if ((await order.mayBegin?.(bytes.length)) === false) {
      return { outcome: 'failed', reason: 'It was stopped before the download.' }
    }
    const fields = { deviceId, bytes: bytes.length, sha256: digest }
    this.#trace(customer, { type: 'software', label, fields })
    const answer = await askSite(this.#parts.clock, {
      base,
      path: DEVICE_PATHS.software,
      method: 'PUT',
      signal,
      stream: { bytes: bytes.length, pieces: () => pieces(bytes, order.onProgress) },
      headers: { authorization: `Bearer ${token}`, ...softwareHeaders(rollout, digest) },
    })
    mustBe(answer, 200, deviceId)
    const { outcome, sha256, software } = await answer.message(
      softwareAnswer,
      DEVICE_MESSAGE_BYTES_MAX,
    )
    const said = { deviceId, outcome, sha256, version: software?.version ?? null }
    this.#traceAnswer(customer, { type: 'software answer', label, fields: said })
    const wanted = rollout.settings.delivery === 'record' ? 'recorded' : 'installed'
    if (sha256 === digest && outcome === wanted) return { outcome: 'downloaded' }
    const why =
      sha256 === digest
        ? `it says ${outcome} where ${wanted} was asked for`
        : `what it has has the SHA-256 ${sha256}, and ${digest} was sent`
    return { outcome: 'failed', reason: `${deviceId} is not believed: ${why}.` }
  }

  /** The address book first (decision: the table keeps the address, the book says where it is). */
  async #baseOf(ipAddress: string): Promise<string> {
    const row = await this.#parts.db
      .selectFrom('carrier_addresses')
      .select('base')
      .where('ip_address', '=', ipAddress)
      .executeTakeFirst()
    return row?.base ?? `${await this.#parts.networkAddress()}/${ipAddress}`
  }

  #endOf(error: unknown): DeliveryEnd {
    if (error instanceof CodedError) {
      const outcome = error.code === 'PASSWORD_REFUSED' ? 'auth-failed' : 'failed'
      return { outcome, reason: error.message }
    }
    const isCut = error instanceof Error && error.name === 'AbortError'
    if (!isCut) this.#parts.logDefect(error, 'carrier')
    return { outcome: 'failed', reason: isCut ? 'It was cut off.' : 'The server failed.' }
  }

  #trace(customer: Customer, message: Pick<Message, 'type' | 'label' | 'fields'>): void {
    const to = actorOf(customer)
    this.#parts.trace.record({ from: 'carrier', to, outcome: 'sent', ...message })
  }

  #traceAnswer(customer: Customer, message: Pick<Message, 'type' | 'label' | 'fields'>): void {
    const from = actorOf(customer)
    this.#parts.trace.record({ from, to: 'carrier', outcome: 'answered', ...message })
  }
}

function actorOf({ isTestDevice, deviceClass }: Customer): string {
  if (isTestDevice) return 'test-device'
  return deviceClass === 'handset' ? 'handset' : 'device'
}

function named({ softwareName, version }: Rollout): string {
  return `${softwareName} ${version}`
}

function softwareHeaders({ softwareName, version, settings }: Rollout, digest: string) {
  return {
    [SOFTWARE_HEADERS.name]: encodeURIComponent(softwareName),
    [SOFTWARE_HEADERS.version]: encodeURIComponent(version),
    [SOFTWARE_HEADERS.sha256]: digest,
    [SOFTWARE_HEADERS.delivery]: settings.delivery,
  }
}

function mustBe({ status }: SiteAnswer, wanted: number, deviceId: string): void {
  if (status === wanted) return
  const message = `${deviceId} answered ${status} where ${wanted} is the good answer.`
  throw new CodedError('DEVICE_REFUSED', message, { deviceId, status })
}

async function* pieces(
  bytes: Uint8Array,
  onProgress: DeliveryOrder['onProgress'],
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES)
    yield piece
    onProgress(at + piece.length, bytes.length)
  }
}
