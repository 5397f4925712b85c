import { beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { SharedDecoder } from '../../../src-main/handset/fleet/shared-decoder'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { SectorPool } from '../../../src-main/handset/flash/sector-pool'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { type OldImage, oldImageOf } from '../../../src-main/wire/delta/apply'
import { decodeAhead } from '../../../src-main/wire/delta/open-rewrite-source'
import { k1Image, offerOf } from '../../support/update-offer'
import { k1 } from '../running-handset'

const OLD = k1Image('1.0.0')
let file: Uint8Array
beforeAll(async () => {
  file = (await offerOf(OLD, k1Image('1.1.0'))).file
})

function flash(): NorFlash {
  return new NorFlash({ geometry: k1.flash, timing: k1.flash.timing })
}

describe('flashes that share what they hold alike', () => {
  test('read as before, and one that is changed changes alone', () => {
    const original = flash()
    const pool = new SectorPool(nodeSha256)
    const copies = [1, 2, 3].map(() => original.clone())
    for (const copy of copies) {
      copy.program(0x1000, new Uint8Array([1, 2, 3]))
      copy.settle()
      copy.shareSectors(pool)
    }
    const [first, second, third] = copies
    first?.program(0x1003, new Uint8Array([4]))
    second?.erase(0x1000)
    const read = (chip: NorFlash | undefined) => [...(chip?.read(0x1000, 4) ?? [])]
    expect(read(first)).toEqual([1, 2, 3, 4])
    expect(read(second)).toEqual([0xff, 0xff, 0xff, 0xff])
    expect(read(third)).toEqual([1, 2, 3, 0xff])
    expect(read(original)).toEqual([0xff, 0xff, 0xff, 0xff])
  })

  test('share one piece of memory for equal sectors', () => {
    const pool = new SectorPool(nodeSha256)
    const [one, other] = [new Uint8Array([1, 2]), new Uint8Array([1, 2])]
    expect(pool.same(one)).toBe(one)
    expect(pool.same(other)).toBe(one)
    expect(pool.same(new Uint8Array([1, 3]))).not.toBe(one)
  })
})

test('what a flash holds may be another after every operation and every power-up', () => {
  const chip = flash()
  const seen = [chip.revision]
  const note = () => seen.push(chip.revision)
  chip.program(0, new Uint8Array([0]))
  note()
  chip.erase(0)
  note()
  chip.interrupt(0)
  chip.powerUp()
  note()
  chip.powerUp()
  expect(chip.revision).toBe(seen.at(-1))
  expect(new Set(seen).size).toBe(4)
})

describe('a decoder for many handsets', () => {
  /** A piece is good until the next one is asked for. */
  const piecesOf = (source: ReturnType<SharedDecoder['open']>, { read }: OldImage) =>
    source.plan.steps.map((_, step) =>
      toHex(nodeSha256(Array.from(source.pieces(step, read), piece => piece.slice()))),
    )

  test('makes of the same old bytes what any decoder makes, time and again', () => {
    const decoder = new SharedDecoder(nodeSha256)
    const expected = piecesOf(decodeAhead(file, nodeSha256), oldImageOf(OLD))
    for (let handset = 0; handset < 3; handset++) {
      decoder.prove(oldImageOf(OLD), file)
      expect(piecesOf(decoder.open(file.slice()), oldImageOf(OLD))).toEqual(expected)
    }
  })

  test('looks at the old bytes of each handset', () => {
    const decoder = new SharedDecoder(nodeSha256)
    piecesOf(decoder.open(file), oldImageOf(OLD))
    const damaged = OLD.map((byte, at) => (at % 64 === 0 ? byte ^ 1 : byte))
    const made = piecesOf(decoder.open(file), oldImageOf(damaged))
    expect(made).toEqual(piecesOf(decodeAhead(file, nodeSha256), oldImageOf(damaged)))
    decoder.prove(oldImageOf(OLD), file)
    expect(() => decoder.prove(oldImageOf(damaged), file)).toThrow(
      expect.objectContaining({ code: 'DELTA_WRONG_OLD' }),
    )
  })

  test('looks at the file of each handset', () => {
    const decoder = new SharedDecoder(nodeSha256)
    decoder.prove(oldImageOf(OLD), file)
    const damaged = file.map((byte, at) => (at === 200 ? byte ^ 1 : byte))
    expect(() => decoder.prove(oldImageOf(OLD), damaged)).toThrow(
      expect.objectContaining({ code: 'DELTA_DAMAGED' }),
    )
  })
})
