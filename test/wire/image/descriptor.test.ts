import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../../src-main/base/bytes'
import {
  decodeDescriptor,
  descriptorFlaw,
  describedSoftware,
  encodeDescriptor,
  modelMadeFor,
} from '../../../src-main/wire/image/descriptor'
import { sourceOf } from '../../../src-main/wire/image/mcuboot'
import { fromHex } from '../../support/from-hex'

// Written by hand after resources/firmware/README.md: magic KSWD, format 1, agent level 3, model
// k1, name "classic", version 2.10.345, image of 0xc0de bytes, its CRC-32, eight bytes 0xff.
const GOLDEN = [
  '4b535744 0100 0300',
  '6b310000000000000000000000000000',
  '636c6173736963000000000000000000',
  '0200 0a00 5901 0000',
  'dec00000 78563412 ffffffffffffffff',
].join(' ')
const classic = {
  model: 'k1',
  name: 'classic',
  version: '2.10.345',
  agentLevel: 3,
  bytes: 0xc0de,
  crc32: 0x1234_5678,
}

function golden(): Uint8Array {
  return fromHex(GOLDEN)!
}

/** An image of so many bytes that carries the descriptor in its place. */
function imageOf(bytes: number): Uint8Array {
  const image = new Uint8Array(bytes)
  image.set(golden(), 0x40)
  return image
}

test('a descriptor is read from its 64 bytes, and written as the same', () => {
  expect(decodeDescriptor(golden())).toEqual(classic)
  expect(toHex(encodeDescriptor(classic))).toBe(toHex(golden()))
})

describe('what is no descriptor of this format', () => {
  test.each<[string, number, number[]]>([
    ['another magic', 0, [0x4c]],
    ['format 2', 4, [2]],
    ['a model that is empty', 8, [0]],
    ['a model with a control character', 9, [7]],
    ['a model with bytes behind its end', 12, [0x41]],
    ['a name beyond ASCII', 24, [0xe9]],
    ['a name that begins with a space', 24, [0x20]],
    ['a reserved field that is used', 46, [1]],
    ['an image that ends inside its descriptor', 48, [0x7f, 0, 0, 0]],
    ['bytes at the end that are not erased', 63, [0xfe]],
  ])('%s is none', (_what, at, change) => {
    const bytes = golden()
    bytes.set(change, at)
    expect(decodeDescriptor(bytes)).toBeUndefined()
  })

  test('63 or 65 bytes, zeros and erased flash are none', () => {
    const bytes = golden()
    expect(decodeDescriptor(bytes.subarray(0, 63))).toBeUndefined()
    expect(decodeDescriptor(Uint8Array.of(...bytes, 0xff))).toBeUndefined()
    expect(decodeDescriptor(new Uint8Array(64))).toBeUndefined()
    expect(decodeDescriptor(new Uint8Array(64).fill(0xff))).toBeUndefined()
  })

  test('fields that do not fit are a defect of whoever writes them', () => {
    for (const misfit of [
      { ...classic, name: 'a name of seventeen' },
      { ...classic, name: '' },
      { ...classic, version: '1.2' },
      { ...classic, version: '1.2.70000' },
      { ...classic, bytes: 12 },
    ]) {
      expect(() => encodeDescriptor(misfit)).toThrow('a descriptor holds its fields')
    }
  })
})

test('software is described only where all of it can be there', () => {
  expect(describedSoftware(sourceOf(imageOf(0xc0de)))).toEqual(classic)
  expect(describedSoftware(sourceOf(imageOf(0xc0dd)))).toBeUndefined()
  expect(describedSoftware(sourceOf(imageOf(0x80).subarray(0, 0x7f)))).toBeUndefined()
  expect(describedSoftware(sourceOf(new Uint8Array(0)))).toBeUndefined()
})

test('reading a description takes 64 bytes of the flash and no more', () => {
  const image = imageOf(0xc0de)
  const reads: [number, number][] = []
  const read = (at: number, length: number) => {
    reads.push([at, length])
    return image.subarray(at, at + length)
  }
  describedSoftware({ length: image.length, read })
  expect(reads).toEqual([[0x40, 64]])
})

test('an image is another model’s only where a whole descriptor says so', () => {
  const image = imageOf(0x80)
  expect(modelMadeFor(image, 'k1')).toBeUndefined()
  expect(modelMadeFor(image, 'k2')).toBe('k1')
  expect(modelMadeFor(image.subarray(0, 0x7f), 'k2')).toBeUndefined()
  image[0x43]! ^= 1
  expect(modelMadeFor(image, 'k2')).toBeUndefined()
})

test('an image that is not what its descriptor says is told from a whole one', () => {
  const whole = new Uint8Array(readFileSync('resources/firmware/k1-1.0.0.bin'))
  expect(descriptorFlaw(whole)).toBeUndefined()
  expect(descriptorFlaw(concatBytes([whole, new Uint8Array(9).fill(0xff)]))).toBeUndefined()
  expect(descriptorFlaw(whole.subarray(0, -1))).toBe(
    `its descriptor announces ${whole.length} bytes, it has ${whole.length - 1}`,
  )
  whole[0x200]! ^= 1
  expect(descriptorFlaw(whole)).toBe('its bytes do not have the CRC of its descriptor')
  expect(descriptorFlaw(new Uint8Array(300))).toBeUndefined()
  expect(descriptorFlaw(new Uint8Array(0))).toBeUndefined()
})
