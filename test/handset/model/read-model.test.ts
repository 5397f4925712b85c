import { describe, expect, test } from 'vitest'
import k1 from '../../../resources/handsets/k1.json'
import { regionOf } from '../../../src-main/handset/model/model'
import { readModel } from '../../../src-main/handset/model/read-model'

const model = readModel(k1)

test('the k1 is laid out as decided', () => {
  const layout = model.regions.map(({ name, address, bytes }) => [name, address, bytes])
  expect(layout).toEqual([
    ['protected', 0x000000, 64 * 1024],
    ['executable', 0x010000, 1536 * 1024],
    ['journal', 0x190000, 2 * 4096],
    ['stash', 0x192000, 8 * 4096],
    ['backup', 0x19a000, 3 * 4096],
    ['identity', 0x19d000, 4096],
    ['application-storage', 0x19e000, 98 * 4096],
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

test('a region is found by its name', () => {
  expect(regionOf(model, 'identity').address).toBe(0x19d000)
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
    ['a long journal', changed(json => (json.regions[2]!.bytes = '0x1000')), 'must be 2 sectors'],
    [
      'an address as words',
      changed(json => (json.flash.bytes = '2 MiB')),
      'flash: bytes must be a',
    ],
    ['pages across sectors', changed(json => (json.flash.pageBytes = 384)), 'must divide a sector'],
    ['an odd flash', changed(json => (json.flash.bytes = '0x1fff00')), 'must divide the flash'],
    ['no buffers', changed(json => (json.restore.smp.bufferCount = 0)), 'bufferCount must be'],
    [
      'a foreign protocol',
      changed(json => (json.restore.protocols = ['zmodem'])),
      '"zmodem" is not',
    ],
    [
      'time running backwards',
      changed(json => (json.flash.timing.eraseMilliseconds = -1)),
      'timing: eraseMilliseconds',
    ],
  ])('%s', (_what, json, message) => {
    expect(() => readModel(json)).toThrow(message)
  })
})
