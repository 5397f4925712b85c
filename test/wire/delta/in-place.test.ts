import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { CodedError } from '../../../src-main/base/coded-error'
import { nodeSha256 } from '../../../src-main/delta/node-sha256'
import { oldImageOf, proveDelta } from '../../../src-main/wire/delta/apply'
import { decodeAhead, openRewriteSource } from '../../../src-main/wire/delta/open-rewrite-source'
import type { RewriteSource } from '../../../src-main/wire/delta/rewrite-source'
import { rewritten } from '../../delta/rewritten'
import { applied, FIRMWARE_PAIRS, IN_PLACE, made } from '../../delta/pairs'
import { fromHex } from '../../support/from-hex'
import { fileOf, FRESH, OLD, type Written, WRITTEN } from './in-place-file'

const GOLDEN = fromHex(`
  4b444c54 01 01
  23f5bd2ce74a914972fdb3420ce253a88373f65839104de502796b34e3c27680
  045e23a43f64f07c923930ce27c55d5e1ac8b55741276705ac622eb9be208dbc
  d804 dd04 d8ea01 00 00 40 03
  1a 17 00 0c
  07 03 00 0c
  09 05 00 0c
  08 01 03 01
  434a75450fbfecbcdd3adb3b7cbbac480882d84e6b1ff548c0979d629ecc008d
  e141cbda6a8cfdbb99f6a6becc6b17c5cac87758b0239ba70234fdacfff507bc
  0000f0d49b8bad4d58f2c1d901280eb0a5d7172c90dda7abda6f
  0037c263cc37f0
  0080a263a6639ca55f
  0de5e61344d5ab5cab6fbd31a8e09f9c091750c6fc8971bdd44f51e39e1695dd
`)!
const STATES_END = GOLDEN.length - 32 - 9 - 7 - 26

function open(file: Uint8Array): RewriteSource {
  return openRewriteSource(file, nodeSha256)
}

function prove(old: Uint8Array, file: Uint8Array): void {
  proveDelta(oldImageOf(old), file, nodeSha256)
}

/** The rebuilt image and the rewritten region in hexadecimal, or "refused" where the file is. */
function resultOf(file: Uint8Array): string[] {
  try {
    return [toHex(applied(OLD, file)), toHex(rewritten(OLD, open(file)))]
  } catch (error) {
    if (error instanceof CodedError && error.code.startsWith('DELTA_')) return ['refused']
    throw error
  }
}

function readsNothing(): never {
  return expect.unreachable('It read the old image.')
}

describe('an in-place file', () => {
  test('of these bytes gives this image and this order of steps', async () => {
    expect(applied(OLD, GOLDEN)).toEqual(FRESH)
    expect(open(GOLDEN).plan).toEqual({
      sectorBytes: 256,
      oldBytes: 600,
      oldDigest: nodeSha256([OLD]),
      newBytes: 605,
      newDigest: nodeSha256([FRESH]),
      stash: [{ start: 520, end: 540 }],
      steps: [
        { sector: 2, bytes: 93, backup: { start: 512, end: 600 } },
        { sector: 1, bytes: 256, backup: { start: 256, end: 507 } },
        { sector: 0, bytes: 256, backup: { start: 20, end: 256 } },
      ],
    })
    expect(toHex(await fileOf())).toBe(toHex(GOLDEN))
  })

  test('[S0-16] rewrites the region with what the plan keeps, streamed or decoded ahead', () => {
    expect(rewritten(OLD, open(GOLDEN))).toEqual(FRESH)
    const ahead = decodeAhead(GOLDEN, nodeSha256)
    expect(ahead.plan).toEqual(open(GOLDEN).plan)
    expect(rewritten(OLD, ahead)).toEqual(FRESH)
    expect(rewritten(OLD, ahead)).toEqual(FRESH)
  })

  test('streamed from the middle on reads no old bytes of the steps that are left out', () => {
    const reads: number[] = []
    const readOld = (offset: number, into: Uint8Array) => {
      reads.push(offset)
      into.set(OLD.subarray(offset, offset + into.length))
    }
    const source = open(GOLDEN)
    const pieces = Array.from(source.pieces(2, readOld), piece => [...piece]).flat()
    expect(pieces).toEqual([...FRESH.subarray(0, 256)])
    expect(reads).toEqual([520, 20])
    expect(() => [...source.pieces(1, readOld)]).toThrow('in rising order')
    expect(() => [...source.pieces(3, readOld)]).toThrow('There is no step 3')
  })

  test('streamed is taken step by step to the end of each', () => {
    const source = open(GOLDEN)
    const { read } = oldImageOf(OLD)
    for (const piece of source.pieces(0, read)) {
      expect(piece[0]).toBe(FRESH[512])
      break
    }
    expect(() => [...source.pieces(1, read)]).toThrow('to the end of each')
  })

  test('[S0-17] is proved against the image it was made from and no other', () => {
    prove(OLD, GOLDEN)
    const other = OLD.slice()
    other[599] = 0
    for (const wrong of [other, OLD.subarray(1), new Uint8Array(0)]) {
      expect(() => prove(wrong, GOLDEN)).toThrow(/was made from.*600 bytes.*Give that/)
    }
  })

  test('that is a plain one, or the other way round, says so', async () => {
    const plain = await made(OLD, FRESH)
    expect(() => open(plain)).toThrow('is not for rewriting in place')
    expect(() => decodeAhead(plain, nodeSha256)).toThrow('is not for rewriting in place')
  })
})

