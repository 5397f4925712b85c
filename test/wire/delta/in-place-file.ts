import { encodeLzma, trimmed } from '../../../src-main/delta/lzma-encoder'
import { nodeSha256 } from '../../../src-main/delta/node-sha256'
import { writeDeltaFile } from '../../../src-main/wire/delta/delta-file'
import { type DeltaHeader, decoderRam } from '../../../src-main/wire/delta/header'
import { NumberWriter } from '../../../src-main/wire/delta/number-coding'
import { Sha256Chain } from '../../../src-main/wire/delta/sha256-chain'

const SECTOR = 256
const SETTINGS = { lc: 0, lp: 0, pb: 0, dictionaryBytes: 4096 }

/** 600 bytes in three sectors; the new image has five more, and 20 of the last sector in the first. */
export const OLD = Uint8Array.from({ length: 600 }, (_, index) => (index * index * 7) >> 3)
export const FRESH = Uint8Array.from([
  ...OLD.subarray(520, 540),
  ...OLD.subarray(20, 300),
  1,
  2,
  3,
  4,
  5,
  ...OLD.subarray(300),
])

/** A number of a stream: a signed one is written `{ signed: -3 }`. */
type StreamNumber = number | { readonly signed: number }

/** What an in-place file from {@link OLD} to {@link FRESH} holds, written out. */
export interface Written {
  readonly covers: readonly StreamNumber[]
  readonly residuals: readonly number[]
  readonly literals: readonly number[]
  readonly header: Partial<DeltaHeader>
  readonly rewrite: Partial<NonNullable<DeltaHeader['rewrite']>>
}

/** Falling order: the state of SHA-256 before sectors 1 and 2, three steps, one stashed range. */
export const WRITTEN: Written = {
  covers: [
    [0, 3],
    // Sector 2: 93 bytes that move up by 5.
    [1, 0, { signed: 5 }, 93],
    // Sector 1: 44 bytes that stay, five literals, 207 bytes that move up by 5.
    [2, 0, { signed: -5 }, 44, 5, { signed: 5 }, 207],
    // Sector 0: 20 bytes of sector 2, which is overwritten by now, and 236 that stay.
    [2, 0, { signed: -525 }, 20, 0, { signed: -5 }, 236],
  ].flat(),
  residuals: [0, 215, 4],
  literals: [1, 2, 3, 4, 5],
  header: {},
  rewrite: {},
}

/** The bytes of a file with anything in it changed, its digest made right. */
export async function fileOf(change: Partial<Written> = {}): Promise<Uint8Array> {
  const { covers, residuals, literals, header, rewrite } = { ...WRITTEN, ...change }
  const streams = {
    covers: await packed(numbersOf(covers)),
    residuals: await packed(Uint8Array.from(residuals)),
    literals: await packed(Uint8Array.from(literals)),
  }
  const whole: DeltaHeader = {
    oldBytes: OLD.length,
    newBytes: FRESH.length,
    oldDigest: nodeSha256([OLD]),
    newDigest: nodeSha256([FRESH]),
    ramBytes: 0,
    kinds: 0,
    bases: [],
    moveLengthMin: 64,
    movesMax: 3,
    streams: {
      covers: streams.covers.header,
      residuals: streams.residuals.header,
      literals: streams.literals.header,
    },
    rewrite: {
      sectorBytes: SECTOR,
      groupSectors: 1,
      stepCount: 3,
      stashRanges: 1,
      states: [stateAt(SECTOR), stateAt(2 * SECTOR)],
      ...rewrite,
    },
    ...header,
  }
  const ramBytes = header.ramBytes ?? decoderRam(whole)
  const packedStreams = {
    covers: streams.covers.bytes,
    residuals: streams.residuals.bytes,
    literals: streams.literals.bytes,
  }
  return writeDeltaFile({ header: { ...whole, ramBytes }, packed: packedStreams }, nodeSha256)
}

function stateAt(offset: number): Uint8Array {
  const hash = new Sha256Chain()
  hash.update(FRESH.subarray(0, offset))
  return hash.chainingState()
}

function numbersOf(numbers: readonly StreamNumber[]): Uint8Array {
  const writer = new NumberWriter()
  for (const number of numbers) {
    if (typeof number === 'number') writer.varint(number)
    else writer.signed(number.signed)
  }
  return writer.taken()
}

async function packed(bytes: Uint8Array) {
  const stream = trimmed(await encodeLzma(bytes, SETTINGS), bytes.length)
  const sizes = { packedBytes: stream.length, bytes: bytes.length }
  return { bytes: stream, header: { ...sizes, settings: SETTINGS } }
}
