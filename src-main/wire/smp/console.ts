import { decodeBase64, encodeBase64 } from '../../base/base64'
import { asciiText, concatBytes, viewOf } from '../../base/bytes'
import { crc16Xmodem } from '../../base/crc'
import { invariant } from '../../base/assert'
import {
  CONSOLE_FRAME_EXTRA_BYTES,
  CONSOLE_PIECE_CHARACTERS,
  CONSOLE_RECEIVE_LINE_BYTES,
  FIRST_LINE_MARKER,
  LINE_END,
  MAX_PACKET_BYTES,
  NEXT_LINE_MARKER,
  SMP_HEADER_BYTES,
} from './constants'
import type { SmpEncoding, SmpItem, SmpParser } from './encoding'

const CARRIAGE_RETURN = 0x0d

/** Packets as lines of a text console, with a CRC. Its marks show where a new one begins. */
export const consoleEncoding: SmpEncoding = {
  name: 'console',
  bufferExtraBytes: CONSOLE_FRAME_EXTRA_BYTES,
  silenceMs: null,
  encode: encodeConsole,
  wireBytes: consoleBytes,
  createParser: maxPacketBytes => new ConsoleParser(maxPacketBytes),
}

/**
 * One packet as console lines: base64 of `be16 length | packet | be16 crc`, cut into pieces of
 * 124 characters. See README.md of this folder for the drawing.
 */
export function encodeConsole(packet: Uint8Array): Uint8Array {
  const text = encodeBase64(frameOf(packet))
  const lines: Uint8Array[] = []
  for (let at = 0; at < text.length; at += CONSOLE_PIECE_CHARACTERS) {
    const marker = at === 0 ? FIRST_LINE_MARKER : NEXT_LINE_MARKER
    const piece = text.subarray(at, at + CONSOLE_PIECE_CHARACTERS)
    lines.push(Uint8Array.of(...marker), piece, Uint8Array.of(LINE_END))
  }
  return concatBytes(lines)
}

function frameOf(packet: Uint8Array): Uint8Array {
  invariant(packet.length <= MAX_PACKET_BYTES, 'a packet fits the 16-bit length of its frame')
  const frame = new Uint8Array(packet.length + CONSOLE_FRAME_EXTRA_BYTES)
  const view = viewOf(frame)
  view.setUint16(0, packet.length + 2)
  frame.set(packet, 2)
  view.setUint16(packet.length + 2, crc16Xmodem(packet))
  return frame
}

/** The bytes that {@link encodeConsole} makes of a packet of this length. */
export function consoleBytes(packetBytes: number): number {
  const characters = 4 * Math.ceil((packetBytes + CONSOLE_FRAME_EXTRA_BYTES) / 3)
  return characters + 3 * Math.ceil(characters / CONSOLE_PIECE_CHARACTERS)
}

type LineKind = 'text' | 'first' | 'next' | 'spoilt'

interface OpenFrame {
  /** As long as the frame announced itself to be. */
  readonly bytes: Uint8Array
  filled: number
  wireBytes: number
}

/**
 * Takes the bytes of a line in any pieces and gives packets, console text, and what was thrown
 * away and why. The reason is for people: on the wire a broken frame is met with silence.
 *
 * It holds one line and one frame, so its memory has a bound, and it touches each byte a fixed
 * number of times. The two bytes of a marker never occur in base64, so a marker ends whatever
 * line it stands in: a lost line end costs nothing.
 */
export class ConsoleParser implements SmpParser {
  readonly #maxPacketBytes: number
  readonly #line = new Uint8Array(CONSOLE_RECEIVE_LINE_BYTES)
  #lineLength = 0
  #lineKind: LineKind = 'text'
  /** A first marker byte whose second one has not come yet; 0 for none. */
  #halfMarker = 0
  #frame: OpenFrame | undefined

  constructor(maxPacketBytes: number = MAX_PACKET_BYTES) {
    this.#maxPacketBytes = maxPacketBytes
  }

  get isOpen(): boolean {
    return this.#frame !== undefined
  }

  push(bytes: Uint8Array): SmpItem[] {
    const items: SmpItem[] = []
    for (const byte of bytes) this.#take(byte, items)
    return items
  }

  giveUp(): SmpItem[] {
    const items: SmpItem[] = []
    this.#drop(items, 'the rest of the frame is missing')
    return items
  }

