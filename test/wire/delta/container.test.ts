import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applied, FIRMWARE_PAIRS, made } from '../../delta/pairs'
import { toHex } from '../../../src-main/base/bytes'
import { CodedError } from '../../../src-main/base/coded-error'
import { nodeSha256 } from '../../../src-main/delta/node-sha256'
import { applyDelta } from '../../../src-main/wire/delta/apply'
import { readDeltaFile, writeDeltaFile } from '../../../src-main/wire/delta/delta-file'
import { type DeltaHeader, decoderRam } from '../../../src-main/wire/delta/header'
import { NumberWriter } from '../../../src-main/wire/delta/number-coding'
import { fromHex } from '../../support/from-hex'

/** 200 bytes, and the same with five put in at 90 and the one at 150 turned over. */
const old = Uint8Array.from({ length: 200 }, (_, index) => index * 37)
const fresh = Uint8Array.from([...old.subarray(0, 90), 1, 2, 3, 4, 5, ...old.subarray(90)])
fresh[150] = fresh[150]! ^ 0xff

const GOLDEN = fromHex(`
  4b444c54 01 00
  d7e637defdb535f7fd87420e9b867bbcfd9dc2792170e849f67c14f148de3ffb
  09a87638eb8df070e55c21022d1fa44189e5c92653cadc8f2ed1a61f8576f92c
  c801 cd01 b8e301 00 00 20 02
  09 06 00 0c
  0a 06 00 0c
  09 05 00 0c
  00625b41f13ba55450
  002606940930667b3a86
  0080a263a6639ca55f
  67273765d331dbbf4d6af10cf0076633dd2f7cf0ebbb81dd6e4abf24131f7138
`)!

/** The image in hexadecimal, or "refused" where the file is. */
function resultOf(file: Uint8Array): string {
  try {
    return toHex(applied(old, file))
  } catch (error) {
    if (error instanceof CodedError && error.code.startsWith('DELTA_')) return 'refused'
    throw error
  }
}

/** The file with some bytes changed and its digest made right again. */
function forged(change: (covered: Uint8Array) => Uint8Array | void): Uint8Array {
  const covered = GOLDEN.slice(0, -32)
  const changed = change(covered) ?? covered
  return Uint8Array.from([...changed, ...nodeSha256([changed])])
}

function withHeader(change: Partial<DeltaHeader>): Uint8Array {
  const { header, packed } = readDeltaFile(GOLDEN, nodeSha256)
  const changed = { ...header, ...change }
  return writeDeltaFile(
    { header: { ...changed, ramBytes: change.ramBytes ?? decoderRam(changed) }, packed },
    nodeSha256,
  )
}

describe('a differential file', () => {
  test('of these bytes gives this image', () => {
    expect(applied(old, GOLDEN)).toEqual(fresh)
  })

  test('is read and written again byte for byte', () => {
    expect(writeDeltaFile(readDeltaFile(GOLDEN, nodeSha256), nodeSha256)).toEqual(GOLDEN)
  })

  test('with any one byte changed is refused', () => {
    for (let at = 0; at < GOLDEN.length; at++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const changed = GOLDEN.slice()
        changed[at] = changed[at]! ^ bits
        expect(() => applied(old, changed)).toThrow(/^The differential file /)
      }
    }
  })

  test('cut off anywhere, or with a byte more, is refused', () => {
    for (let length = 0; length < GOLDEN.length; length++) {
      expect(() => applied(old, GOLDEN.subarray(0, length))).toThrow(/^The differential file /)
    }
    expect(() => applied(old, Uint8Array.from([...GOLDEN, 0]))).toThrow('should have 153')
  })

  test('with a right digest and any one byte wrong never gives another image', () => {
    for (let at = 0; at < GOLDEN.length - 32; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const file = forged(covered => void (covered[at] = covered[at]! ^ (1 << bit)))
        expect(['refused', toHex(fresh)]).toContain(resultOf(file))
      }
    }
  })

  test('of any bytes is refused with a reason', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), tail => {
        const file = forged(covered => Uint8Array.from([...covered.subarray(0, 6), ...tail]))
        expect(() => applied(old, file)).toThrow(/^The differential file /)
      }),
    )
  })

  test('is applied to the image it was made from and to no other', () => {
    const other = old.slice()
    other[7] = 0
    for (const wrong of [other, old.subarray(1), new Uint8Array(0)]) {
      expect(() => applied(wrong, GOLDEN)).toThrow(/was made from.*200 bytes.*d7e637de.*Give that/)
    }
  })

  test('looks at no byte of the old image while the file itself is damaged', () => {
    const read = () => expect.unreachable('It read the old image.')
    const damaged = GOLDEN.subarray(1)
    expect(() => applyDelta({ bytes: 200, read }, damaged, nodeSha256)).toThrow('KDLT')
  })

  test('of another kind is refused with what it is', () => {
    const withByte = (at: number, value: number) => forged(covered => void (covered[at] = value))
    expect(() => applied(old, withByte(4, 2))).toThrow('has format version 2')
    expect(() => applied(old, withByte(5, 2))).toThrow('has the unknown flags 2')
    expect(() => applied(old, withByte(5, 5))).toThrow('has the unknown flags 5')
  })

  test('that claims gigabytes is refused before anything is allocated', () => {
    const digests = GOLDEN.subarray(0, 70)
    const claim = new NumberWriter()
    claim.varint(200)
    claim.varint(0xffff_ffff)
    const file = forged(() => Uint8Array.from([...digests, ...claim.taken()]))
    expect(() => applied(old, file)).toThrow('claims 4294967295 as size of the new image')
  })

  test.each([
    ['more RAM than it takes', { ramBytes: 2 ** 31 }, 'says it takes 2147483648 bytes of RAM'],
    ['a larger new image', { newBytes: 60_000_000 }, 'more literals than it holds'],
    ['a smaller new image', { newBytes: 204 }, 'outside the new image'],
    ['fewer moves', { movesMax: 1 }, 'more moves than it announces'],
    ['a digest of something else', { newDigest: new Uint8Array(32) }, 'another image'],
  ])('that announces %s is refused', (_, change, reason) => {
    expect(() => applied(old, withHeader(change))).toThrow(reason)
  })

  test('changed anywhere in a sample of a real one is refused', async () => {
    const pair = FIRMWARE_PAIRS[1]!
    const file = await made(pair.old, pair.fresh)
    for (let at = 0; at < file.length; at += 7) {
      const changed = file.slice()
      changed[at] = changed[at]! ^ (1 << (at % 8))
      expect(() => applied(pair.old, changed)).toThrow(/^The differential file /)
    }
  })
})
