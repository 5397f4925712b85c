import { asciiBytes, equalBytes } from '../../base/bytes'
import { MOVE_BYTES } from './address-map'
import { damaged, unsupported } from './delta-errors'
import { CHANGED_SECTOR_BYTES } from './changed-sectors'
import { KNOWN_KINDS } from './kinds'
import { type LzmaSettings, lzmaDecoderBytes } from './lzma-decoder'
import { type ByteSource, NumberWriter, readVarint } from './number-coding'
import { PREDICTOR_BYTES } from './predictor'
import { OLD_RANGE_BYTES, STASH_RANGES_MAX } from './rewrite-needs'
import { CHAINING_STATE_BYTES, SHA256_CHAIN_BYTES } from './sha256-chain'
import { chainingStatesOf } from './write-order'

/** A stream as it lies in the file. */
export interface StreamHeader {
  readonly packedBytes: number
  readonly bytes: number
  readonly settings: LzmaSettings
}

export const STREAMS = ['covers', 'residuals', 'literals'] as const
export type StreamName = (typeof STREAMS)[number]

/** What a file says of the order in which it rewrites a region in place. */
export interface RewriteHeader {
  readonly sectorBytes: number
  readonly groupSectors: number
  /** Sectors that change. */
  readonly stepCount: number
  /** Ranges that the table of the stash must have room for. */
  readonly stashRanges: number
  /** SHA-256 of the new image at the start of each group but the first; 32 bytes each. */
  readonly states: readonly Uint8Array[]
}

/** What a differential file says before its streams (docs/formats/delta.md). */
export interface DeltaHeader {
  readonly oldBytes: number
  readonly newBytes: number
  readonly oldDigest: Uint8Array
  readonly newDigest: Uint8Array
  /** RAM that decoding takes beside the file itself and the place the new image goes to. */
  readonly ramBytes: number
  /** One bit for each prediction kind in use. */
  readonly kinds: number
  readonly bases: readonly number[]
  /** Covers at least this long are moves, and there are so many of them at most. */
  readonly moveLengthMin: number
  readonly movesMax: number
  readonly streams: Readonly<Record<StreamName, StreamHeader>>
  /** Undefined in a plain file. */
  readonly rewrite: RewriteHeader | undefined
}

export const DIGEST_BYTES = 32
export const DELTA_IMAGE_BYTES_MAX = 64 * 1024 * 1024
export const DICTIONARY_BITS_MIN = 12
export const DICTIONARY_BITS_MAX = 24
export const BASES_MAX = 4
export const MOVES_MAX = 65_535
export const SECTOR_BITS_MIN = 8
export const SECTOR_BITS_MAX = 20

const MAGIC = asciiBytes('KDLT')
const VERSION = 1
const FLAG_IN_PLACE = 1
/** No image needs more for one stream; what is decoded is bounded by the images' own sizes too. */
const STREAM_BYTES_MAX = 16 * DELTA_IMAGE_BYTES_MAX

/** One page, the most that a handset programs at once: what it reads and proves pieces with. */
const PAGE_BYTES = 512

/** RAM that rewriting in place takes beside decoding, the file and the flash's own reserve. */
export function rewriteRam(
  newBytes: number,
  { sectorBytes, stepCount, stashRanges }: Omit<RewriteHeader, 'states' | 'groupSectors'>,
): number {
  const sectors = Math.ceil(newBytes / sectorBytes)
  const ranges = stepCount + stashRanges
  return PAGE_BYTES + SHA256_CHAIN_BYTES + sectors * CHANGED_SECTOR_BYTES + ranges * OLD_RANGE_BYTES
}

/**
 * The RAM that a decoder of such a file takes: its LZMA decoders, its moves, one block, and what
 * rewriting in place needs besides.
 */
export function decoderRam({
  streams,
  movesMax,
  newBytes,
  rewrite,
}: Pick<DeltaHeader, 'streams' | 'movesMax' | 'newBytes' | 'rewrite'>): number {
  const used = STREAMS.map(name => streams[name]).filter(stream => stream.bytes > 0)
  const decoders = used.reduce((sum, { settings }) => sum + lzmaDecoderBytes(settings), 0)
  const plain = decoders + movesMax * MOVE_BYTES + PREDICTOR_BYTES
  return rewrite ? plain + rewriteRam(newBytes, rewrite) : plain
}

export function writeHeader(header: DeltaHeader): Uint8Array {
  const writer = new NumberWriter()
  writer.append(MAGIC)
  writer.byte(VERSION)
  writer.byte(header.rewrite ? FLAG_IN_PLACE : 0)
  writer.append(header.oldDigest)
  writer.append(header.newDigest)
  writer.varint(header.oldBytes)
  writer.varint(header.newBytes)
  writer.varint(header.ramBytes)
  writer.varint(header.kinds)
  writer.varint(header.bases.length)
  for (const base of header.bases) writer.u32(base)
  writer.varint(header.moveLengthMin)
  writer.varint(header.movesMax)
  for (const name of STREAMS) writeStream(writer, header.streams[name])
  if (header.rewrite) writeRewrite(writer, header.rewrite)
  return writer.taken()
}

function writeRewrite(writer: NumberWriter, rewrite: RewriteHeader): void {
  writer.byte(Math.log2(rewrite.sectorBytes))
  writer.varint(rewrite.groupSectors)
  writer.varint(rewrite.stepCount)
  writer.varint(rewrite.stashRanges)
  for (const state of rewrite.states) writer.append(state)
}

