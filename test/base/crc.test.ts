import { crc32 as zlibCrc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { asciiBytes } from '../../src-main/base/bytes'
import { crc16Xmodem, crc32 } from '../../src-main/base/crc'
import { seededRandom } from '../../src-main/base/random'

const CHECK = asciiBytes('123456789')

test('the check values of both CRCs', () => {
  expect(crc16Xmodem(CHECK)).toBe(0x31c3)
  expect(crc32(CHECK)).toBe(0xcbf43926)
})

test('the CRCs of nothing', () => {
  expect(crc16Xmodem(new Uint8Array())).toBe(0)
  expect(crc32(new Uint8Array())).toBe(0)
})

test('CRC-16 over bytes and their CRC is 0', () => {
  expect(crc16Xmodem(Uint8Array.of(...CHECK, 0x31, 0xc3))).toBe(0)
})

test('CRC-32 agrees with zlib', () => {
  const random = seededRandom(32)
  for (let length = 0; length < 300; length++) {
    const bytes = random.bytes(length)
    expect(crc32(bytes)).toBe(zlibCrc32(bytes))
  }
})
