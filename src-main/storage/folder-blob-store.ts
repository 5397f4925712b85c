import { createHash, hash } from 'node:crypto'
import { open, readFile, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { invariant } from '../base/assert'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { removeUnfinished, settleUnder, syncFolder, temporaryIn } from './atomic-file'
import type { Blob, BlobLimit, BlobReading, BlobStore } from './blob-store'
import { explained, makeFolder } from './data-folder'
import type { RaiseNotice } from './notices'
import { exists, setAside } from './set-aside'

export interface BlobFolder {
  readonly folder: string
  readonly clock: Clock
  readonly raise: RaiseNotice
}

/** Blobs as files named by their digest. Only for whoever holds the data lock. */
export class FolderBlobStore implements BlobStore {
  readonly #folder: string
  readonly #clock: Clock
  readonly #raise: RaiseNotice

  private constructor({ folder, clock, raise }: BlobFolder) {
    this.#folder = folder
    this.#clock = clock
    this.#raise = raise
  }

  static async open(options: BlobFolder): Promise<FolderBlobStore> {
    await makeFolder(options.folder)
    await removeUnfinished(options.folder)
    return new FolderBlobStore(options)
  }

  async put(
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    limit: BlobLimit,
  ): Promise<Blob> {
    const temporary = temporaryIn(this.#folder)
    try {
      const blob = await this.#receive(temporary, content, limit)
      // Also where the blob is there already: whole bytes replace ones that may have rotted.
      await this.#onDisk(settleUnder(temporary, this.#path(blob.digest)))
      return blob
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** Damage is set aside and raised as `BLOB_DAMAGED`; then the same code is thrown. */
  async get(digest: string): Promise<Uint8Array | undefined> {
    const path = this.#path(digest)
    if (!(await exists(path))) return undefined
    const bytes = await this.#onDisk(readFile(path))
    if (hash('sha256', bytes, 'hex') === digest) return bytes
    throw await this.#setAside(digest)
  }

  async read(digest: string): Promise<BlobReading | undefined> {
    const path = this.#path(digest)
    if (!(await exists(path))) return undefined
    const { size } = await this.#onDisk(stat(path))
    return { bytes: size, pieces: () => this.#pieces(digest) }
  }

  async has(digest: string): Promise<boolean> {
    return exists(this.#path(digest))
  }

  async remove(digest: string): Promise<void> {
    await this.#onDisk(rm(this.#path(digest), { force: true }))
    await this.#onDisk(syncFolder(this.#folder))
  }

  /** A piece is held back until the next one is there, and the last one until all are proved. */
  async *#pieces(digest: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const file = await this.#onDisk(open(this.#path(digest)))
    try {
      const sha256 = createHash('sha256')
      let held: Uint8Array<ArrayBuffer> | undefined
      for (;;) {
        const piece = await this.#onDisk(nextPiece(file))
        if (piece.length === 0) break
        sha256.update(piece)
        if (held) yield held
        held = piece
      }
      if (sha256.digest('hex') !== digest) throw await this.#setAside(digest)
      if (held) yield held
    } finally {
      await file.close()
    }
  }

  /** What to throw of a blob that rotted. */
  async #setAside(digest: string): Promise<CodedError> {
    const path = this.#path(digest)
    // Whoever read it at the same time may have been first.
    const aside = (await exists(path)) ? await this.#onDisk(setAside(path, this.#clock)) : path
    const message =
      `The stored file ${digest} was damaged on the disk. What is left of it lies at ${aside}; ` +
      'add the file again.'
    this.#raise({ severity: 'error', code: 'BLOB_DAMAGED', message })
    return new CodedError('BLOB_DAMAGED', message, { digest, path: aside })
  }

  async #receive(
    path: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    limit: BlobLimit,
  ): Promise<Blob> {
    const file = await this.#onDisk(open(path, 'wx', 0o600))
    try {
      const sha256 = createHash('sha256')
      let bytes = 0
      for await (const chunk of content) {
        bytes += chunk.length
        if (bytes > limit.bytes) throw limit.tooLarge()
        sha256.update(chunk)
        await this.#onDisk(writeWhole(file, chunk))
      }
      await this.#onDisk(file.sync())
      return { digest: sha256.digest('hex'), bytes }
    } finally {
      await file.close()
    }
  }

  /** Errors of the folder are told from those of the content that comes in. */
  async #onDisk<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      throw explained(error, this.#folder)
    }
  }

  #path(digest: string): string {
    invariant(/^[0-9a-f]{64}$/.test(digest), 'a blob is named by 64 lower-case hex digits')
    return join(this.#folder, digest)
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0
  while (written < chunk.length) {
    const { bytesWritten } = await file.write(chunk, written)
    written += bytesWritten
  }
}

const PIECE_BYTES = 256 * 1024

/** Empty at the end. A buffer of its own each time: pieces are kept while they travel. */
async function nextPiece(file: FileHandle): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(PIECE_BYTES)
  const { bytesRead } = await file.read(buffer, 0, buffer.length)
  return buffer.subarray(0, bytesRead)
}
