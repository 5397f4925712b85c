import type { Kysely } from 'kysely'
import { concatBytes } from '../base/bytes'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { plainName } from '../base/plain-name'
import { IMAGE_FILE_BYTES_MAX } from '../contract/constants'
import type { StoredImage } from '../contract/images'
import type { EventSink } from '../observe/events'
import type { AuditSink } from '../observe/message'
import type { BlobStore } from '../storage/blob-store'
import { isBlobInUse } from '../storage/blob-use'
import type { RaiseNotice } from '../storage/notices'
import type { Schema } from '../storage/schema'
import type { FirmwareImage } from '../wire/image/firmware-image'
import { readImage } from '../wire/image/read-image'
import { imageInfoOf } from './image-info'
import type { NewImage } from './new-image'
import { ImageStore } from './store'

export interface ImageServiceParts {
  readonly db: Kysely<Schema>
  readonly blobs: BlobStore
  readonly clock: Clock
  readonly events: EventSink
  readonly audit: AuditSink
  /** Tells a person of entries that cannot be read. */
  readonly raise: RaiseNotice
}

const BLOB_LIMIT = { bytes: IMAGE_FILE_BYTES_MAX, tooLarge }

/**
 * The image library: firmware files, read and found sound before they are listed, named by the
 * SHA-256 of their bytes. A listed image has its bytes on the disk.
 */
export class ImageService {
  readonly #store: ImageStore
  readonly #parts: Omit<ImageServiceParts, 'raise'>
  /** Changes of the library one after the other: bytes and list must not part. */
  #changes: Promise<unknown> = Promise.resolve()

  constructor({ raise, ...parts }: ImageServiceParts) {
    this.#store = new ImageStore(parts.db, raise)
    this.#parts = parts
  }

  /** Newest first. */
  list(): Promise<StoredImage[]> {
    return this.#store.list()
  }

  /** Rejects with `IMAGE_UNKNOWN`. */
  async info({ digest }: { digest: string }): Promise<StoredImage> {
    const stored = await this.#store.find(digest)
    if (stored) return stored
    const message = `No image ${digest} is in the library. Add the file first.`
    throw new CodedError('IMAGE_UNKNOWN', message, { digest })
  }

  /**
   * Takes a file in. The same bytes again give the entry that is there already, under its first
   * name. Rejects with `IMAGE_DAMAGED`, `IMAGE_FOREIGN` or `IMAGE_TOO_LARGE`; nothing is kept then.
   */
  async add({ name, content }: NewImage): Promise<StoredImage> {
    const shownName = plainName(name, 'image')
    try {
      const file = content instanceof Uint8Array ? bounded(content) : await collect(content)
      const info = imageInfoOf({ name: shownName, file, image: readImage(file) })
      return await this.#change(() => this.#keep(file, info))
    } catch (error) {
      this.#auditRefusal(shownName, error)
      throw error
    }
  }

  /** Rejects with `IMAGE_UNKNOWN`. */
  async remove({ digest }: { digest: string }): Promise<void> {
    await this.#change(async () => {
      await this.info({ digest })
      // The list first: bytes that nothing names do no harm, a name without bytes would.
      await this.#unlist(digest)
      const { db, blobs } = this.#parts
      if (!(await isBlobInUse(db, digest))) await blobs.remove(digest)
    })
  }

  /**
   * An image with its content. Rejects with `IMAGE_UNKNOWN`, and with `BLOB_DAMAGED` where the bytes
   * rotted; an image whose bytes are lost leaves the library.
   */
  async read(digest: string): Promise<{ stored: StoredImage; image: FirmwareImage }> {
    return this.#change(async () => {
      const stored = await this.info({ digest })
      return { stored, image: readImage(await this.#bytesOf(stored)) }
    })
  }

  async #bytesOf({ digest, name }: StoredImage): Promise<Uint8Array> {
    try {
      const file = await this.#parts.blobs.get(digest)
      if (file) return file
    } catch (error) {
      if (error instanceof CodedError && error.code === 'BLOB_DAMAGED') await this.#unlist(digest)
      throw error
    }
    await this.#unlist(digest)
    const message = `The bytes of ${name} are no longer in the data folder. Add the file again.`
    throw new CodedError('IMAGE_UNKNOWN', message, { digest })
  }

  async #unlist(digest: string): Promise<void> {
    await this.#store.remove(digest)
    this.#parts.events.publish({ kind: 'image-removed', digest })
  }

  async #keep(file: Uint8Array, info: StoredImage['info']): Promise<StoredImage> {
    const { blobs, clock, events } = this.#parts
    // Also where the image is listed already: its bytes may have been lost since.
    const { digest } = await blobs.put([file], BLOB_LIMIT)
    const known = await this.#store.find(digest)
    if (known) return known
    const { name, fileBytes } = info
    const stored = { digest, name, fileBytes, addedAt: clock.now(), info }
    await this.#store.insert(stored)
    events.publish({ kind: 'image-added', image: stored })
    return stored
  }

  #change<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#changes.then(change)
    this.#changes = result.catch(() => undefined)
    return result
  }

  #auditRefusal(name: string, error: unknown): void {
    if (!(error instanceof CodedError) || !error.code.startsWith('IMAGE_')) return
    const message = `${name}: ${error.message}`
    this.#parts.audit.refuse({ actor: 'image library', code: error.code, message })
  }
}

/** A copy: the caller may use its buffer again. */
function bounded(content: Uint8Array): Uint8Array {
  if (content.length > IMAGE_FILE_BYTES_MAX) throw tooLarge()
  return new Uint8Array(content)
}

/** Reading needs the whole file at once; its limit is the limit of the memory. */
async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (bytes > IMAGE_FILE_BYTES_MAX) throw tooLarge()
    pieces.push(new Uint8Array(piece))
  }
  return concatBytes(pieces)
}

function tooLarge(): CodedError {
  const limit = IMAGE_FILE_BYTES_MAX
  const message = `The file is too large: an image file has at most ${limit} bytes.`
  return new CodedError('IMAGE_TOO_LARGE', message, { limit })
}
