import { createHash } from 'node:crypto'
import { CodedError } from '../../base/coded-error'
import type { BlobStore } from '../../storage/blob-store'
import type { SoftwareStorage } from '../rollout/ports'

interface Expected {
  readonly bytes: number
  readonly digest: string
}

/** Software storage 6 (spec 2.1.1): software of all vendors, as blobs under their SHA-256 (S1-01). */
export class BlobSoftwareStorage implements SoftwareStorage {
  readonly #blobs: BlobStore

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  async put(content: AsyncIterable<Uint8Array>, expected: Expected): Promise<void> {
    const tooLarge = () =>
      wrong(`it has more than the ${expected.bytes} bytes that were announced`, expected)
    // Proved before the blob gets its name: nothing may be taken back of what others keep there.
    await this.#blobs.put(proved(content, expected), { bytes: expected.bytes, tooLarge })
  }

  async read(digest: string): Promise<Uint8Array> {
    const bytes = await this.#blobs.get(digest)
    if (bytes) return bytes
    const message = `The software ${digest} is no longer in the data folder. Fetch it again.`
    throw new CodedError('BLOB_DAMAGED', message, { digest })
  }
}

async function* proved(
  content: AsyncIterable<Uint8Array>,
  expected: Expected,
): AsyncGenerator<Uint8Array> {
  const sha256 = createHash('sha256')
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    sha256.update(piece)
    yield piece
  }
  if (bytes !== expected.bytes) {
    throw wrong(`it has ${bytes} bytes where ${expected.bytes} were announced`, expected)
  }
  const digest = sha256.digest('hex')
  if (digest === expected.digest) return
  throw wrong(`its SHA-256 is ${digest} where ${expected.digest} was announced`, expected)
}

function wrong(problem: string, { bytes, digest }: Expected): CodedError {
  const message = `The software that came is not what was announced: ${problem}. Nothing was kept.`
  return new CodedError('SOFTWARE_WRONG', message, { bytes, digest })
}
