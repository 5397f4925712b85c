import { describe, expect, test } from 'vitest'
import { decodeIdentity } from '../../src-main/handset/boot/identity'
import { adoptChip, brickChip, makeChip } from '../../src-main/handset/chip'
import { regionOf } from '../../src-main/handset/model/model'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import {
  benchOf,
  executable,
  smallFlash,
  smallModel,
  uploadAll,
  plausibleImage,
} from './small-handset'

const order = { model: smallModel, name: 'bench', seed: 7, sha256: nodeSha256 }
const identity = regionOf(smallModel, 'identity')

function identityIn(chip: Uint8Array) {
  return decodeIdentity(chip.subarray(identity.address, identity.address + identity.bytes))
}

describe('a fresh chip', () => {
  test('holds an identity and is erased elsewhere', () => {
    const chip = makeChip(order)
    expect(identityIn(chip)).toBeDefined()
    const programmed = [...chip].flatMap((byte, at) => (byte === 0xff ? [] : [at]))
    expect(Math.min(...programmed)).toBe(identity.address)
    expect(Math.max(...programmed)).toBeLessThan(identity.address + 72)
  })
})

describe('a dump', () => {
  test('keeps the identity it holds, whatever name is given', () => {
    const dump = makeChip(order)
    expect(adoptChip(dump, { ...order, name: 'desk', seed: 1 })).toEqual(dump)
  })

  test('without an identity is given one', () => {
    const chip = adoptChip(new Uint8Array(65_536).fill(0xff), order)
    expect(identityIn(chip)).toEqual(identityIn(makeChip(order)))
  })

  test('with something else in the place of the identity is refused', () => {
    const dump = makeChip(order)
    dump[identity.address + 5]! ^= 1
    expect(() => adoptChip(dump, order)).toThrow('no identity is at 0x0000d000')
  })

  test('of another size is refused with both sizes', () => {
    expect(() => adoptChip(new Uint8Array(65_535), order)).toThrow(
      'The flash of a small has 65536 bytes, the file has 65535.',
    )
  })
})

describe('a bricked chip', () => {
  const chip = makeChip(order)
  brickChip(chip, order)

  test('is the same for the same seed and another for another', () => {
    const [again, other] = [makeChip(order), makeChip(order)]
    brickChip(again, order)
    brickChip(other, { ...order, seed: 8 })
    expect(again).toEqual(chip)
    expect(other).not.toEqual(chip)
  })

  test('keeps its identity, and what a rewrite never reaches', () => {
    const before = makeChip(order)
    const from = regionOf(smallModel, 'stash').address
    expect(chip.subarray(from)).toEqual(before.subarray(from))
    expect(chip.subarray(0, executable.address)).toEqual(before.subarray(0, executable.address))
  })

  test('is in the middle of a rewrite: an erased gap between bytes on both sides', () => {
    const sectors = smallFlash({ contents: chip }).erasedSectors().slice(1, 7)
    expect(sectors.filter(erased => erased).length).toBe(1)
    expect([sectors[0], sectors[5]]).toContain(false)
  })

  test('is brought back by one upload', () => {
    const bench = benchOf(smallFlash({ contents: chip }))
    expect(uploadAll(bench, plausibleImage(5000, 1))).toMatchObject({ match: true })
    expect(bench.boot()).toEqual({ kind: 'software' })
  })
})
