import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { VendorRelease } from '../contract/vendor'
import type { TraceSink } from '../observe/message'
import { askSite, type SiteAnswer, type SiteRequest } from '../site/ask-site'
import { basicCredentials } from '../site/credentials'
import type { BlobReading } from '../storage/blob-store'
import {
  METADATA_PATHS,
  ONLINE_KEYS_BYTES_MAX,
  onlineKeys,
  type OnlineKeys,
  type VendorDocuments,
} from '../wire/metadata/messages'
import {
  CARRIER_VENDOR_PATHS,
  type ReleaseNotice,
  type ReleaseRecord,
  uploadAnswer,
  uploadState,
  type UploadState,
  VENDOR_MESSAGE_BYTES_MAX,
  vendorRefusal,
} from '../wire/vendor/messages'
import { noticeMail } from './notice-mail'
import type { KeptVendor } from './store'

/** What is to be sent; resolves when the mail server has taken it. Rejects with `MAIL_REFUSED`. */
export type SendMail = (mail: {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The same mail sent again has the same. */
  readonly messageId: string
}) => Promise<void>

interface CarrierLineParts {
  readonly clock: Clock
  readonly trace: TraceSink
  readonly carrierAddress: () => Promise<string>
  readonly sendMail: SendMail
}

/** What vendors say to the carrier. Where it does not take it, everything rejects with `NOTICE_FAILED`. */
export class CarrierLine {
  readonly #parts: CarrierLineParts

  constructor(parts: CarrierLineParts) {
    this.#parts = parts
  }

  /** S11, to the carrier's server. */
  async notify(vendor: KeptVendor, release: VendorRelease): Promise<void> {
    const authorization = credentialsOf(vendor)
    await this.#expect(202, {
      method: 'POST',
      path: CARRIER_VENDOR_PATHS.notices,
      headers: { authorization },
      body: this.#noticeOf(release),
    })
  }

  /** S11, as a mail. */
  async mail(vendor: KeptVendor, release: VendorRelease): Promise<void> {
    const notice = this.#noticeOf(release)
    const mail = noticeMail(notice, vendor.carrierMail)
    try {
      await this.#parts.sendMail(mail)
    } catch (error) {
      throw failed(error)
    }
    const { id, vendorName } = release
    this.#parts.trace.record({
      from: 'vendor',
      to: 'mail',
      label: '1:S11',
      type: 'release notice',
      fields: { vendorName, releaseId: id, to: mail.to, subject: mail.subject },
      payload: Buffer.from(mail.text),
      outcome: 'sent',
    })
  }

  /**
   * S1: record, then bytes. `onNumbered` hears under which number the carrier's upload channel has
   * it before the first byte goes. The same again goes on where the line broke.
   */
  async upload(
    vendor: KeptVendor,
    { record, reading }: { readonly record: ReleaseRecord; readonly reading: BlobReading },
    onNumbered: (uploadId: number) => Promise<void>,
  ): Promise<void> {
    const headers = { authorization: credentialsOf(vendor) }
    const answer = await this.#expect(201, {
      method: 'POST',
      path: CARRIER_VENDOR_PATHS.uploads,
      headers,
      body: record,
    })
    const { uploadId } = await this.#heard(answer.message(uploadAnswer, VENDOR_MESSAGE_BYTES_MAX))
    await onNumbered(uploadId)
    const path = CARRIER_VENDOR_PATHS.uploadSoftware(uploadId)
    await this.#expect(204, { method: 'PUT', path, headers, stream: reading })
  }

  /** What became of an upload. */
  async uploadState(vendor: KeptVendor, uploadId: number): Promise<UploadState> {
    const answer = await this.#expect(200, {
      method: 'GET',
      path: CARRIER_VENDOR_PATHS.upload(uploadId),
      headers: { authorization: credentialsOf(vendor) },
    })
    return this.#heard(answer.message(uploadState, VENDOR_MESSAGE_BYTES_MAX))
  }

  /** The keys with which the carrier signs for this vendor. */
  async onlineKeys(vendorName: string): Promise<OnlineKeys> {
    const path = METADATA_PATHS.keysFor(vendorName)
    const answer = await this.#expect(200, { method: 'GET', path })
    return this.#heard(answer.message(onlineKeys, ONLINE_KEYS_BYTES_MAX))
  }

  /**
   * Changed metadata, which proves itself. A carrier that has nothing of the vendor yet gets it with
   * the first release, and one that cannot be reached with the next.
   */
  async publish(vendorName: string, documents: VendorDocuments): Promise<void> {
    const path = METADATA_PATHS.of(vendorName)
    await this.#asked({ method: 'PUT', path, body: documents }).catch(() => undefined)
  }

  async #expect(status: number, request: Omit<SiteRequest, 'base'>): Promise<SiteAnswer> {
    const answer = await this.#asked(request)
    if (answer.status === status || (status === 201 && answer.status === 200)) return answer
    const { code, message } = await this.#heard(
      answer.message(vendorRefusal, VENDOR_MESSAGE_BYTES_MAX),
    )
    throw new CodedError('NOTICE_FAILED', `The carrier refused it: ${message}`, { code })
  }

  async #asked(request: Omit<SiteRequest, 'base'>): Promise<SiteAnswer> {
    const base = await this.#parts.carrierAddress()
    return this.#heard(askSite(this.#parts.clock, { ...request, base }))
  }

  async #heard<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      throw failed(error)
    }
  }

  #noticeOf({ id, vendorName, softwareName, version, revision }: VendorRelease): ReleaseNotice {
    const noticeId = crypto.randomUUID()
    const sentAt = this.#parts.clock.now()
    return { noticeId, vendorName, vendorReleaseId: id, softwareName, version, revision, sentAt }
  }
}

function credentialsOf({ name, carrierPassword }: KeptVendor): string {
  if (carrierPassword !== null) return basicCredentials({ id: name, password: carrierPassword })
  const message = `${name} has no password at the carrier yet. Set the one that the carrier registered.`
  throw new CodedError('NOTICE_FAILED', message, { vendorName: name })
}

/** Failures of others, in the words of this line; what is our own stays as it is. */
function failed(error: unknown): unknown {
  if (!(error instanceof CodedError) || !FAILURES.has(error.code)) return error
  const { code, message } = error
  const words = `The carrier could not be told: ${message}`
  return new CodedError('NOTICE_FAILED', words, { code }, { cause: error })
}

const FAILURES: ReadonlySet<string> = new Set([
  'SITE_SILENT',
  'ANSWER_BAD',
  'ANSWER_TOO_LARGE',
  'MAIL_REFUSED',
])
