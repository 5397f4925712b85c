import type { Kysely } from 'kysely'
import { CodedError } from '../../base/coded-error'
import type { Rollout, RolloutState } from '../../contract/rollouts'
import type { TraceSink } from '../../observe/message'
import { readStored } from '../../storage/stored-json'
import type { Schema } from '../../storage/schema'
import { type ReleaseRecord, releaseRecord, type UploadState } from '../../wire/vendor/messages'
import type { RolloutBook } from '../rollout/ports'
import { proveRecord, takeIn, type TakeInParts } from './take-in'
import { traced } from './vendor-trace'

export interface UploadChannelParts extends TakeInParts {
  readonly db: Kysely<Schema>
  readonly trace: TraceSink
  readonly book: RolloutBook
}

/** The bytes of a release may come, also again after an attempt that broke off. */
const EXPECTED: ReadonlySet<RolloutState> = new Set(['notified', 'auth-refused'])

interface Upload {
  readonly rollout: Rollout
  readonly record: ReleaseRecord
}

/** Releases that vendors send themselves, where they have no database (embodiment 1, S1). */
export class UploadChannel {
  readonly #parts: UploadChannelParts
  readonly #running = new Set<number>()

  constructor(parts: UploadChannelParts) {
    this.#parts = parts
  }

  /**
   * Takes the record of a release, whose bytes are to follow. The same again gives the same upload.
   * Rejects with `RELEASE_FOREIGN` or `RELEASE_RETURNED`.
   */
  announce(vendorName: string, record: ReleaseRecord): Promise<{ uploadId: number }> {
    const { id: vendorReleaseId, softwareName, version, revision } = record
    const fields = { vendorName, vendorReleaseId, softwareName, version, revision }
    const passage = { label: '1:S1', type: 'upload', fields, payload: record }
    return traced(this.#parts.trace, passage, async () => {
      proveRecord(record, { ...fields })
      const rollout = await this.#parts.book.announced({ ...fields, acquisition: 'upload' })
      if (EXPECTED.has(rollout.state)) await this.#keep(rollout.id, record)
      return { uploadId: rollout.id }
    })
  }

  /**
   * Takes the bytes (S1). What was taken before is not taken again. Rejects with `UPLOAD_UNKNOWN`,
   * `UPLOAD_STATE`, `RELEASE_RETURNED`, `SOFTWARE_WRONG` and as the content does.
   */
  async receive(
    vendorName: string,
    uploadId: number,
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { rollout, record } = await this.#upload(vendorName, uploadId)
    if (rollout.state === 'returned') throw returned(rollout)
    if (this.#running.has(uploadId) || rollout.state === 'cancelled') throw notNow(rollout)
    if (!EXPECTED.has(rollout.state) && rollout.state !== 'fetching') return
    const fields = { uploadId, softwareName: record.softwareName, version: record.version }
    const { bytes } = record
    const passage = { label: '1:S1', type: 'software', fields: { ...fields, bytes } }
    this.#running.add(uploadId)
    try {
      await traced(this.#parts.trace, passage, () => this.#take({ rollout, record }, content))
    } finally {
      this.#running.delete(uploadId)
    }
  }

  /** Where a returned release is found (AMB-1.22). Rejects with `UPLOAD_UNKNOWN`. */
  async state(vendorName: string, uploadId: number): Promise<UploadState> {
    const { rollout } = await this.#upload(vendorName, uploadId)
    const { report, state } = rollout
    if (state === 'returned') return { state, report }
    const isExpected = EXPECTED.has(state) || state === 'fetching'
    return { state: isExpected ? 'expected' : 'taken', report: null }
  }

  async #take({ rollout, record }: Upload, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { book } = this.#parts
    const { id } = rollout
    await book.fetching(id)
    try {
      await book.stored(id, await takeIn(this.#parts, record, content))
    } catch (error) {
      const message = error instanceof CodedError ? error.message : 'The server failed.'
      await book.interrupted(id, `The upload did not succeed: ${message}`)
      throw error
    }
  }

  async #keep(rolloutId: number, record: ReleaseRecord): Promise<void> {
    const row = { rollout_id: rolloutId, record: JSON.stringify(record) }
    await this.#parts.db
      .insertInto('carrier_uploads')
      .values(row)
      .onConflict(conflict => conflict.column('rollout_id').doUpdateSet(row))
      .execute()
  }

  /** Another vendor's upload is as unknown as one that never was (S1-71). */
  async #upload(vendorName: string, uploadId: number): Promise<Upload> {
    const row = await this.#parts.db
      .selectFrom('carrier_uploads')
      .select('record')
      .where('rollout_id', '=', uploadId)
      .executeTakeFirst()
    const record = row && readStored(releaseRecord, row.record)
    if (record?.vendorName === vendorName) {
      return { record, rollout: await this.#parts.book.rollout(uploadId) }
    }
    const message = 'You have announced no such upload. Announce it first.'
    throw new CodedError('UPLOAD_UNKNOWN', message, { uploadId })
  }
}

function returned({ softwareName, version, revision }: Rollout): CodedError {
  const message = `${softwareName} ${version}, revision ${revision}, was returned. Register a new revision.`
  return new CodedError('RELEASE_RETURNED', message, { version, revision })
}

function notNow({ id, state }: Rollout): CodedError {
  const reason = state === 'cancelled' ? 'The carrier cancelled it.' : 'Its bytes are coming.'
  return new CodedError('UPLOAD_STATE', `Upload ${id} takes no bytes now: ${reason}`, { id, state })
}
