import { createHash } from 'node:crypto'
import type { SoftwareStorage } from '../rollout/ports'

/** Software as a device downloads it. */
export interface Artifact {
  readonly bytes: Uint8Array
  readonly sha256: string
  /** Agents of other people ask for these, too. */
  readonly sha1: string
  readonly md5: string
  /** With the ending by which an agent knows what it is. */
  readonly extension: string
}

const KEPT_BYTES_MAX = 256 * 1024 * 1024
/** Hashing gives way to others after so much. */
const SLICE_BYTES = 4 * 1024 * 1024

/** First bytes of what agents take, and the ending by which they know it. */
const KINDS: readonly (readonly [string, string])[] = [
  ['070701', 'swu'],
  ['070702', 'swu'],
  ['hsqs', 'raucb'],
]

/** Software that is being handed out, read once for all devices that download it. */
export class ArtifactShelf {
  readonly #software: Pick<SoftwareStorage, 'read'>
  readonly #kept = new Map<string, Promise<Artifact>>()
  readonly #sizes = new Map<string, number>()

  constructor(software: Pick<SoftwareStorage, 'read'>) {
    this.#software = software
  }

  /** Rejects with `BLOB_DAMAGED`, also where the bytes are not there any more. */
  async artifact(digest: string): Promise<Artifact> {
    const known = this.#kept.get(digest)
    const reading = known ?? this.#read(digest)
    // The one that was asked for last lies last.
    this.#kept.delete(digest)
    this.#kept.set(digest, reading)
    try {
      const artifact = await reading
      this.#sizes.set(digest, artifact.bytes.length)
      this.#letGo(digest)
      return artifact
    } catch (error) {
      this.#kept.delete(digest)
      throw error
    }
  }

  async #read(digest: string): Promise<Artifact> {
    const bytes = await this.#software.read(digest)
    const [sha1, md5] = [createHash('sha1'), createHash('md5')]
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES)
      sha1.update(slice)
      md5.update(slice)
      await new Promise(turned => setImmediate(turned))
    }
    const start = Buffer.from(bytes.subarray(0, 6)).toString('latin1')
    const extension = KINDS.find(([magic]) => start.startsWith(magic))?.[1] ?? 'bin'
    return { bytes, sha256: digest, sha1: sha1.digest('hex'), md5: md5.digest('hex'), extension }
  }

  /** Until what is kept fits; the newest one stays however large it is. */
  #letGo(newest: string): void {
    let total = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0)
    for (const digest of this.#kept.keys()) {
      if (total <= KEPT_BYTES_MAX || digest === newest) return
      total -= this.#sizes.get(digest) ?? 0
      this.#kept.delete(digest)
      this.#sizes.delete(digest)
    }
  }
}