function writeStream(writer: NumberWriter, { packedBytes, bytes, settings }: StreamHeader): void {
  const { lc, lp, pb, dictionaryBytes } = settings
  writer.varint(packedBytes)
  writer.varint(bytes)
  writer.byte((pb * 5 + lp) * 9 + lc)
  writer.byte(Math.log2(dictionaryBytes))
}

/** Gives the bytes of the header one by one, and counts them. */
class HeaderBytes implements ByteSource {
  readonly #bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  next(): number {
    const byte = this.#bytes[this.at]
    if (byte === undefined) throw endsInHeader()
    this.at += 1
    return byte
  }

  take(length: number): Uint8Array {
    const end = this.at + length
    if (end > this.#bytes.length) throw endsInHeader()
    this.at = end
    return this.#bytes.slice(end - length, end)
  }

  u32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.take(4)
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
  }
}

function endsInHeader(): Error {
  return damaged('ends in the middle of its header.')
}

/** Reads the header and says where it ends. Throws `DELTA_DAMAGED` or `DELTA_UNSUPPORTED`. */
export function readHeader(file: Uint8Array): { header: DeltaHeader; end: number } {
  const source = new HeaderBytes(file)
  const flags = readKind(source)
  const oldDigest = source.take(DIGEST_BYTES)
  const newDigest = source.take(DIGEST_BYTES)
  const oldBytes = bounded(source, 'size of the old image', DELTA_IMAGE_BYTES_MAX)
  const newBytes = bounded(source, 'size of the new image', DELTA_IMAGE_BYTES_MAX)
  const ramBytes = readVarint(source)
  const kinds = bounded(source, 'set of prediction kinds', KNOWN_KINDS)
  const baseCount = bounded(source, 'number of addresses', BASES_MAX)
  const bases = Array.from({ length: baseCount }, () => source.u32())
  const moveLengthMin = bounded(source, 'length of moves', DELTA_IMAGE_BYTES_MAX)
  const movesMax = bounded(source, 'number of moves', MOVES_MAX)
  const streams = {
    covers: readStream(source, 'covers'),
    residuals: readStream(source, 'residuals'),
    literals: readStream(source, 'literals'),
  }
  const rewrite = flags === FLAG_IN_PLACE ? readRewrite(source, newBytes) : undefined
  const sizes = { oldBytes, newBytes, ramBytes }
  const rules = { kinds, bases, moveLengthMin, movesMax }
  const header: DeltaHeader = { oldDigest, newDigest, ...sizes, ...rules, streams, rewrite }
  if (ramBytes !== decoderRam(header)) {
    const data = { ramBytes, needed: decoderRam(header) }
    throw damaged(`says it takes ${ramBytes} bytes of RAM and takes ${data.needed}.`, data)
  }
  return { header, end: source.at }
}

/** Checks magic and version, and gives the flags. */
function readKind(source: HeaderBytes): number {
  if (!equalBytes(source.take(MAGIC.length), MAGIC)) {
    throw unsupported('is none: it does not begin with KDLT. Give a file that "delta make" wrote.')
  }
  const version = source.next()
  if (version !== VERSION) {
    throw unsupported(
      `has format version ${version}; this program reads ${VERSION}. Use a program of its time.`,
      { version },
    )
  }
  const flags = source.next()
  if (flags > FLAG_IN_PLACE) {
    throw unsupported(`has the unknown flags ${flags}. Use a newer program.`)
  }
  return flags
}

function readRewrite(source: HeaderBytes, newBytes: number): RewriteHeader {
  const bits = source.next()
  if (bits < SECTOR_BITS_MIN || bits > SECTOR_BITS_MAX) {
    throw damaged(`is made for impossible sectors of 2^${bits} bytes.`, { bits })
  }
  const sectorBytes = 2 ** bits
  const sectors = Math.ceil(newBytes / sectorBytes)
  const groupSectors = bounded(source, 'sectors in a group', Math.max(1, sectors))
  if (groupSectors === 0) throw damaged('has groups of no sectors.')
  const stepCount = bounded(source, 'number of sectors that change', sectors)
  const stashRanges = bounded(source, 'number of ranges in the stash', STASH_RANGES_MAX)
  const count = chainingStatesOf({ newBytes, sectorBytes, groupSectors })
  const states: Uint8Array[] = []
  while (states.length < count) states.push(source.take(CHAINING_STATE_BYTES))
  return { sectorBytes, groupSectors, stepCount, stashRanges, states }
}

function bounded(source: ByteSource, what: string, limit: number): number {
  const value = readVarint(source)
  if (value > limit) {
    throw damaged(`claims ${value} as ${what}; ${limit} is the most.`, { value, limit })
  }
  return value
}

function readStream(source: ByteSource, name: StreamName): StreamHeader {
  const packedBytes = bounded(source, `size of its ${name}`, STREAM_BYTES_MAX)
  const bytes = bounded(source, `size of its unpacked ${name}`, STREAM_BYTES_MAX)
  const properties = source.next()
  const lc = properties % 9
  const lp = Math.floor(properties / 9) % 5
  const pb = Math.floor(properties / 45)
  const bits = source.next()
  const isKnown = pb <= 4 && lc + lp <= 4
  if (!isKnown || bits < DICTIONARY_BITS_MIN || bits > DICTIONARY_BITS_MAX) {
    throw damaged(`has impossible settings of LZMA for its ${name}.`, { properties, bits })
  }
  if ((packedBytes === 0) !== (bytes === 0)) throw damaged(`has impossible sizes of its ${name}.`)
  return { packedBytes, bytes, settings: { lc, lp, pb, dictionaryBytes: 2 ** bits } }
}
