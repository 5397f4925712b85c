import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { printableText } from '../base/printable'
import type { TrialReport, VendorAccess, VendorRelease } from '../contract/vendor'
import type { VendorMetadata } from '../metadata/vendor-metadata'
import type { TraceSink } from '../observe/message'
import { type Credentials, isPassword, passwordHash } from '../site/credentials'
import { InFlight } from '../site/in-flight'
import type { BlobReading, BlobStore } from '../storage/blob-store'
import type { Schema } from '../storage/schema'
import type { ReleaseRecord } from '../wire/vendor/messages'
import { AccessStore } from './access-store'
import { traceStep } from './database-trace'
import { judgeReturn, refuseReturned } from './decisions'
import { VendorStore } from './store'

export interface SoftwareDatabaseParts {
  readonly db: Kysely<Schema>
  readonly blobs: BlobStore
  readonly clock: Clock
  readonly trace: TraceSink
  readonly metadata: Pick<VendorMetadata, 'documents' | 'removeTarget'>
  readonly onReleaseChanged: (release: VendorRelease) => void
}

/** What is handed out to whom: the bytes are read only as they leave. */
export interface HandedSoftware {
  readonly release: VendorRelease
  readonly accessorId: string
  readonly reading: BlobReading
}

const ACCESSOR_CHARACTERS_MAX = 64
/** Who is not registered must not be told from who is by the time of the answer. */
const nobodysPassword = passwordHash(crypto.randomUUID())

/** One vendor's software database, as those see it who come by its server (spec 2.1.4). */
export class SoftwareDatabase {
  readonly vendorName: string
  readonly #parts: SoftwareDatabaseParts
  readonly #store: VendorStore
  readonly #access: AccessStore
  /** Answers that are counted while they leave: the server does not wait for them. */
  readonly #leaving: InFlight

  constructor(vendorName: string, parts: SoftwareDatabaseParts) {
    this.vendorName = vendorName
    this.#parts = parts
    this.#store = new VendorStore(parts.db)
    this.#access = new AccessStore(parts.db)
    this.#leaving = new InFlight(parts.clock)
  }

  /** S12 and S13: who comes without credentials is asked for them, whatever is asked for. */
  async demand(releaseId: number | null): Promise<void> {
    this.#record('S12', 'in', { type: 'access', fields: { releaseId } })
    this.#record('S13', 'out', { type: 'authentication demanded', fields: { releaseId } })
    await this.#note({ releaseId, accessorId: null, outcome: 'demanded', message: '' })
  }

  /**
   * S14 to S16: compares with the registered accessors; any of them may fetch (AMB-1.19). Rejects
   * with `ACCESS_REFUSED` (S17).
   */
  async admit(credentials: Credentials, releaseId: number | null): Promise<string> {
    const { id, password } = credentials
    const accessorId = printableText(id, ACCESSOR_CHARACTERS_MAX)
    const fields = { releaseId, accessorId }
    this.#record('S14', 'in', { type: 'credentials', fields: { ...fields, password: '(given)' } })
    const accessor = await this.#access.accessor(this.vendorName, id)
    const isRight = await isPassword(password, accessor?.passwordHash ?? (await nobodysPassword))
    if (accessor && isRight) {
      await this.#access.seen(this.vendorName, id, this.#parts.clock.now())
      return id
    }
    this.#record('S17', 'out', { type: 'line ended', fields, outcome: 'refused' })
    const message = `The software database of ${this.vendorName} knows no accessor "${accessorId}" with this password. Nothing was handed out.`
    await this.#note({ releaseId, accessorId, outcome: 'refused', message })
    throw new CodedError('ACCESS_REFUSED', message, { accessorId })
  }

