import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { TrialReport } from '../../contract/vendor'
import { askSite, type SiteAnswer, type SiteRequest } from '../../site/ask-site'
import { basicCredentials } from '../../site/credentials'
import {
  type ReleaseRecord,
  releaseRecord,
  VENDOR_MESSAGE_BYTES_MAX,
  VENDOR_PATHS,
  vendorRefusal,
} from '../../wire/vendor/messages'
import type { DatabaseAccess } from './vendor-registry'

type Asked = Pick<SiteRequest, 'method' | 'path' | 'body'>

const REFUSAL_BYTES_MAX = 16 * 1024

/** A vendor's software database, as the carrier's server asks it (spec 2.1.4, 2.1.5). */
export class VendorDatabase {
  readonly #clock: Clock
  readonly #access: DatabaseAccess
  readonly #signal: AbortSignal | undefined

  constructor(clock: Clock, access: DatabaseAccess, signal?: AbortSignal) {
    this.#clock = clock
    this.#access = access
    this.#signal = signal
  }

  /**
   * S12 to S18: asks for a release, is asked for credentials, and gives them. Rejects with
   * `ACCESS_REFUSED` (S17), `VENDOR_ANSWERED` for every other answer, `SITE_SILENT`.
   */
  async record(id: number): Promise<ReleaseRecord> {
    const asked = { method: 'GET', path: VENDOR_PATHS.release(id) } as const
    await this.#beDemanded(asked)
    const answer = await this.#let(asked)
    return answer.message(releaseRecord, VENDOR_MESSAGE_BYTES_MAX)
  }

  /** S18: the bytes as they arrive, at most so many. Rejects as {@link record} does. */
  async *software(id: number, bytes: number): AsyncGenerator<Uint8Array> {
    const answer = await this.#let({ method: 'GET', path: VENDOR_PATHS.software(id) })
    yield* answer.pieces(bytes)
  }

  /** S37. The same again is taken again. Rejects as {@link record} does. */
  async giveBack(id: number, report: TrialReport): Promise<void> {
    await (
      await this.#let({ method: 'POST', path: VENDOR_PATHS.return(id), body: report })
    ).bytes(0)
  }

  /** S13: a database that lets everybody in is not the vendor's. */
  async #beDemanded(asked: Asked): Promise<void> {
    const answer = await this.#ask(asked, {})
    if (answer.status === 401) return void (await reasonOf(answer))
    if (answer.status >= 300) throw await this.#answered(answer)
    const { vendorName } = this.#access
    const message = `The software database of ${vendorName} let a stranger in. It must demand authentication (S13).`
    throw new CodedError('VENDOR_ANSWERED', message, { status: answer.status })
  }

  async #let(asked: Asked): Promise<SiteAnswer> {
    const { accessorId, password, vendorName } = this.#access
    const authorization = basicCredentials({ id: accessorId, password })
    const answer = await this.#ask(asked, { authorization })
    if (answer.status < 300) return answer
    if (answer.status !== 401 && answer.status !== 403) throw await this.#answered(answer)
    const message = `The software database of ${vendorName} refused "${accessorId}": ${await reasonOf(answer)}`
    throw new CodedError('ACCESS_REFUSED', message, { vendorName, accessorId })
  }

  #ask(asked: Asked, headers: Readonly<Record<string, string>>): Promise<SiteAnswer> {
    return askSite(this.#clock, {
      ...asked,
      base: this.#access.databaseAddress,
      headers,
      ...(this.#signal ? { signal: this.#signal } : {}),
    })
  }

  async #answered(answer: SiteAnswer): Promise<CodedError> {
    const { vendorName } = this.#access
    const { status } = answer
    const message = `The software database of ${vendorName} answered ${status}: ${await reasonOf(answer)}`
    return new CodedError('VENDOR_ANSWERED', message, { status })
  }
}

async function reasonOf(answer: SiteAnswer): Promise<string> {
  try {
    return (await answer.message(vendorRefusal, REFUSAL_BYTES_MAX)).message
  } catch {
    return 'it did not say why.'
  }
}
