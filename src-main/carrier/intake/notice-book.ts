import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Schema } from '../../storage/schema'
import type { ReleaseNotice } from '../../wire/vendor/messages'

/** A notice that is older, or from so far in the future, is refused. */
const NOTICE_MS_MAX = 15 * 60_000
/** After so long a replay is too old anyway. */
const REMEMBERED_MS = 2 * NOTICE_MS_MAX

/** Notices that were taken, so that nobody tells of a release by repeating what another said. */
export class NoticeBook {
  readonly #db: Kysely<Schema>
  readonly #clock: Clock

  constructor({ db, clock }: { readonly db: Kysely<Schema>; readonly clock: Clock }) {
    this.#db = db
    this.#clock = clock
  }

  /** Rejects with `NOTICE_STALE` or `NOTICE_REPLAYED`. */
  async refuseOld({ noticeId, sentAt }: ReleaseNotice): Promise<void> {
    if (Math.abs(this.#clock.now() - sentAt) > NOTICE_MS_MAX) {
      const message = 'The notice was not sent within the last 15 minutes. Send a new one.'
      throw new CodedError('NOTICE_STALE', message, { sentAt })
    }
    const row = await this.#db
      .selectFrom('carrier_notices')
      .select('notice_id')
      .where('notice_id', '=', noticeId)
      .executeTakeFirst()
    if (row) throw replayed(noticeId)
  }

  /**
   * Only once what it announced is written down: a notice that was lost before can be sent again.
   * Rejects with `NOTICE_REPLAYED` for the second of two at the same time.
   */
  async take({ noticeId, vendorName }: ReleaseNotice): Promise<void> {
    const now = this.#clock.now()
    await this.#db
      .deleteFrom('carrier_notices')
      .where('received_at', '<', now - REMEMBERED_MS)
      .execute()
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('carrier_notices')
      .values({ notice_id: noticeId, vendor_name: vendorName, received_at: now })
      .onConflict(conflict => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 0n) throw replayed(noticeId)
  }
}

function replayed(noticeId: string): CodedError {
  const message = 'This notice was taken before. Give each notice an ID of its own.'
  return new CodedError('NOTICE_REPLAYED', message, { noticeId })
}
