import { describe, expect, test } from 'vitest'
import { plainName } from '../../src-main/base/plain-name'
import { imageInfoOf } from '../../src-main/images/image-info'
import { readImage } from '../../src-main/wire/image/read-image'
import { HEX_END, hexLine, lines } from '../wire/image/files'

test('what is said of a file with a gap: the digest is that of what lands in the flash', () => {
  const file = lines(
    hexLine(0, 0x10, 'aa'),
    hexLine(0, 0x12, 'bb'),
    hexLine(5, 0, '00000011'),
    HEX_END,
  )
  expect(imageInfoOf({ name: 'a.hex', file, image: readImage(file) })).toEqual({
    name: 'a.hex',
    format: 'ihex',
    bytes: 2,
    segments: [
      { address: 0x10, bytes: 1 },
      { address: 0x12, bytes: 1 },
    ],
    // printf '\xaa\xff\xbb' | sha256sum
    sha256: 'ab8084b73446690b508473fa723c76d058eeee4bc4cffc2ea8ea4486ee0a5b5b',
    fileBytes: 60,
    fileSha256: 'd55f9440c4f31985b785177e87bdb8abbdb46343cc56bf0512d053b44a9cbee6',
    entry: 0x11,
    warnings: [],
  })
})

describe('names', () => {
  test.each([
    ['firmware.bin', 'firmware.bin'],
    ['/home/me/firmware.bin', 'firmware.bin'],
    ['C:\\fakepath\\firmware v2.bin', 'firmware v2.bin'],
    ['../../etc/passwd', 'passwd'],
    ['a\u0000b\u001B[31mc\nd.bin', 'ab[31mcd.bin'],
    ['evil\u202Enib.exe', 'evilnib.exe'],
    ['更新.bin', '更新.bin'],
    ['', 'image'],
    ['..', 'image'],
    ['dir/', 'image'],
    ['  ', 'image'],
    ['half \uD83D.bin', 'half \uFFFD.bin'],
  ])('%j becomes %j', (name, shown) => {
    expect(plainName(name, 'image')).toBe(shown)
  })

  test('long ones are cut, but no character is', () => {
    expect(plainName('x'.repeat(300), 'image')).toBe('x'.repeat(255))
    expect(plainName(`${'x'.repeat(254)}😀`, 'image')).toBe('x'.repeat(254))
  })
})