  #take(byte: number, items: SmpItem[]): void {
    const marked = markedLine(this.#halfMarker, byte)
    if (marked) {
      this.#halfMarker = 0
      this.#endLine(items, 0)
      this.#lineKind = marked
      return
    }
    if (this.#halfMarker !== 0) this.#append(this.#halfMarker, items)
    this.#halfMarker = 0
    if (byte === LINE_END) this.#endLine(items, 1)
    else if (byte === FIRST_LINE_MARKER[0] || byte === NEXT_LINE_MARKER[0]) this.#halfMarker = byte
    else this.#append(byte, items)
  }

  #append(byte: number, items: SmpItem[]): void {
    if (this.#lineLength === this.#line.length) {
      const isFrameLine = this.#lineKind === 'first' || this.#lineKind === 'next'
      if (isFrameLine) {
        this.#drop(items, 'a line of the frame is too long', this.#line.length + 2)
        this.#lineKind = 'spoilt'
        this.#lineLength = 0
      } else {
        this.#flushLine(items, 0)
      }
    }
    this.#line[this.#lineLength++] = byte
  }

  #endLine(items: SmpItem[], lineEndBytes: 0 | 1): void {
    if (this.#lineKind === 'text' || this.#lineKind === 'spoilt') {
      this.#flushLine(items, lineEndBytes)
    } else {
      this.#endFrameLine(items, 2 + this.#lineLength + lineEndBytes)
    }
    this.#lineKind = 'text'
    this.#lineLength = 0
  }

  #flushLine(items: SmpItem[], lineEndBytes: 0 | 1): void {
    const line = withoutReturn(this.#line.subarray(0, this.#lineLength))
    if (this.#lineKind === 'spoilt') {
      const bytes = this.#lineLength + lineEndBytes
      items.push({ kind: 'discarded', bytes, reason: 'the rest of a line that is too long' })
    } else if (line.length > 0) {
      items.push({ kind: 'text', text: asciiText(line) })
    }
    this.#lineLength = 0
  }

  #endFrameLine(items: SmpItem[], wireBytes: number): void {
    const isFirst = this.#lineKind === 'first'
    if (isFirst) this.#drop(items, 'a new frame began before this one was whole')
    if (!isFirst && !this.#frame) {
      this.#drop(items, 'a line of a frame without its beginning', wireBytes)
      return
    }
    const piece = decodeBase64(withoutReturn(this.#line.subarray(0, this.#lineLength)))
    const frame = piece && (this.#frame ?? this.#openFrame(piece, items, wireBytes))
    if (!piece) {
      this.#drop(items, 'a line of the frame is not base64', wireBytes)
    } else if (frame) {
      frame.wireBytes += wireBytes
      this.#addPiece(frame, piece, items)
    }
  }

  /** Reads the announced length and makes room for so much; undefined where it cannot be. */
  #openFrame(piece: Uint8Array, items: SmpItem[], wireBytes: number): OpenFrame | undefined {
    if (piece.length < 2) {
      this.#drop(items, 'the first line of a frame holds no length', wireBytes)
      return undefined
    }
    const announced = viewOf(piece).getUint16(0) + 2
    const packetBytes = announced - CONSOLE_FRAME_EXTRA_BYTES
    if (packetBytes < SMP_HEADER_BYTES || packetBytes > this.#maxPacketBytes) {
      this.#drop(items, `a packet of ${packetBytes} bytes was announced`, wireBytes)
      return undefined
    }
    this.#frame = { bytes: new Uint8Array(announced), filled: 0, wireBytes: 0 }
    return this.#frame
  }

  #addPiece(frame: OpenFrame, piece: Uint8Array, items: SmpItem[]): void {
    if (frame.filled + piece.length > frame.bytes.length) {
      this.#drop(items, `the frame is longer than the ${frame.bytes.length} bytes it announced`)
      return
    }
    frame.bytes.set(piece, frame.filled)
    frame.filled += piece.length
    if (frame.filled < frame.bytes.length) return
    // The CRC over a packet followed by its own CRC is 0.
    if (crc16Xmodem(frame.bytes.subarray(2)) !== 0) {
      this.#drop(items, 'the CRC of the frame is wrong')
      return
    }
    this.#frame = undefined
    items.push({ kind: 'packet', packet: frame.bytes.slice(2, -2) })
  }

  /** Gives up the open frame, if there is one, and so many bytes of the line at hand. */
  #drop(items: SmpItem[], reason: string, lineBytes = 0): void {
    const bytes = (this.#frame?.wireBytes ?? 0) + lineBytes
    this.#frame = undefined
    if (bytes > 0) items.push({ kind: 'discarded', bytes, reason })
  }
}

function markedLine(first: number, second: number): 'first' | 'next' | undefined {
  if (first === FIRST_LINE_MARKER[0] && second === FIRST_LINE_MARKER[1]) return 'first'
  if (first === NEXT_LINE_MARKER[0] && second === NEXT_LINE_MARKER[1]) return 'next'
  return undefined
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line
}
