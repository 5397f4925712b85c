import { describe, expect, test } from 'vitest'
import { AddressMap } from '../../../src-main/wire/delta/address-map'
import { toHex } from '../../../src-main/base/bytes'
import { seededRandom } from '../../../src-main/base/random'
import { oldImageOf } from '../../../src-main/wire/delta/apply'
import { KNOWN_KINDS, PREDICTION_KINDS } from '../../../src-main/wire/delta/kinds'
import { Predictor } from '../../../src-main/wire/delta/predictor'
import { fromHex } from '../../support/from-hex'

/** Code before 0x1000 stays, code from there on moves up by 0x40. */
const map = new AddressMap([
  { oldStart: 0, newStart: 0, length: 0x1000 },
  { oldStart: 0x1000, newStart: 0x1040, length: 0x1000 },
])
const OLD_BYTES = 0x2000

/** What becomes of bytes at 0x100 of the old image, which stay there. */
function predicted(kind: string, hex: string, base = 0): string {
  const old = new Uint8Array(OLD_BYTES)
  const bytes = fromHex(hex)!
  old.set(bytes, 0x100)
  const kinds = 1 << PREDICTION_KINDS.findIndex(({ name }) => name === kind)
  const readOld = oldImageOf(old).read
  const predictor = new Predictor({ readOld, oldBytes: OLD_BYTES, map, kinds, bases: [base] })
  const cover = { oldStart: 0x100, newStart: 0x100, length: bytes.length }
  return Array.from(predictor.blocks(cover), block => toHex(block)).join('')
}

// The instructions stand at 0x100 and refer to 0x1200, which is at 0x1240 in the new image.
test.each([
  ['thumb-branches', 'BL', '01f07ef8', '01f09ef8'],
  ['thumb-branches', 'BLX', '01f07ee8', '01f09ee8'],
  ['thumb-branches', 'B.W', '01f07eb8', '01f09eb8'],
  ['arm-branches', 'BL', '3e0400eb', '4e0400eb'],
  ['aarch64-branches', 'BL', '40040094', '50040094'],
  ['aarch64-pages', 'ADRP and ADD', '000000b000000891', '000000b000000991'],
  ['riscv-jumps', 'JAL', 'ef100010', 'ef100014'],
  ['riscv-pairs', 'AUIPC and ADDI', '1715000013050510', '1715000013050514'],
  ['powerpc-branches', 'bl', '48001101', '48001141'],
  ['x86-branches', 'CALL', 'e8fb100000', 'e83b110000'],
  ['x86-branches', 'JE', '0f84fa100000', '0f843a110000'],
  ['aligned-pointers', 'a word', '00120000', '40120000'],
  ['unaligned-pointers', 'a word', '00120000', '40120000'],
  ['relative-pointers', 'a word', '00110000', '40110000'],
])('%s: %s follows its target', (kind, _, before, after) => {
  expect(predicted(kind, before)).toBe(after)
})

describe('a prediction', () => {
  test('of a pointer counts from the address of the image', () => {
    expect(predicted('aligned-pointers', '01120008', 0x0800_0000)).toBe('41120008')
    expect(predicted('aligned-pointers', '00120000', 0x0800_0000)).toBe('00120000')
  })

  test('leaves what refers to outside the image', () => {
    expect(predicted('x86-branches', 'e8000000ff')).toBe('e8000000ff')
    expect(predicted('thumb-branches', 'fff7fefb')).toBe('fff7fefb')
  })

  test('leaves a reference that the cover cuts off', () => {
    expect(predicted('aligned-pointers', '001200')).toBe('001200')
  })

  test('reaches over the border of blocks as if there were none', () => {
    const old = new Uint8Array(4096)
    // A call at 1022, cut by the border at 1024, to 2024.
    old.set([0xe8, 0xfd, 0x03, 0, 0], 1022)
    const whole = new AddressMap([{ oldStart: 2000, newStart: 2016, length: 2000 }])
    const readOld = oldImageOf(old).read
    const predictor = new Predictor({
      readOld,
      oldBytes: old.length,
      map: whole,
      kinds: 1 << PREDICTION_KINDS.findIndex(({ name }) => name === 'x86-branches'),
      bases: [],
    })
    const cover = { oldStart: 0, newStart: 0, length: 4096 }
    // Each block lies where the one before lay.
    const all = Array.from(predictor.blocks(cover), block => [...block]).flat()
    expect(all.length).toBe(4096)
    expect(all.slice(1022, 1027)).toEqual([0xe8, 0x0d, 0x04, 0, 0])
  })

  test('of any bytes by all kinds at once keeps their number', () => {
    const old = seededRandom(9).bytes(9000)
    const readOld = oldImageOf(old).read
    const settings = { readOld, oldBytes: old.length, map, kinds: KNOWN_KINDS, bases: [0, 0x1000] }
    for (const [oldStart, length] of [
      [0, 9000],
      [1, 1023],
      [3, 1025],
      [2, 1],
    ] as const) {
      const blocks = [...new Predictor(settings).blocks({ oldStart, newStart: 77, length })]
      expect(blocks.reduce((sum, block) => sum + block.length, 0)).toBe(length)
    }
  })
})

describe('the address map', () => {
  test('follows the nearer move between two, and knows none where there is none', () => {
    const two = new AddressMap([
      { oldStart: 100, newStart: 110, length: 50 },
      { oldStart: 200, newStart: 190, length: 50 },
    ])
    expect([0, 100, 149, 160, 190, 249, 400].map(at => two.moved(at))).toEqual([
      10, 110, 159, 170, 180, 239, 390,
    ])
    expect(new AddressMap([]).moved(5)).toBe(5)
  })

  test('believes the longer of two moves that overlap', () => {
    const long = { oldStart: 100, newStart: 200, length: 100 }
    const inside = { oldStart: 120, newStart: 900, length: 10 }
    const across = { oldStart: 180, newStart: 500, length: 40 }
    const moved = new AddressMap([inside, across, long])
    expect([125, 185, 199, 200, 210].map(at => moved.moved(at))).toEqual([225, 285, 299, 520, 530])
  })

  test('compares a long move with all that it hides', () => {
    const first = { oldStart: 0, newStart: 0, length: 100 }
    const second = { oldStart: 50, newStart: 60, length: 70 }
    const third = { oldStart: 60, newStart: 80, length: 140 }
    const moved = new AddressMap([first, second, third])
    expect([55, 60, 110, 199].map(at => moved.moved(at))).toEqual([55, 80, 130, 219])
    expect(moved.size).toBe(2)
  })
})
