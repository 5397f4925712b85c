import type { Kysely } from 'kysely'
import { CodedError } from '../base/coded-error'
import type { AdditionalInformation, VendorRelease } from '../contract/vendor'
import type { VendorMetadata } from '../metadata/vendor-metadata'
import type { TraceSink } from '../observe/message'
import type { BlobStore } from '../storage/blob-store'
import type { Schema } from '../storage/schema'
import type { CarrierLine } from './carrier-line'
import { traceStep } from './database-trace'
import type { Databases } from './databases'
import { refuseReturned, revisionAfter } from './decisions'
import { contentOf, type ContentSources, type NamedFile } from './release-content'
import { recordOf } from './software-database'
import type { KeptVendor, UploadedRelease, VendorStore } from './store'
import type { Named, VendorBook } from './vendor-book'

interface ReleaseDeskParts {
  readonly store: VendorStore
  readonly blobs: BlobStore
  readonly images: ContentSources['images']
  readonly metadata: VendorMetadata
  readonly line: CarrierLine
  readonly databases: Databases
  readonly book: VendorBook
  readonly trace: TraceSink
  readonly now: () => number
  readonly onReleaseChanged: (release: VendorRelease) => void
}

interface OneRelease extends Named {
  readonly id: number
}

interface NewRelease extends Named, NamedFile {
  readonly additional: AdditionalInformation
}

/** So many of a vendor's uploads are asked after at a time. */
const UPLOADS_ASKED_MAX = 32

/** What a vendor does with its releases: registers them, tells of them, sends them itself. */
export class ReleaseDesk {
  readonly #parts: ReleaseDeskParts

  constructor(parts: ReleaseDeskParts) {
    this.#parts = parts
  }

  /** Newest first, once the carrier was asked what became of uploads. */
  async releases({ vendorName }: Named): Promise<VendorRelease[]> {
    const { book, store } = this.#parts
    const vendor = await book.vendor(vendorName)
    const uploaded = await store.uploaded(vendorName, UPLOADS_ASKED_MAX)
    await Promise.all(uploaded.map(release => this.#askAfter(vendor, release)))
    return store.releases(vendorName)
  }

  /** S10. Rejects with `METADATA_FULL`, and what {@link contentOf} and {@link revisionAfter} refuse. */
  async register(input: NewRelease): Promise<VendorRelease> {
    const { blobs, book, now, store } = this.#parts
    const { vendorName, additional } = input
    await book.vendor(vendorName)
    const content = await contentOf(this.#parts, input)
    const release = await store.within(async (within, trx) => {
      const named = { vendorName, ...content }
      const revision = revisionAfter(await within.newestRevision(named), named)
      const entered = { revision, additional, report: null, registeredAt: now() }
      const registered = await within.insertRelease({ ...named, ...entered, state: 'registered' })
      await this.#sign(trx, registered)
      return registered
    })
    // The library may have let go of the same bytes before it could know that they are needed.
    if (!(await blobs.has(release.digest))) await contentOf(this.#parts, input)
    this.#traceRegistered(release)
    this.#parts.onReleaseChanged(release)
    await book.changed(vendorName)
    return release
  }

  /** S11. Rejects with `RELEASE_UNKNOWN`, `RELEASE_RETURNED` or `NOTICE_FAILED`. */
  async notify(input: OneRelease & { readonly by: 'api' | 'mail' }): Promise<VendorRelease> {
    const { book, line, store } = this.#parts
    const { vendorName, id, by } = input
    const vendor = await book.vendor(vendorName)
    const release = refuseReturned(await this.#release(input))
    await (by === 'api' ? line.notify(vendor, release) : line.mail(vendor, release))
    await store.markNotified(vendorName, id)
    return this.#changed(input)
  }

  /** S1. Rejects with `RELEASE_UNKNOWN`, `RELEASE_RETURNED`, `BLOB_DAMAGED` or `NOTICE_FAILED`. */
  async upload(input: OneRelease): Promise<VendorRelease> {
    const { blobs, book, line, metadata, store } = this.#parts
    const { vendorName, id } = input
    const vendor = await book.vendor(vendorName)
    const release = refuseReturned(await this.#release(input))
    const reading = await blobs.read(release.digest)
    if (!reading) {
      const message = `The bytes of release ${id} are lost. Register the file again as another version.`
      throw new CodedError('BLOB_DAMAGED', message, { id })
    }
    const record = await recordOf(release, metadata)
    await line.upload(vendor, { record, reading }, uploadId =>
      store.markUpload(vendorName, id, uploadId),
    )
    await store.markHandedOut(vendorName, id)
    return this.#changed(input)
  }

  async #release({ vendorName, id }: OneRelease): Promise<VendorRelease> {
    const release = await this.#parts.store.release(vendorName, id)
    if (release) return release
    const message = `${vendorName} has no release ${id}. Its list of releases has their numbers.`
    throw new CodedError('RELEASE_UNKNOWN', message, { id })
  }

  async #changed(input: OneRelease): Promise<VendorRelease> {
    const release = await this.#release(input)
    this.#parts.onReleaseChanged(release)
    return release
  }

  async #sign(trx: Kysely<Schema>, release: VendorRelease): Promise<void> {
    const { vendorName, digest: sha256, bytes, model, softwareName, version, additional } = release
    // Handsets take no packages, but the carrier takes none with metadata that has ended.
    if (model === null) return this.#parts.metadata.prolong(trx, vendorName)
    const target = { sha256, bytes, model, softwareName, version, additional }
    return this.#parts.metadata.addTarget(trx, vendorName, target)
  }

  /** A carrier that cannot be asked now is asked the next time. */
  async #askAfter(vendor: KeptVendor, release: UploadedRelease): Promise<void> {
    const { databases, line, store } = this.#parts
    const told = await line.uploadState(vendor, release.uploadId).catch(tellsNothing)
    if (told?.state === 'taken' && release.state !== 'handed-out') {
      // The carrier's answer to the bytes was lost.
      await store.markHandedOut(vendor.name, release.id)
      await this.#changed({ vendorName: vendor.name, id: release.id })
    }
    if (told?.state !== 'returned' || !told.report) return
    const database = databases.of(vendor.name)?.database
    await database?.takeBack(release, { accessorId: null, report: told.report })
  }

  #traceRegistered(release: VendorRelease): void {
    const { id, vendorName, softwareName, version, revision, digest, bytes } = release
    traceStep(this.#parts.trace, {
      step: 'S10',
      direction: 'in',
      type: 'registration',
      fields: { vendorName, releaseId: id, softwareName, version, revision, digest, bytes },
      payload: release.additional,
    })
  }
}

function tellsNothing(error: unknown): undefined {
  if (error instanceof CodedError && error.code === 'NOTICE_FAILED') return undefined
  throw error
}
