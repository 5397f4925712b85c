import { concatBytes, equalBytes, viewOf } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import { crc32 } from '../../base/crc'

/** Of one record: all that may be kept of a vendor (656 KiB), where each byte of it takes six in JSON. */
const NV_BYTES_MAX = 4 * 1024 * 1024
/**
 * Before the content, little-endian:
 *
 *     0  magic "KNV1"    4  sequence    8  bytes of the content    12  CRC-32 of all but itself
 */
const HEADER_BYTES = 16
const MAGIC = Uint8Array.of(0x4b, 0x4e, 0x56, 0x31)
const SEQUENCE_AT = 4
const LENGTH_AT = 8
const CRC_AT = 12

interface Found {
  readonly sequence: number
  readonly content: Uint8Array
}

/**
 * `nv`: a memory of the handset's own beside the flash, which the power leaves alone and no restore
 * touches. It holds one record in two places that are written in turn, so a power cut in a write
 * leaves the record before.
 */
export class Nv {
  readonly #places: [Uint8Array, Uint8Array]

  /** What the two places hold, as {@link dump} gives it; left out: nothing. */
  constructor([first, second]: readonly Uint8Array[] = []) {
    this.#places = [first ?? new Uint8Array(0), second ?? new Uint8Array(0)]
  }

  /** Something was written, whether it is whole or not. */
  get isWritten(): boolean {
    return this.#places.some(({ length }) => length > 0)
  }

  /** Undefined: there is no whole record. */
  read(): Uint8Array | undefined {
    return this.#newest()?.content
  }

  /** Throws a CodedError `NV_FULL`. */
  write(content: Uint8Array): void {
    if (content.length > NV_BYTES_MAX) {
      const message = `The handset's own memory holds ${NV_BYTES_MAX} bytes, not ${content.length}.`
      throw new CodedError('NV_FULL', message, { bytes: content.length })
    }
    const newest = this.#newest()
    const sequence = ((newest?.sequence ?? 0) + 1) >>> 0
    // Nothing is lost where the power fails over it.
    this.#places[newest?.place === 0 ? 1 : 0] = recorded(sequence, content)
  }

  /** Copies of both places. */
  dump(): [Uint8Array, Uint8Array] {
    return [this.#places[0].slice(), this.#places[1].slice()]
  }

  #newest(): (Found & { readonly place: 0 | 1 }) | undefined {
    const [first, second] = this.#places.map(found)
    if (second && (!first || second.sequence > first.sequence)) return { ...second, place: 1 }
    return first && { ...first, place: 0 }
  }
}

function recorded(sequence: number, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(MAGIC)
  viewOf(header).setUint32(SEQUENCE_AT, sequence, true)
  viewOf(header).setUint32(LENGTH_AT, content.length, true)
  viewOf(header).setUint32(CRC_AT, checkOf(header, content), true)
  return concatBytes([header, content])
}

function found(place: Uint8Array): Found | undefined {
  const header = place.subarray(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES || !equalBytes(header.subarray(0, 4), MAGIC)) return undefined
  const content = place.subarray(
    HEADER_BYTES,
    HEADER_BYTES + viewOf(header).getUint32(LENGTH_AT, true),
  )
  if (viewOf(header).getUint32(LENGTH_AT, true) !== content.length) return undefined
  if (viewOf(header).getUint32(CRC_AT, true) !== checkOf(header, content)) return undefined
  return { sequence: viewOf(header).getUint32(SEQUENCE_AT, true), content }
}

function checkOf(header: Uint8Array, content: Uint8Array): number {
  return crc32(concatBytes([header.subarray(0, CRC_AT), content]))
}
