import { CodedError } from '../../base/coded-error'
import type { Mail } from '../../contract/mail'
import type { Rollout } from '../../contract/rollouts'
import type { ReleaseNotice } from '../../wire/vendor/messages'
import { audited } from '../audited'
import { CARRIER_MAIL_ADDRESS } from '../rollout/outbox-message'
import type { AnnouncedRelease } from '../rollout/ports'
import type { SettingsChange } from '../rollout/rollout-settings'
import type { CarrierMount } from '../server'
import { Fetching, type FetchingParts } from './fetching'
import { mountIntake } from './intake-mount'
import { isNotice, readMailNotice } from './mail-notice'
import { NoticeBook } from './notice-book'
import { UNSAID } from './record-flaw'
import { UploadChannel, type UploadChannelParts } from './upload-channel'
import { traced } from './vendor-trace'

export interface IntakeParts extends FetchingParts, UploadChannelParts {
  /** Hears of mails, again until what the listener returned resolves. Returns the unsubscribe. */
  readonly onMail: (listener: (mail: Mail) => void | Promise<void>) => () => void
}

export interface NoticeByHand {
  readonly vendorName: string
  readonly vendorReleaseId: number
  readonly settings?: SettingsChange | undefined
}

/**
 * How releases come to the carrier: vendors tell of them by any means (S11, S1-28, S1-29), and the
 * server fetches them (S12 to S18); or vendors upload them (S1).
 */
export class Intake {
  readonly mount: CarrierMount
  readonly #parts: IntakeParts
  readonly #notices: NoticeBook
  readonly #fetching: Fetching
  readonly #mails = new Set<Promise<void>>()
  #unsubscribe: () => void = () => {}

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#notices = new NoticeBook(parts)
    this.#fetching = new Fetching(parts)
    this.mount = mountIntake({
      registry: parts.registry,
      uploads: new UploadChannel(parts),
      onNotice: (vendorName, notice) => this.#noticed(vendorName, notice),
    })
  }

  /** Listens for mails from now on. */
  start(): void {
    this.#unsubscribe = this.#parts.onMail(mail =>
      isNotice(mail, CARRIER_MAIL_ADDRESS) ? this.#follow(this.#mailed(mail)) : undefined,
    )
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await Promise.allSettled(this.#mails)
    await this.#fetching.close()
  }

  /** A posted card, a call: somebody enters it by hand. Rejects with `VENDOR_UNKNOWN`. */
  markNotified({ vendorName, vendorReleaseId, settings }: NoticeByHand): Promise<Rollout> {
    const { audit, registry, trace } = this.#parts
    const fields = { vendorName, vendorReleaseId }
    return audited(audit, () =>
      traced(trace, { label: '1:S11', type: 'notice-by-hand', fields }, async () => {
        await registry.access(vendorName)
        const unsaid = { softwareName: UNSAID, version: UNSAID, revision: 1 }
        const acquisition = settings?.acquisition ?? 'fetch'
        const release = { ...fields, ...unsaid, acquisition, ...(settings ? { settings } : {}) }
        return this.#announce(release)
      }),
    )
  }

  /** S12, in the background. For a release that waits: refused, interrupted or never fetched. */
  fetch(rolloutId: number): void {
    this.#fetching.begin(rolloutId)
  }

  /** Resolves when nothing of it is fetched any more. */
  stopFetching(rolloutId: number): Promise<void> {
    return this.#fetching.stop(rolloutId)
  }

  #noticed(vendorName: string, notice: ReleaseNotice): Promise<void> {
    const { vendorReleaseId, softwareName, version, revision } = notice
    const release = { vendorName, vendorReleaseId, softwareName, version, revision }
    const fields = { noticeId: notice.noticeId, ...release }
    const passage = { label: '1:S11', type: 'notice', fields, payload: notice }
    return traced(this.#parts.trace, passage, async () => {
      refuseForeign(vendorName, notice)
      await this.#notices.refuseOld(notice)
      const rollout = await this.#parts.book.announced({ ...release, acquisition: 'fetch' })
      await this.#notices.take(notice)
      this.#fetchIfWaiting(rollout)
    })
  }

  async #mailed(mail: Mail): Promise<void> {
    const { audit, registry } = this.#parts
    try {
      const announced = readMailNotice(mail)
      if (!announced) throw unreadable(mail)
      await registry.access(announced.vendorName)
      await this.#announce({ ...announced, acquisition: 'fetch' })
    } catch (error) {
      // The mailbox hands it over again where the server itself failed.
      if (!(error instanceof CodedError)) throw error
      audit.refuse({ actor: 'carrier', code: error.code, message: error.message })
    }
  }

  async #announce(release: AnnouncedRelease): Promise<Rollout> {
    const rollout = await this.#parts.book.announced(release)
    this.#fetchIfWaiting(rollout)
    return rollout
  }

  /** A release that was fetched, or is uploaded, is not fetched because it was told of again. */
  #fetchIfWaiting({ id, state, settings }: Rollout): void {
    const isWaiting = state === 'notified' || state === 'auth-refused'
    if (isWaiting && settings.acquisition === 'fetch') this.#fetching.begin(id)
  }

  async #follow(work: Promise<void>): Promise<void> {
    const landed = this.#parts.clock.busy()
    this.#mails.add(work)
    try {
      await work
    } finally {
      this.#mails.delete(work)
      landed()
    }
  }
}

function refuseForeign(vendorName: string, notice: ReleaseNotice): void {
  if (notice.vendorName === vendorName) return
  const message = `The notice is of a release of ${notice.vendorName}, and ${vendorName} sent it.`
  throw new CodedError('RELEASE_FOREIGN', message, { vendorName })
}

function unreadable({ id }: Mail): CodedError {
  const message = `Mail ${id} is no notice of a release: it needs lines Vendor:, Release:, Software: and Revision:. Mark the release as notified by hand.`
  return new CodedError('NOTICE_UNREADABLE', message, { mail: id })
}
