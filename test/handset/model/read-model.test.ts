import { describe, expect, test } from 'vitest'
import flashParts from '../../../resources/flash-parts.json'
import k1 from '../../../resources/handsets/k1.json'
import k2 from '../../../resources/handsets/k2.json'
import { readFlashParts } from '../../../src-main/handset/flash/parts'
import { regionOf } from '../../../src-main/handset/model/model'
import { readModel } from '../../../src-main/handset/model/read-model'

const parts = readFlashParts(flashParts)
const model = readModel(k1, parts)
const MIB = 1024 * 1024

test('the k1 is laid out as decided', () => {
  const layout = model.regions.map(({ name, address, bytes }) => [name, address, bytes])
  expect(layout).toEqual([
    ['protected', 0x000000, 64 * 1024],
    ['executable', 0x010000, 1536 * 1024],
    ['journal', 0x190000, 3 * 4096],
    ['stash', 0x193000, 8 * 4096],
    ['backup', 0x19b000, 3 * 4096],
    ['identity', 0x19e000, 4096],
    ['application-storage', 0x19f000, 97 * 4096],
  ])
  expect(model.flash).toMatchObject({ bytes: 2 * 1024 * 1024, sectorBytes: 4096, pageBytes: 256 })
  expect(model.ram.bytes).toBe(264 * 1024)
})

test('the regions of the k1 fill its flash, sector by sector, and none overlaps', () => {
  const owners = new Map<number, string>()
  for (const { name, address, bytes } of model.regions) {
    expect([address % 4096, bytes % 4096]).toEqual([0, 0])
    for (let sector = address / 4096; sector < (address + bytes) / 4096; sector++) {
      expect(owners.get(sector)).toBeUndefined()
      owners.set(sector, name)
    }
  }
  expect(owners.size).toBe(512)
  expect(Math.max(...owners.keys())).toBe(511)
})

test('the k2 is the same in blocks of 128 KiB, with a larger executable region and more storage', () => {
  const { flash, regions, ram } = readModel(k2, parts)
  expect(flash).toMatchObject({ bytes: 16 * MIB, sectorBytes: 131_072, pageBytes: 512 })
  expect(regions.map(({ name, bytes }) => [name, bytes / flash.sectorBytes])).toEqual([
    ['protected', 1],
    ['executable', 64],
    ['journal', 3],
    ['stash', 8],
    ['backup', 3],
    ['identity', 1],
    ['application-storage', 48],
  ])
  expect(ram).toEqual(model.ram)
})

test('the flash of the k2 erases slowly and programs a whole buffer at once', () => {
  expect(readModel(k2, parts).flash.timing).toEqual({
    profile: 'S29GL-S',
    eraseMilliseconds: 700,
    eraseMillisecondsMax: 2800,
    programBytes: 512,
    programMilliseconds: 0.5,
    programMillisecondsMax: 2,
    endurance: 100_000,
  })
})

test('a region is found by its name', () => {
  expect(regionOf(model, 'identity').address).toBe(0x19e000)
})

test('the flash of the k1 takes the times of its part', () => {
  expect(model.flash.timing).toEqual({
    profile: 'W25Q16BV',
    eraseMilliseconds: 30,
    eraseMillisecondsMax: 400,
    programBytes: 256,
    programMilliseconds: 0.7,
    programMillisecondsMax: 3,
    endurance: 100_000,
  })
})

test('a flash may have times of its own, and partitions', () => {
  const timing = { profile: 'mine', eraseMilliseconds: 10, programMilliseconds: 1, endurance: 50 }
  const flash = { ...k1.flash, partitionBytes: '0x40000', timing }
  expect(readModel({ ...k1, flash }).flash).toEqual({
    bytes: 0x200000,
    sectorBytes: 4096,
    pageBytes: 256,
    partitionBytes: 0x40000,
    timing: {
      ...timing,
      eraseMillisecondsMax: 40,
      programBytes: 256,
      programMillisecondsMax: 4,
    },
  })
})

function changed(change: (json: typeof k1) => void): unknown {
  const json = structuredClone(k1)
  change(json)
  return json
}

describe('a model that cannot be is refused with the field that is wrong', () => {
  test.each<[string, unknown, string]>([
    ['no object', [], 'handset model: must be an object'],
    ['no name', {}, 'handset model: name must be text'],
    ['a name that is none', changed(json => (json.name = 'K 1')), 'name must be 1 to 16'],
    [
      'an overlap',
      changed(json => (json.regions[3]!.address = '0x191000')),
      '"journal" and "stash"',
    ],
    [
      'a crooked region',
      changed(json => (json.regions[5]!.address = '0x19d100')),
      '"identity": must',
    ],
    [
      'a region too far',
      changed(json => (json.regions[6]!.bytes = '0x063000')),
      'behind the flash',
    ],
    ['a region missing', changed(json => json.regions.pop()), '"application-storage" once, not 0'],
    ['a region twice', changed(json => (json.regions[4]!.name = 'stash')), '"stash" once, not 2'],
    [
      'an unknown region',
      changed(json => (json.regions[4]!.name = 'spare')),
      'name must be one of',
    ],
    ['a long journal', changed(json => (json.regions[2]!.bytes = '0x1000')), 'must be 3 sectors'],
    [
      'an address as words',
      changed(json => (json.flash.bytes = '2 MiB')),
      'flash: bytes must be a',
    ],
    ['pages across sectors', changed(json => (json.flash.pageBytes = 384)), 'must divide a sector'],
    [
      'a part that cannot erase such sectors',
      changed(json => (json.flash.timing = 'M29W400D')),
      'timing M29W400D: no time is known for erasing 4096 bytes',
    ],
    [
      'a flash of times that run backwards',
      { ...k1, flash: { ...k1.flash, timing: { profile: 'mine', eraseMilliseconds: -1 } } },
      'flash, timing: eraseMilliseconds must be a number of 0 to 60000',
    ],
    [
      'partitions that do not fill the flash',
      { ...k1, flash: { ...k1.flash, partitionBytes: 12_288 } },
      'flash: partitionBytes must divide the flash',
    ],
    ['an odd flash', changed(json => (json.flash.bytes = '0x1fff00')), 'must divide the flash'],
    ['no buffers', changed(json => (json.restore.smp.bufferCount = 0)), 'bufferCount must be'],
    [
      'a foreign protocol',
      changed(json => (json.restore.protocols = ['zmodem'])),
      '"zmodem" is not',
    ],
    [
      'a part that nobody knows',
      changed(json => (json.flash.timing = 'W25Q')),
      'flash: timing "W25Q" is no known part',
    ],
  ])('%s', (_what, json, message) => {
    expect(() => readModel(json, parts)).toThrow(message)
  })
})
