import { describe, expect, test } from 'vitest'
import { decodeBase64, encodeBase64 } from '../../src-main/base/base64'
import { asciiBytes, asciiText } from '../../src-main/base/bytes'
import { seededRandom } from '../../src-main/base/random'

describe('the vectors of RFC 4648, section 10', () => {
  test.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('"%s" is "%s"', (plain, encoded) => {
    expect(asciiText(encodeBase64(asciiBytes(plain)))).toBe(encoded)
    expect(decodeBase64(asciiBytes(encoded))).toEqual(asciiBytes(plain))
  })
})

test('all 64 digits stand for their values', () => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const decoded = decodeBase64(asciiBytes(digits))
  expect(decoded?.subarray(0, 6)).toEqual(Uint8Array.of(0x00, 0x10, 0x83, 0x10, 0x51, 0x87))
  expect(asciiText(encodeBase64(decoded!))).toBe(digits)
})

test('it agrees with the platform', () => {
  const random = seededRandom(64)
  for (let length = 0; length < 200; length++) {
    const bytes = random.bytes(length)
    expect(asciiText(encodeBase64(bytes))).toBe(Buffer.from(bytes).toString('base64'))
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
  }
})

test.each(['A', 'AA', 'AAA', 'AAAAA', '====', 'A===', 'AA=A', '=AAA', 'AA==AAAA', 'AA-_', 'A AA'])(
  '"%s" is no base64',
  text => {
    expect(decodeBase64(asciiBytes(text))).toBeUndefined()
  },
)
