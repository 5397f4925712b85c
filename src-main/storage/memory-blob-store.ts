import { createHash } from 'node:crypto'
import { concatBytes } from '../base/bytes'
import type { Blob, BlobLimit, BlobReading, BlobStore } from './blob-store'

/** Blobs for as long as the process lives. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Uint8Array>()

  async put(
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    limit: BlobLimit,
  ): Promise<Blob> {
    const sha256 = createHash('sha256')
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of content) {
      bytes += chunk.length
      if (bytes > limit.bytes) throw limit.tooLarge()
      sha256.update(chunk)
      // The sender may use its buffer again.
      chunks.push(chunk.slice())
    }
    const digest = sha256.digest('hex')
    this.#blobs.set(digest, concatBytes(chunks))
    return { digest, bytes }
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    const bytes = this.#blobs.get(digest)
    return bytes?.slice()
  }

  async read(digest: string): Promise<BlobReading | undefined> {
    const bytes = this.#blobs.get(digest)
    return bytes && { bytes: bytes.length, pieces: () => piecesOf(bytes) }
  }

  async has(digest: string): Promise<boolean> {
    return this.#blobs.has(digest)
  }

  async remove(digest: string): Promise<void> {
    this.#blobs.delete(digest)
  }
}

const PIECE_BYTES = 256 * 1024

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield new Uint8Array(bytes.subarray(at, at + PIECE_BYTES))
  }
}
