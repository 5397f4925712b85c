import { equalBytes } from '../../base/bytes'
import { SHA256_BYTES, type Sha256 } from '../digest'
import { FlashFailure, type FlashPort } from '../flash/flash-port'
import type { Journal } from './journal'
import { readPieces } from './read-pieces'

export interface UploadParts {
  /** Window of the executable region. */
  readonly region: FlashPort
  readonly journal: Journal
  readonly sha256: Sha256
  /** The last byte is in flash and the digest is about to be compared. */
  readonly onVerify: () => void
}

export interface ImageAnnouncement {
  readonly length: number
  /** Undefined where the sender announced none. */
  readonly sha256: Uint8Array | undefined
}

export type UploadOutcome =
  | 'more'
  /** In flash, read back, and what was announced. */
  | 'verified'
  /** In flash, but not what was announced: the journal stays open. */
  | 'mismatch'
  /** The flash did not take a page or a mark: the upload is over. */
  | 'flash-failed'

/**
 * Streams one image into the executable region: each sector is erased when its first byte comes,
 * whole pages are programmed at once, and what is left waits in one page of RAM.
 */
export class Upload {
  readonly #parts: UploadParts
  /** All the RAM that an upload takes. */
  readonly #page: Uint8Array
  #image: ImageAnnouncement | undefined
  #received = 0
  #outcome: UploadOutcome = 'more'

  constructor(parts: UploadParts) {
    this.#parts = parts
    this.#page = new Uint8Array(parts.region.geometry.pageBytes)
  }

  /** The next byte that is wanted; 0 where no upload goes on. */
  get offset(): number {
    return this.#received
  }

  get outcome(): UploadOutcome {
    return this.#outcome
  }

  /** Of the image that is being received or was received last; undefined before the first one. */
  get image(): ImageAnnouncement | undefined {
    return this.#image
  }

  /** Begins anew. From here on the region is not trusted until all of the image is verified. */
  begin(image: ImageAnnouncement): UploadOutcome {
    this.#image = undefined
    this.#received = 0
    this.#outcome = 'more'
    return this.#attempt(() => {
      // A fresh mark for every attempt: one from before a power cut may be weak (decision 0003).
      const sha256 = image.sha256 ?? new Uint8Array(SHA256_BYTES)
      this.#parts.journal.append({ kind: 'begin', length: image.length, sha256 })
      this.#image = image
      return 'more'
    })
  }

  /** Takes the bytes at {@link offset}; not more than the image has left. */
  take(data: Uint8Array): UploadOutcome {
    return this.#attempt(() => this.#take(data))
  }

  /** A chip that reports a failure ends the upload and nothing else. */
  #attempt(step: () => UploadOutcome): UploadOutcome {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof FlashFailure)) throw error
      return this.#end('flash-failed')
    }
  }

  #take(data: Uint8Array): UploadOutcome {
    const { pageBytes } = this.#parts.region.geometry
    const length = this.#image?.length ?? 0
    for (let at = 0; at < data.length;) {
      const inPage = this.#received % pageBytes
      const count = Math.min(pageBytes - inPage, data.length - at)
      this.#page.set(data.subarray(at, at + count), inPage)
      at += count
      this.#received += count
      const isFull = inPage + count === pageBytes || this.#received === length
      if (isFull && !this.#programPage(inPage + count)) return this.#end('flash-failed')
    }
    return this.#received === length ? this.#end(this.#verify()) : 'more'
  }

  #programPage(count: number): boolean {
    const { region } = this.#parts
    const address = this.#received - count
    if (address % region.geometry.sectorBytes === 0) region.erase(address)
    const page = this.#page.subarray(0, count)
    region.program(address, page)
    return equalBytes(region.read(address, count), page)
  }

  #verify(): UploadOutcome {
    const { region, journal, sha256, onVerify } = this.#parts
    onVerify()
    const length = this.#received
    const digest = sha256(readPieces(region, length))
    const announced = this.#image?.sha256
    if (announced && !equalBytes(digest, announced)) return 'mismatch'
    journal.append({ kind: 'done', length, sha256: digest })
    return 'verified'
  }

  #end(outcome: UploadOutcome): UploadOutcome {
    if (outcome === 'flash-failed') this.#received = 0
    this.#outcome = outcome
    return outcome
  }
}
