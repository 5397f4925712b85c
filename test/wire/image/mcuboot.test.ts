import { describe, expect, test } from 'vitest'
import { mcubootHeaderBytes, readMcubootImage } from '../../../src-main/wire/image/mcuboot'
import { hex, patched } from './files'

const HASH = 'ab'.repeat(32)

/** Version 1.2.300, 4 bytes of code behind a header of 32. */
const HEADER = '3db8f396 00000000 2000 0000 04000000 00000000 01022c01 00000000 00000000'
const IMAGE = hex(`${HEADER} deadbeef 0769 2800 1000 2000 ${HASH}`)
const PROTECTED_HEADER = HEADER.replace('2000 0000', '2000 0c00')
const PROTECTED = hex(
  `${PROTECTED_HEADER} deadbeef 0869 0c00 5000 0400 01020304 0769 2c00 ff00 0000 1000 2000 ${HASH}`,
)

test('version, hash and what the hash is of', () => {
  expect(readMcubootImage(IMAGE)).toEqual({
    version: '1.2.300',
    hash: hex(HASH),
    hashedBytes: 36,
  })
})

test('protected entries are part of what is hashed, other entries are passed over', () => {
  expect(readMcubootImage(PROTECTED)).toMatchObject({ hash: hex(HASH), hashedBytes: 48 })
})

test('a build number is part of the version', () => {
  expect(readMcubootImage(patched(IMAGE, 24, '07000000'))?.version).toBe('1.2.300.7')
})

test('bytes behind the trailer, as an erased flash has them, do no harm', () => {
  const inFlash = new Uint8Array([...IMAGE, ...new Uint8Array(100).fill(0xff)])
  expect(readMcubootImage(inFlash)).toEqual(readMcubootImage(IMAGE))
})

test('where the program begins', () => {
  expect(mcubootHeaderBytes(IMAGE)).toBe(32)
  expect(mcubootHeaderBytes(IMAGE.subarray(0, 31))).toBeUndefined()
  expect(mcubootHeaderBytes(hex('00'.repeat(32)))).toBeUndefined()
})

describe('what does not add up is no such image', () => {
  test.each([
    ['too short', IMAGE.subarray(0, 31)],
    ['another magic number', patched(IMAGE, 0, '00')],
    ['a header of 8 bytes', patched(IMAGE, 8, '0800')],
    ['a body beyond the end', patched(IMAGE, 12, 'ffffffff')],
    ['no trailer', IMAGE.subarray(0, 36)],
    ['a trailer of another kind', patched(IMAGE, 36, '0000')],
    ['a trailer beyond the end', IMAGE.subarray(0, -1)],
    ['an entry beyond the trailer', patched(IMAGE, 42, '2100')],
    ['a hash of 31 bytes', patched(IMAGE, 42, '1f00')],
    ['no hash', patched(IMAGE, 40, '1100')],
    ['protected entries that are announced but not there', patched(IMAGE, 10, '0c00')],
  ])('%s', (_, bytes) => {
    expect(readMcubootImage(bytes)).toBeUndefined()
  })
})
