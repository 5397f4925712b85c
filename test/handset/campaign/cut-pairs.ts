import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { concatBytes } from '../../../src-main/base/bytes'
import { seededRandom } from '../../../src-main/base/random'
import { makeDelta } from '../../../src-main/delta/make-delta'
import { RAM_BYTES_DEFAULT } from '../../../src-main/delta/decoder-budget'
import type { CampaignOrder } from '../../../src-main/handset/campaign/campaign'
import type { BoardParts } from '../../../src-main/handset/campaign/board'
import { modelNamed } from '../../../src-main/handset/service/models'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import type { RewriteSource, RewriteStep } from '../../../src-main/wire/delta/rewrite-source'

const root = resolve(import.meta.dirname, '../../..')
const k1 = modelNamed('k1')
const k2 = modelNamed('k2')
const KIBI = 1024

export interface CutPair {
  readonly name: string
  readonly old: Uint8Array
  readonly fresh: Uint8Array
}

function fixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(resolve(root, path)))
}

function k1Firmware(version: string): Uint8Array {
  return fixture(`resources/firmware/k1-${version}.bin`)
}

function k2Firmware(version: string): Uint8Array {
  return fixture(`resources/firmware/k2-${version}.bin`)
}

const micropython = fixture('test/fixtures/firmware/micropython.bin')
const micropythonNext = fixture('test/fixtures/firmware/micropython-next.bin')

/** Whole firmware of ours, which the boot code starts, and cut-outs of other people's. */
export const CUT_PAIRS: readonly CutPair[] = [
  { name: 'k1 1.0.0 to 1.1.0', old: k1Firmware('1.0.0'), fresh: k1Firmware('1.1.0') },
  { name: 'k1 1.1.0 to 2.0.0', old: k1Firmware('1.1.0'), fresh: k1Firmware('2.0.0') },
  {
    name: 'code that moves by 300 bytes',
    old: micropython.slice(0, 24 * KIBI),
    fresh: concatBytes([
      micropython.subarray(0, 5000),
      seededRandom(1).bytes(300),
      micropython.subarray(5000, 26 * KIBI),
    ]),
  },
  {
    name: 'an image that shrinks',
    old: micropython.slice(0, 30 * KIBI),
    fresh: concatBytes([
      micropython.subarray(0, 3000),
      micropython.subarray(9000, 26 * KIBI + 100),
    ]),
  },
]

/** A file that rewrites a k1 in place, and what a campaign needs beside it. */
export async function orderOf(
  { old, fresh }: Omit<CutPair, 'name'>,
  sectorBytes = k1.flash.sectorBytes,
): Promise<CampaignOrder> {
  const making = { old, fresh, ramBytes: RAM_BYTES_DEFAULT, sectorBytes, inPlace: true }
  const { file } = await makeDelta(making, () => undefined)
  return { old, file, model: k1, seed: 1, points: null }
}

const k2Assets = seededRandom(6).bytes(200 * KIBI)

/** Software of a k2 that fills five of its blocks: one rewrite lives on the ring, one on the stash. */
export const K2_PAIRS: readonly CutPair[] = [
  {
    name: 'five blocks of a k2 that all move',
    old: concatBytes([k2Firmware('1.0.0'), micropython, k2Assets]),
    fresh: concatBytes([k2Firmware('1.1.0'), micropythonNext, k2Assets]),
  },
  {
    name: 'five blocks of a k2 that change places',
    old: concatBytes([k2Firmware('1.0.0'), micropython, k2Assets]),
    fresh: concatBytes([k2Firmware('1.1.0'), k2Assets, micropythonNext]),
  },
]

export async function k2OrderOf(pair: CutPair): Promise<CampaignOrder> {
  return { ...(await orderOf(pair, k2.flash.sectorBytes)), model: k2 }
}

/** Images of six sectors of 256 bytes, so that whole trials cost little. */
export const TINY_SECTOR_BYTES = 256
export function tinyPair(): CutPair {
  const old = seededRandom(3).bytes(1400)
  const fresh = old.slice()
  fresh.copyWithin(300, 200, 1100)
  fresh.set(seededRandom(4).bytes(40), 0)
  return { name: 'six sectors', old, fresh }
}

/**
 * A plan by hand, whatever a planner makes of its images: four sectors in rising order, each made of
 * old bytes of the sector before, of its own and of the one behind.
 */
export function tightBoardParts(): BoardParts {
  const sectors = [1, 2, 3, 4]
  const old = seededRandom(5).bytes(6 * TINY_SECTOR_BYTES)
  const fresh = old.slice()
  for (const sector of sectors) {
    for (const [from, at, length] of tightCopies(sector)) {
      fresh.set(old.subarray(from, from + length), at)
    }
  }
  const steps = sectors.map((sector): RewriteStep => {
    const start = sector * TINY_SECTOR_BYTES
    const backup = { start, end: start + TINY_SECTOR_BYTES }
    return { sector, bytes: TINY_SECTOR_BYTES, backup }
  })
  const digests = { oldDigest: nodeSha256([old]), newDigest: nodeSha256([fresh]) }
  const sizes = { sectorBytes: TINY_SECTOR_BYTES, oldBytes: old.length, newBytes: fresh.length }
  const source: RewriteSource = {
    plan: { ...sizes, ...digests, stash: [], steps },
    *pieces(step, readOld) {
      for (const [from, , length] of tightCopies(sectors[step] ?? 0)) {
        const piece = new Uint8Array(length)
        readOld(from, piece)
        yield piece
      }
    },
  }
  const file = { bytes: 100, sha256: nodeSha256([Uint8Array.of(7)]) }
  return { old, fresh, source, file, model: k1, sha256: nodeSha256 }
}

/** Where from, where to and how much. */
function tightCopies(sector: number): readonly (readonly [number, number, number])[] {
  const start = sector * TINY_SECTOR_BYTES
  return [
    [start - 100, start, 90],
    [start + 300, start + 90, 90],
    [start + 11, start + 180, 76],
  ]
}
