import { damaged, type FormatName, inLine, type Place } from './image-errors'

/** One line of a text format, without line end and white space around it. */
export interface TextLine {
  readonly text: Uint8Array
  readonly place: Place
}

const LINE_FEED = 0x0a

/** Every line that is not blank; lines end in LF or CR LF. */
export function* textLines(bytes: Uint8Array): Generator<TextLine> {
  let number = 0
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    number += 1
    const [from, to] = withoutSpace(bytes, start, end)
    if (from < to) yield { text: bytes.subarray(from, to), place: inLine(number, from) }
    start = end + 1
  }
}

/** Most bytes that a record of either text format can have. */
const MAX_RECORD_BYTES = 260

/** The bytes that a record's digits stand for, from this character on. */
export function recordBytes(format: FormatName, line: TextLine, from: number): Uint8Array {
  const { text, place } = line
  const digits = text.length - from
  if (digits > MAX_RECORD_BYTES * 2) {
    throw damaged(format, place, `it is longer than a record can be (${text.length} characters)`)
  }
  if (digits % 2 !== 0) throw damaged(format, place, 'half of its last byte is missing')
  const bytes = new Uint8Array(digits / 2)
  for (let at = from; at < text.length; at += 2) {
    const [high, low] = [hexDigit(text[at]), hexDigit(text[at + 1])]
    if (high < 0 || low < 0) {
      const character = high < 0 ? at + 1 : at + 2
      throw damaged(format, place, `its character ${character} is no hexadecimal digit`)
    }
    bytes[(at - from) >> 1] = (high << 4) | low
  }
  return bytes
}

/** The value of up to four big-endian bytes. */
export function bigEndian(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}

/** A byte as the text formats write it. */
export function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0')
}

export function isHexDigit(code: number): boolean {
  return hexDigit(code) >= 0
}

/** The value of an ASCII hex digit, or -1. */
function hexDigit(code = 0): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code & ~0x20
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x41 + 10 : -1
}

function withoutSpace(bytes: Uint8Array, start: number, end: number): [number, number] {
  let [from, to] = [start, end]
  while (from < to && isSpace(bytes[from])) from += 1
  while (to > from && isSpace(bytes[to - 1])) to -= 1
  return [from, to]
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}
