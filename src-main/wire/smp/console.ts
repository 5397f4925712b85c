import { decodeBase64, encodeBase64 } from '../../base/base64'
import { asciiText, concatBytes, viewOf } from '../../base/bytes'
import { crc16Xmodem } from '../../base/crc'
import {
  CONSOLE_FRAME_EXTRA_BYTES,
  CONSOLE_LINE_BYTES,
  CONSOLE_PIECE_CHARACTERS,
  FIRST_LINE_MARKER,
  LINE_END,
  MAX_PACKET_BYTES,
  NEXT_LINE_MARKER,
  SMP_HEADER_BYTES,
} from './constants'

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

export type ConsoleItem =
  | { readonly kind: 'packet'; readonly packet: Uint8Array }
  /** Console output that shares the line; complete lines, without the line end. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'discarded'; readonly bytes: number; readonly reason: string }

/** The longest line of console text that is kept whole; longer ones come in parts. */
const MAX_TEXT_LINE_BYTES = 1024

/**
 * Takes the bytes of a line in any pieces and gives packets, console text, and what was thrown
 * away and why. A frame that breaks is dropped in silence on the wire, as the protocol asks.
 */
export class ConsoleParser {
  readonly #maxPacketBytes: number
  #line = new Uint8Array(CONSOLE_LINE_BYTES)
  #lineLength = 0
  #frame: Uint8Array[] = []
  #frameLength = 0

  constructor(maxPacketBytes: number = MAX_PACKET_BYTES) {
    this.#maxPacketBytes = maxPacketBytes
  }

  push(bytes: Uint8Array): ConsoleItem[] {
    const items: ConsoleItem[] = []
    for (const byte of bytes) {
      if (byte === LINE_END) {
        this.#endLine(items)
      } else if (this.#lineLength === MAX_TEXT_LINE_BYTES) {
        this.#endLine(items)
        this.#append(byte)
      } else {
        this.#append(byte)
      }
    }
    return items
  }

  #append(byte: number): void {
    if (this.#lineLength === this.#line.length) {
      const longer = new Uint8Array(MAX_TEXT_LINE_BYTES)
      longer.set(this.#line)
      this.#line = longer
    }
    this.#line[this.#lineLength++] = byte
  }

  #endLine(items: ConsoleItem[]): void {
    const line = this.#line.slice(0, this.#lineLength)
    this.#lineLength = 0
    const marker = markerAt(line)
    if (!marker) {
      const text = asciiText(line).replace(/\r$/, '')
      if (text !== '') items.push({ kind: 'text', text })
      return
    }
    if (marker.at > 0) {
      items.push({ kind: 'discarded', bytes: marker.at, reason: 'noise before a frame' })
    }
    if (marker.first) this.#drop(items, 'a new frame began before this one was whole')
    else if (this.#frameLength === 0) {
      items.push({ kind: 'discarded', bytes: line.length, reason: 'a line without its beginning' })
      return
    }
    this.#takePiece(line.subarray(marker.at + 2), items)
  }

  #takePiece(piece: Uint8Array, items: ConsoleItem[]): void {
    const decoded = decodeBase64(piece.at(-1) === 0x0d ? piece.subarray(0, -1) : piece)
    if (!decoded) {
      this.#frameLength += piece.length
      this.#drop(items, 'not base64')
      return
    }
    this.#frame.push(decoded)
    this.#frameLength += decoded.length
    const frame = concatBytes(this.#frame)
    if (frame.length < 2) return
    const announced = viewOf(frame).getUint16(0) + 2
    const packetBytes = announced - CONSOLE_FRAME_EXTRA_BYTES
    if (packetBytes < SMP_HEADER_BYTES || packetBytes > this.#maxPacketBytes) {
      this.#drop(items, `a packet of ${packetBytes} bytes was announced`)
    } else if (frame.length > announced) {
      this.#drop(items, `longer than the ${announced} bytes announced`)
    } else if (frame.length === announced) {
      this.#endFrame(frame, items)
    }
  }

  #endFrame(frame: Uint8Array, items: ConsoleItem[]): void {
    // The CRC over a packet followed by its own CRC is 0.
    if (crc16Xmodem(frame.subarray(2)) !== 0) {
      this.#drop(items, 'wrong CRC')
      return
    }
    this.#frame = []
    this.#frameLength = 0
    items.push({ kind: 'packet', packet: frame.slice(2, -2) })
  }

  #drop(items: ConsoleItem[], reason: string): void {
    if (this.#frameLength > 0) items.push({ kind: 'discarded', bytes: this.#frameLength, reason })
    this.#frame = []
    this.#frameLength = 0
  }
}

/** Where a frame line begins. A lost line end leaves a marker behind other text. */
function markerAt(line: Uint8Array): { at: number; first: boolean } | undefined {
  for (let at = 0; at + 1 < line.length; at++) {
    if (line[at] === FIRST_LINE_MARKER[0] && line[at + 1] === FIRST_LINE_MARKER[1]) {
      return { at, first: true }
    }
    if (line[at] === NEXT_LINE_MARKER[0] && line[at + 1] === NEXT_LINE_MARKER[1]) {
      return { at, first: false }
    }
  }
  return undefined
}
