import { describe, expect, test } from 'vitest'
import { encodeDescriptor } from '../../src-main/wire/image/descriptor'
import { decodeIdentity, encodeIdentity } from '../../src-main/handset/boot/identity'
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

describe('a chip with software', () => {
  const software = plausibleImage(9000, 1)
  const chip = makeChip({ ...order, software })

  test('is what a finished restore and a boot leave behind on a fresh one', () => {
    const flash = smallFlash({ contents: makeChip(order) })
    uploadAll(benchOf(flash), software)
    benchOf(flash).journal.confirm()
    expect(chip).toEqual(flash.dump())
    expect(benchOf(smallFlash({ contents: chip })).boot()).toEqual({ kind: 'software' })
  })

  test('is not made of software that is too large', () => {
    const large = new Uint8Array(executable.bytes + 1)
    expect(() => makeChip({ ...order, software: large })).toThrow(
      'The software has 24577 bytes, the executable region of a small 24576.',
    )
    expect(() => makeChip({ ...order, software: large.subarray(1) })).not.toThrow()
  })

  test('is not made of software that says it is for another model', () => {
    const foreign = plausibleImage(9000, 1)
    const facts = { name: 'plain', version: '1.0.0', agentLevel: 1, bytes: 9000, crc32: 0 }
    foreign.set(encodeDescriptor({ ...facts, model: 'k2' }), 0x40)
    expect(() => makeChip({ ...order, software: foreign })).toThrow('made for the handset model k2')
    foreign.set(encodeDescriptor({ ...facts, model: 'small' }), 0x40)
    expect(() => makeChip({ ...order, software: foreign })).not.toThrow()
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
    expect(() => adoptChip(dump, order)).toThrow('no identity is at 0x0000e000')
  })

  test('of another model is refused, of the same size or not', () => {
    const dump = makeChip(order)
    const deviceKey = new Uint8Array(32)
    for (const terminalId of ['K1-0123456789AB', 'SMALL-K2-0123456789AB', 'SMALL', 'X']) {
      dump.set(encodeIdentity({ terminalId, deviceKey }), identity.address)
      expect(() => adoptChip(dump, order)).toThrow(
        `The file is the flash of the handset ${terminalId}, which is no small.`,
      )
    }
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
    expect([sectors[0], sectors[5]]).toEqual([false, false])
  })

  test('is brought back by one upload', () => {
    const bench = benchOf(smallFlash({ contents: chip }))
    expect(uploadAll(bench, plausibleImage(5000, 1))).toMatchObject({ match: true })
    expect(bench.boot()).toEqual({ kind: 'software' })
  })
})

describe('a chip that lost its power while other software was written over what it held', () => {
  const [old, next] = [plausibleImage(24_000, 1), plausibleImage(22_000, 2)]

  function bricked(seed: number): Uint8Array {
    const chip = makeChip({ ...order, software: old })
    brickChip(chip, { ...order, seed, next })
    return chip
  }

  test('holds new bytes, a torn sector, an erased one and old bytes, and its open journal says so', () => {
    const tornSectors = new Set<number>()
    for (let seed = 0; seed < 40; seed++) {
      const chip = bricked(seed)
      const sector = (number: number) => chip.subarray(0x1000 + 4096 * number).subarray(0, 4096)
      const numbers = [0, 1, 2, 3, 4, 5]
      const news = numbers.filter(n => isPart(sector(n), next, n))
      const olds = numbers.filter(n => isPart(sector(n), old, n))
      const torn = news.length
      tornSectors.add(torn)
      expect(news).toEqual(numbers.slice(0, torn))
      expect(olds).toEqual(numbers.slice(torn + 2))
      expect(olds.length).toBeGreaterThan(0)
      expect(sector(torn + 1).every(byte => byte === 0xff)).toBe(true)
      expectTorn(sector(torn), next.subarray(4096 * torn))
      const bench = benchOf(smallFlash({ contents: chip }))
      expect(bench.journal.newest()).toEqual({
        kind: 'begin',
        opens: false,
        sequence: 7,
        length: 22_000,
        sha256: nodeSha256([next]),
      })
      expect(bench.boot()).toEqual({ kind: 'restore-mode', reason: 'journal-open' })
    }
    expect([1, 2, 3, 4].filter(sector => tornSectors.has(sector))).toEqual([1, 2, 3])
  })

  test('is the same for the same seed and keeps all else', () => {
    expect(bricked(5)).toEqual(bricked(5))
    const whole = makeChip({ ...order, software: old })
    const behind = regionOf(smallModel, 'stash').address
    expect(bricked(5).subarray(behind)).toEqual(whole.subarray(behind))
  })

  test('is bricked again, and with software of one sector or less', () => {
    const twice = bricked(1)
    brickChip(twice, { ...order, next: old })
    expect(benchOf(smallFlash({ contents: twice })).journal.newest()?.sequence).toBe(9)
    for (const bytes of [1, 300, 600, 4096, 9000]) {
      const chip = makeChip({ ...order, software: old })
      brickChip(chip, { ...order, next: next.subarray(0, bytes) })
      expect(chip.subarray(0x1000, 0x7000)).not.toEqual(old)
      expect(chip.subarray(0xa000)).toEqual(makeChip(order).subarray(0xa000))
      expect(benchOf(smallFlash({ contents: chip })).boot()).toMatchObject({
        reason: 'journal-open',
      })
    }
  })
})

test('software shorter than a sector is torn before its end, whatever the seed', () => {
  const [old, next] = [plausibleImage(3000, 1), plausibleImage(1000, 2)]
  for (let seed = 0; seed < 40; seed++) {
    const chip = makeChip({ ...order, software: old })
    brickChip(chip, { ...order, seed, next })
    const region = chip.subarray(executable.address, executable.address + 4096)
    const wanted = new Uint8Array(4096).fill(0xff)
    wanted.set(next)
    expect(region.subarray(0, 256)).toEqual(next.subarray(0, 256))
    expect(isPart(region, next, 0)).toBe(false)
    expect(region.every((byte, at) => (byte & wanted[at]!) === wanted[at])).toBe(true)
  }
})

function isPart(sector: Uint8Array, image: Uint8Array, number: number): boolean {
  const part = image.subarray(4096 * number).subarray(0, 4096)
  return part.length > 0 && part.every((byte, at) => byte === sector[at])
}

/** Whole pages, one in which no bit fell that had not to, and nothing behind it. */
function expectTorn(sector: Uint8Array, wanted: Uint8Array): void {
  const pages = Array.from({ length: 16 }, (_, page) => page)
  const at = (bytes: Uint8Array, page: number) => bytes.subarray(256 * page).subarray(0, 256)
  const done = pages.findIndex(page => !isSame(at(sector, page), at(wanted, page)))
  expect(done).toBeGreaterThan(0)
  for (const [index, byte] of at(sector, done).entries()) {
    expect(byte & (at(wanted, done)[index] ?? 0)).toBe(at(wanted, done)[index])
  }
  expect(sector.subarray(256 * (done + 1)).every(byte => byte === 0xff)).toBe(true)
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
