import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { placeInRegion, readSoftwareOption } from '../../src-main/cli/software-option'
import { modelNamed } from '../../src-main/handset/service/models'
import type { FirmwareImage } from '../../src-main/wire/image/firmware-image'
import { plausibleImage } from './small-handset'

const model = modelNamed('k1')

let folder = ''
let warnings: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kintsugi-software-'))
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true }))

function read(text: string | undefined) {
  return readSoftwareOption(text, model, line => void warnings.push(line))
}

function fileOf(name: string, content: Uint8Array | string): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

describe('--software', () => {
  test('that is left out, is none or is a version reads no file', async () => {
    expect(await read(undefined)).toBeUndefined()
    expect(await read('none')).toBeNull()
    expect(await read('1.0.0')).toBe('1.0.0')
    expect(await read('9.9')).toBe('9.9')
  })

  test('is the bytes of a raw image as they are', async () => {
    const image = plausibleImage(5000, 1)
    expect(await read(fileOf('image.bin', image))).toEqual(image)
    expect(warnings).toEqual([])
  })

  test('says what is odd about a raw image and takes it', async () => {
    const image = new Uint8Array(300).fill(7)
    expect(await read(fileOf('image.bin', image))).toEqual(image)
    expect(warnings).toEqual([expect.stringMatching(/^warning: The file does not begin like/)])
  })

  test('lies where the addresses of an Intel HEX file say', async () => {
    // Base 0x1001_0000, then 4 bytes at 0x0042: written after Intel's specification of 1988.
    const hex = ':020000041001E9\n:0400420001020304B0\n:00000001FF\n'
    const image = await read(fileOf('image.hex', hex))
    expect(image).toEqual(Uint8Array.of(...new Uint8Array(0x42).fill(0xff), 1, 2, 3, 4))
  })

  test('at addresses outside the executable region is refused with both ranges', async () => {
    const hex = ':020000041000EA\n:0400420001020304B0\n:00000001FF\n'
    await expect(read(fileOf('image.hex', hex))).rejects.toMatchObject({
      code: 'OPTION_UNFIT',
      message:
        'The software lies from 0x10000042 to 0x10000046, ' +
        'the executable region of a k1 from 0x10010000 to 0x10190000.',
    })
  })

  test.each<[string, () => string, string]>([
    ['a file that is not there', () => join(folder, 'nothing.bin'), 'FILE_NOT_FOUND'],
    ['a folder', () => folder, 'FILE_UNREADABLE'],
    ['an empty file', () => fileOf('empty.bin', ''), 'IMAGE_DAMAGED'],
    ['a picture', () => fileOf('a.bin', Buffer.from('89504e470d0a1a0a', 'hex')), 'IMAGE_FOREIGN'],
  ])('that is %s is refused', async (_what, file, code) => {
    await expect(read(file())).rejects.toMatchObject({ code })
  })
})

test('an image may reach to the last byte of the region and no further', () => {
  const imageAt = (address: number): FirmwareImage => {
    const segments = [{ address, data: new Uint8Array(16) }]
    return { format: 'elf', segments, entry: null, warnings: [] }
  }
  expect(placeInRegion(imageAt(0x1019_0000 - 16), model).length).toBe(0x18_0000)
  expect(() => placeInRegion(imageAt(0x1019_0000 - 15), model)).toThrow('The software lies from')
  expect(() => placeInRegion(imageAt(0x1000_ffff), model)).toThrow('The software lies from')
})