  /** S18, its first part. Rejects with `RELEASE_UNKNOWN` or `RELEASE_RETURNED`. */
  async release(accessorId: string, id: number): Promise<ReleaseRecord> {
    const release = await this.#handedOut(accessorId, id)
    const record = await recordOf(release, this.#parts.metadata)
    const fields = { releaseId: id, accessorId }
    this.#record('S18', 'out', { type: 'release', fields, payload: record })
    return record
  }

  /** S18, its second part. Rejects also with `BLOB_DAMAGED`. */
  async software(accessorId: string, id: number): Promise<HandedSoftware> {
    const release = await this.#handedOut(accessorId, id)
    const reading = await this.#parts.blobs.read(release.digest)
    if (reading) return { release, accessorId, reading }
    const message = `The bytes of release ${id} are lost. ${this.vendorName} has to register it again.`
    await this.#note({ releaseId: id, accessorId, outcome: 'refused', message })
    throw new CodedError('BLOB_DAMAGED', message, { id })
  }

  /** All but the last bytes went out; those go out once this has resolved. */
  sent(handed: HandedSoftware): Promise<void> {
    return this.#leaving.during(this.#count(handed))
  }

  /** The line ended before the software did. */
  lost({ release }: HandedSoftware): void {
    const { id, digest, bytes } = release
    const fields = { releaseId: id, digest, bytes }
    this.#record('S18', 'out', { type: 'software', fields, outcome: 'lost' })
  }

  /** S37. Rejects with `RELEASE_UNKNOWN` and as {@link judgeReturn} says. */
  async returned(accessorId: string, id: number, report: TrialReport): Promise<void> {
    const fields = { releaseId: id, accessorId, trial: report.outcome }
    try {
      const release = await this.#known(id)
      const isNews = judgeReturn(release, report) === 'taken'
      this.#record('S37', 'in', { type: 'return', fields, payload: report })
      if (isNews) await this.takeBack(release, { accessorId, report })
    } catch (error) {
      await this.#refused(error, { accessorId, id, step: 'S37' })
      throw error
    }
  }

  /**
   * Marks a release as returned, which is the end of its revision. Without an accessor it came back
   * through the carrier's upload channel (AMB-1.22).
   */
  async takeBack(
    release: VendorRelease,
    { accessorId, report }: { readonly accessorId: string | null; readonly report: TrialReport },
  ): Promise<void> {
    const { id, kind, digest } = release
    const isNews = await this.#store.within(async (store, trx) => {
      if (!(await store.markReturned(this.vendorName, id, report))) return false
      if (kind === 'firmware') {
        await this.#parts.metadata.removeTarget(trx, this.vendorName, digest)
      }
      const { message } = report
      const access = { releaseId: id, accessorId, outcome: 'returned', message } as const
      await this.#note(access, new AccessStore(trx))
      return true
    })
    if (isNews) await this.#changed(release)
  }

  /** Resolves when nothing is being written down any more. */
  settle(): Promise<void> {
    return this.#leaving.settle()
  }

  async #count({ release, accessorId }: HandedSoftware): Promise<void> {
    const { id, digest, bytes } = release
    await this.#store.within(async (store, trx) => {
      await store.markHandedOut(this.vendorName, id)
      const access = { releaseId: id, accessorId, outcome: 'handed-out', message: '' } as const
      await this.#note(access, new AccessStore(trx))
    })
    this.#record('S18', 'out', { type: 'software', fields: { releaseId: id, digest, bytes } })
    await this.#changed(release)
  }

  async #handedOut(accessorId: string, id: number): Promise<VendorRelease> {
    try {
      return refuseReturned(await this.#known(id))
    } catch (error) {
      await this.#refused(error, { accessorId, id, step: 'S18' })
      throw error
    }
  }

  async #known(id: number): Promise<VendorRelease> {
    const release = await this.#store.release(this.vendorName, id)
    if (release) return release
    const message = `There is no release ${id} in the software database of ${this.vendorName}.`
    throw new CodedError('RELEASE_UNKNOWN', message, { id })
  }

  async #refused(
    error: unknown,
    { accessorId, id, step }: { accessorId: string; id: number; step: 'S18' | 'S37' },
  ): Promise<void> {
    if (!(error instanceof CodedError)) return
    const { code, message } = error
    const fields = { releaseId: id, accessorId, code }
    this.#record(step, 'out', { type: 'refusal', fields, outcome: 'refused' })
    await this.#note({ releaseId: id, accessorId, outcome: 'refused', message })
  }

  async #changed({ id }: VendorRelease): Promise<void> {
    const release = await this.#store.release(this.vendorName, id)
    if (release) this.#parts.onReleaseChanged(release)
  }

  #note(access: Omit<VendorAccess, 'id' | 'at'>, store = this.#access): Promise<void> {
    return store.note(this.vendorName, { at: this.#parts.clock.now(), ...access })
  }

  #record(
    step: Parameters<typeof traceStep>[1]['step'],
    direction: 'in' | 'out',
    { fields, ...passage }: Omit<Parameters<typeof traceStep>[1], 'step' | 'direction'>,
  ): void {
    const { vendorName } = this
    traceStep(this.#parts.trace, {
      step,
      direction,
      fields: { vendorName, ...fields },
      ...passage,
    })
  }
}

/** A release as it leaves the vendor. */
export async function recordOf(
  release: VendorRelease,
  metadata: Pick<VendorMetadata, 'documents'>,
): Promise<ReleaseRecord> {
  const { id, vendorName, softwareName, version, revision, kind, model } = release
  const { bytes, digest, additional } = release
  return {
    id,
    vendorName,
    softwareName,
    version,
    revision,
    kind,
    model,
    bytes,
    digest,
    additional,
    metadata: await metadata.documents(vendorName),
  }
}
