import { describe, expect, test } from 'vitest'
import { fromHex } from '../../support/from-hex'
import { readMcubootImage, sourceOf } from '../../../src-main/wire/image/mcuboot'

const HASH = '11'.repeat(32)
/** Header of 32 bytes, 4 bytes of body, version 1.2.3+4; what follows is up to the test. */
const header = (protectedBytes = '0000', body = '04000000') =>
  `3db8f396 00000000 2000 ${protectedBytes} ${body} 00000000 01 02 0300 04000000 00000000`
const BODY = 'aabbccdd'
/** Area of 40 bytes: SHA-256 entry and nothing else. */
const TRAILER = `0769 2800 1000 2000 ${HASH}`

function read(hex: string) {
  const bytes = fromHex(hex)
  if (!bytes) throw new Error('not hexadecimal')
  return readMcubootImage(sourceOf(bytes))
}

describe('an image made for MCUboot', () => {
  test('tells its version, its hash and how many bytes the hash is of', () => {
    expect(read(`${header()} ${BODY} ${TRAILER}`)).toEqual({
      headerBytes: 32,
      version: '1.2.3.4',
      carried: { hash: new Uint8Array(32).fill(0x11), hashedBytes: 36 },
    })
  })

  test('may have protected entries, which are hashed, and others before the hash', () => {
    const protectedArea = '0869 0a00 5000 0200 0100'
    const trailer = `0769 2e00 0100 0200 beef 1000 2000 ${HASH}`
    expect(read(`${header('0a00')} ${BODY} ${protectedArea} ${trailer}`)).toMatchObject({
      carried: { hash: new Uint8Array(32).fill(0x11), hashedBytes: 46 },
    })
  })

  test.each([
    ['no trailer', `${header()} ${BODY}`],
    ['a body longer than the file', `${header('0000', 'ffffffff')} ${BODY} ${TRAILER}`],
    ['another magic before the entries', `${header()} ${BODY} 0869${TRAILER.slice(4)}`],
    ['an area longer than the file', `${header()} ${BODY} 0769 ff00 1000 2000 ${HASH}`],
    ['an entry longer than its area', `${header()} ${BODY} 0769 2800 1000 2100 ${HASH}`],
    ['a hash of another length', `${header()} ${BODY} 0769 2700 1000 1f00 ${HASH.slice(2)}`],
    ['no hash among the entries', `${header()} ${BODY} 0769 0a00 0100 0200 beef`],
    ['protected entries that are missing', `${header('0a00')} ${BODY} ${TRAILER}`],
    ['protected entries of another length', `${header('0800')} ${BODY} 0869 0a00 5000 ${TRAILER}`],
  ])('carries no hash with %s', (_name, hex) => {
    expect(read(hex)).toMatchObject({ version: '1.2.3.4' })
    expect(read(hex)?.carried).toBeUndefined()
  })

  test.each([
    ['no magic', `00${header().slice(2)} ${BODY} ${TRAILER}`],
    ['less than a header', '3db8f396 0000'],
  ])('is not one with %s', (_name, hex) => {
    expect(read(hex)).toBeUndefined()
  })
})