describe('a bad in-place file', () => {
  test('with any one byte changed is refused, before the old image is looked at', () => {
    const image = { bytes: OLD.length, read: readsNothing }
    for (let at = 0; at < GOLDEN.length; at++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const changed = GOLDEN.slice()
        changed[at] = changed[at]! ^ bits
        expect(() => open(changed)).toThrow(/^The differential file /)
        expect(() => proveDelta(image, changed, nodeSha256)).toThrow(/^The differential file /)
      }
    }
  })

  test('cut off anywhere is refused', () => {
    for (let length = 0; length < GOLDEN.length; length++) {
      expect(() => open(GOLDEN.subarray(0, length))).toThrow(/^The differential file /)
    }
  })

  test('with a right digest and any one bit wrong never gives another image', () => {
    for (let at = 0; at < GOLDEN.length - 32; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const covered = GOLDEN.slice(0, -32)
        covered[at] = covered[at]! ^ (1 << bit)
        const file = Uint8Array.from([...covered, ...nodeSha256([covered])])
        expect(['refused', toHex(FRESH)]).toContain(resultOf(file)[0])
        expect(['refused', toHex(FRESH)]).toContain(resultOf(file).at(-1))
      }
    }
  })

  test('with any byte of a chaining state wrong is refused', () => {
    for (let at = STATES_END - 64; at < STATES_END; at++) {
      const covered = GOLDEN.slice(0, -32)
      covered[at] = covered[at]! ^ 0x40
      const file = Uint8Array.from([...covered, ...nodeSha256([covered])])
      expect(() => prove(OLD, file)).toThrow('gives another image than the one it names')
    }
  })

  const numbers = (index: number, value: Written['covers'][number]) =>
    WRITTEN.covers.with(index, value)

  test.each<[string, Partial<Written>, string]>([
    ['fewer steps than sectors that change', { rewrite: { stepCount: 2 } }, 'announces 2'],
    ['a sector that changes twice', { covers: numbers(1, 4) }, 'of more sectors than there are'],
    ['a run of no sectors', { covers: numbers(1, 0) }, 'a run of no sectors'],
    ['a stash without a table', { rewrite: { stashRanges: 0 } }, 'more than the 0 ranges'],
    ['a table of more ranges than any', { rewrite: { stashRanges: 513 } }, 'claims 513'],
    ['more steps than sectors', { rewrite: { stepCount: 4 } }, 'claims 4 as number of sectors'],
    ['groups larger than the image', { rewrite: { groupSectors: 4 } }, 'claims 4 as sectors'],
    ['groups of nothing', { rewrite: { groupSectors: 0, states: [] } }, 'groups of no sectors'],
    ['sectors of 128 bytes', { rewrite: { sectorBytes: 128 } }, 'impossible sectors of 2^7'],
    ['sectors of 2 MiB', { rewrite: { sectorBytes: 2 ** 21 } }, 'impossible sectors of 2^21'],
    ['less RAM than it takes', { header: { ramBytes: 4096 } }, 'says it takes 4096 bytes'],
    ['fewer moves than it has', { header: { movesMax: 2 } }, 'more moves than it announces'],
    ['old bytes from before the image', { covers: numbers(4, { signed: 513 }) }, 'outside the old'],
    ['old bytes from behind it', { covers: numbers(4, { signed: 4 }) }, 'outside the old'],
    ['new bytes behind the group', { covers: numbers(12, 208) }, 'outside the new image or its'],
    ['fewer covers in a group', { covers: numbers(2, 0) }, 'The differential file'],
    ['more covers in the last group', { covers: numbers(13, 3) }, 'more covers than it holds'],
    ['literals too few', { literals: [1, 2] }, 'more literals than it holds'],
    ['literals too many', { literals: [1, 2, 3, 4, 5, 6] }, 'more literals than it uses'],
    ['residuals too few', { residuals: [0, 214, 4] }, 'more residuals than it holds'],
    ['residuals too many', { residuals: [0, 216, 4] }, 'more residuals than it uses'],
    [
      'the digest of something else',
      { header: { newDigest: new Uint8Array(32) } },
      'another image',
    ],
  ])('with %s is refused', async (_, change, reason) => {
    const file = await fileOf(change)
    expect(() => prove(OLD, file)).toThrow(reason)
    expect(() => prove(OLD, file)).toThrow(/^The differential file /)
  })

  test('that keeps a sector that changes is refused before anything is written', async () => {
    const covers = [1, 2, ...WRITTEN.covers.slice(2)]
    const file = await fileOf({ covers, rewrite: { stepCount: 2 } })
    expect(() => prove(OLD, file)).toThrow('keeps a sector that changes, at offset 0')
  })

  // A length of 32 bits that is read as a signed number is below every bound.
  test.each([0x8000_0000, 0xffff_fffb, 0xffff_ffff])(
    'with the number %i is refused',
    async huge => {
      const offsets = { newBytes: huge }
      await expect(fileOf({ header: offsets })).resolves.toSatisfy(isRefused)
      await expect(fileOf({ header: { oldBytes: huge } })).resolves.toSatisfy(isRefused)
      await expect(fileOf({ header: { moveLengthMin: huge } })).resolves.toSatisfy(isRefused)
      await expect(fileOf({ header: { movesMax: huge, ramBytes: 1 } })).resolves.toSatisfy(
        isRefused,
      )
      await expect(fileOf({ rewrite: { groupSectors: huge } })).resolves.toSatisfy(isRefused)
      await expect(fileOf({ rewrite: { stepCount: huge } })).resolves.toSatisfy(isRefused)
      await expect(fileOf({ rewrite: { stashRanges: huge } })).resolves.toSatisfy(isRefused)
      for (const index of [0, 1, 2, 3, 5, 6, 7, 9, 10, 12, 13]) {
        await expect(fileOf({ covers: numbers(index, huge) })).resolves.toSatisfy(isRefused)
      }
    },
  )
})

/** For a reason of the file's own: not for what a wrong number led to in our own code. */
function isRefused(file: Uint8Array): boolean {
  expect(() => prove(OLD, file)).toThrow(/^The differential file /)
  return true
}

test('an in-place file of a real pair, changed anywhere in a sample, is refused', async () => {
  const { old, fresh } = FIRMWARE_PAIRS[1]!
  const file = await made(old, fresh, IN_PLACE)
  for (let at = 0; at < file.length; at += 7) {
    const changed = file.slice()
    changed[at] = changed[at]! ^ (1 << (at % 8))
    expect(() => prove(old, changed)).toThrow(/^The differential file /)
    expect(() => open(file.subarray(0, at))).toThrow(/^The differential file /)
  }
})
