import { asciiText, viewOf } from '../../base/bytes'
import { LINE_END, MAX_PACKET_BYTES, RAW_SILENCE_MS, SMP_HEADER_BYTES } from './constants'
import type { SmpEncoding, SmpItem, SmpParser } from './encoding'

/** Header, and the first byte of a payload that is a CBOR map. */
const HEAD_BYTES = SMP_HEADER_BYTES + 1
const STRAY_BYTES_MAX = 1024
/** All that the first byte of a header can be: versions 0 and 1, operations 0 to 3. */
const FIRST_BYTE_MASK = 0b0000_1011
const CBOR_MAP = 5

/**
 * Packets as they are, one after the other: nothing marks where one begins and nothing checks its
 * bytes. Its header says where it ends.
 */
export const rawEncoding: SmpEncoding = {
  name: 'raw',
  bufferExtraBytes: 0,
  silenceMs: RAW_SILENCE_MS,
  encode: packet => packet,
  wireBytes: packetBytes => packetBytes,
  createParser: maxPacketBytes => new RawParser(maxPacketBytes),
}

/**
 * Finds packets by the length in their headers. Where no header can be – other bits of the first
 * byte, flags, no payload or too long a one, a payload that is no map – one byte is skipped and the
 * next one tried, so that console text and the rest of a broken packet cost themselves alone.
 */
export class RawParser implements SmpParser {
  readonly #maxPacketBytes: number
  readonly #held: Uint8Array
  #heldBytes = 0
  /** Skipped bytes that nobody was told of yet. */
  readonly #stray = new Uint8Array(STRAY_BYTES_MAX)
  #strayBytes = 0

  constructor(maxPacketBytes: number = MAX_PACKET_BYTES) {
    this.#maxPacketBytes = maxPacketBytes
    this.#held = new Uint8Array(Math.max(maxPacketBytes, HEAD_BYTES))
  }

  get isOpen(): boolean {
    return this.#heldBytes + this.#strayBytes > 0
  }

  push(bytes: Uint8Array): SmpItem[] {
    const items: SmpItem[] = []
    for (const byte of bytes) this.#take(byte, items)
    return items
  }

  giveUp(): SmpItem[] {
    const items: SmpItem[] = []
    this.#tellStray(items)
    const bytes = this.#heldBytes
    this.#heldBytes = 0
    if (bytes > 0)
      items.push({ kind: 'discarded', bytes, reason: 'the rest of a packet is missing' })
    return items
  }

  #take(byte: number, items: SmpItem[]): void {
    // A line end could begin a packet, but the line before it is whole in any case.
    if (byte === LINE_END && this.#heldBytes === 0) this.#tellStray(items)
    this.#held[this.#heldBytes++] = byte
    // Only while the head is incomplete can anything in it have changed.
    if (this.#heldBytes <= HEAD_BYTES) {
      while (this.#heldBytes > 0 && !this.#canBeHead()) this.#skipOne(items)
    }
    if (this.#heldBytes < HEAD_BYTES || this.#heldBytes < this.#announcedBytes()) return
    this.#tellStray(items)
    items.push({ kind: 'packet', packet: this.#held.slice(0, this.#heldBytes) })
    this.#heldBytes = 0
  }

  /** Whether a packet can begin with the bytes that are held, as far as they are there. */
  #canBeHead(): boolean {
    const [first = 0, flags = 0] = this.#held
    if ((first & ~FIRST_BYTE_MASK) !== 0) return false
    if (this.#heldBytes > 1 && flags !== 0) return false
    if (this.#heldBytes > 3) {
      const bytes = this.#announcedBytes()
      if (bytes < HEAD_BYTES || bytes > this.#maxPacketBytes) return false
    }
    return this.#heldBytes < HEAD_BYTES || (this.#held[SMP_HEADER_BYTES] ?? 0) >> 5 === CBOR_MAP
  }

  #announcedBytes(): number {
    return SMP_HEADER_BYTES + viewOf(this.#held).getUint16(2)
  }

  #skipOne(items: SmpItem[]): void {
    if (this.#strayBytes === this.#stray.length) this.#tellStray(items)
    this.#stray[this.#strayBytes++] = this.#held[0] ?? 0
    this.#held.copyWithin(0, 1, this.#heldBytes)
    this.#heldBytes -= 1
  }

  #tellStray(items: SmpItem[]): void {
    const bytes = this.#stray.subarray(0, this.#strayBytes)
    this.#strayBytes = 0
    if (!bytes.every(isTextByte)) {
      const reason = 'no packet begins with them'
      items.push({ kind: 'discarded', bytes: bytes.length, reason })
      return
    }
    const text = asciiText(bytes).replaceAll(/[\r\n]+/g, '')
    if (text !== '') items.push({ kind: 'text', text })
  }
}

function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b
}
