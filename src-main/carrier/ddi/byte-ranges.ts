import { type ByteRange, readRange } from '../../site/byte-range'

/** Agents for chunks ask for some dozens at once. */
const RANGES_MAX = 256

/**
 * What a Range header asks for of so many bytes. Parts with no byte in them are left out; undefined
 * where none is left, where there are too many, or where they overlap to more than the whole.
 */
export function readRanges(header: string, bytes: number): readonly ByteRange[] | undefined {
  const asked = /^bytes=([\d\s,-]+)$/.exec(header.trim())?.[1]?.split(',')
  if (!asked || asked.length > RANGES_MAX) return undefined
  const ranges = asked.flatMap(part => readRange(`bytes=${part.trim()}`, bytes) ?? [])
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  return ranges.length === 0 || total > bytes ? undefined : ranges
}

/** A piece of an answer's body: bytes of the file, or text around them. */
export type BodyPart = ByteRange | { readonly text: string }

export interface RangedBody {
  readonly parts: readonly BodyPart[]
  readonly bytes: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * An answer with these ranges (RFC 9110, 15.3.7). The boundary has lower-case letters only, and the
 * type is written exactly so: SWUpdate lower-cases the headers before it looks for it.
 */
export function rangedBody(ranges: readonly ByteRange[], total: number, etag: string): RangedBody {
  const [first] = ranges
  if (ranges.length === 1 && first) {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-range': contentRange(first, total),
    }
    return { parts: ranges, bytes: first.to - first.from, headers }
  }
  const boundary = `part${etag.replaceAll(/[^0-9a-f]/g, '').slice(0, 24)}`
  const parts = [
    ...ranges.flatMap((range, index) => [
      { text: `${index === 0 ? '' : '\r\n'}${partHeader(boundary, range, total)}` },
      range,
    ]),
    { text: `\r\n--${boundary}--\r\n` },
  ]
  const bytes = parts.reduce((sum, part) => sum + lengthOf(part), 0)
  return {
    parts,
    bytes,
    headers: { 'content-type': `multipart/byteranges; boundary=${boundary}` },
  }
}

function partHeader(boundary: string, range: ByteRange, total: number): string {
  return (
    `--${boundary}\r\ncontent-type: application/octet-stream\r\n` +
    `content-range: ${contentRange(range, total)}\r\n\r\n`
  )
}

function contentRange({ from, to }: ByteRange, total: number): string {
  return `bytes ${from}-${to - 1}/${total}`
}

function lengthOf(part: BodyPart): number {
  return 'text' in part ? part.text.length : part.to - part.from
}
