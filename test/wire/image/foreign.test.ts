import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readImage } from '../../../src-main/wire/image/read-image'
import { ascii, elf, hex, patched, uf2 } from './files'
import { refusalOf } from './refusal'

const REST = new Uint8Array(400).fill(0x5a)
const startingWith = (magic: string) => new Uint8Array([...hex(magic), ...REST])

const GIVE = 'Give a firmware image: bin, Intel HEX, SREC, UF2 or ELF.'
const UNPACK = 'Unpack it and give the firmware image inside.'
const LINK = 'Give a program linked for the 32-bit ARM of the handset.'

describe('files of other kinds are named and refused', () => {
  test.each([
    ['a PNG picture', startingWith('89504e470d0a1a0a'), GIVE],
    ['a JPEG picture', startingWith('ffd8ffe0'), GIVE],
    ['a GIF picture', startingWith('474946383961'), GIVE],
    ['a PDF document', startingWith('255044462d312e37'), GIVE],
    ['a ZIP archive', startingWith('504b0304'), UNPACK],
    ['an empty ZIP archive', hex(`504b0506${'00'.repeat(18)}`), UNPACK],
    ['a gzip file', new Uint8Array(gzipSync('firmware')), UNPACK],
    ['an xz file', startingWith('fd377a585a00'), UNPACK],
    ['a bzip2 file', startingWith('425a6839314159265359'), UNPACK],
    ['a Zstandard file', startingWith('28b52ffd'), UNPACK],
    ['an LZ4 file', startingWith('04224d18'), UNPACK],
    ['a 7z archive', startingWith('377abcaf271c'), UNPACK],
    ['a RAR archive', startingWith('526172211a0700'), UNPACK],
    ['a tar archive', patched(new Uint8Array(1024), 257, '7573746172'), UNPACK],
    ['a static library or Debian package (ar)', startingWith('213c617263683e0a'), UNPACK],
    ['a DfuSe file', startingWith('446675536501'), UNPACK],
    ['an SQLite database', startingWith('53514c69746520666f726d6174203300'), GIVE],
    ['a WebAssembly module', startingWith('0061736d01000000'), GIVE],
    ['a Mach-O program for macOS', startingWith('cffaedfe'), GIVE],
    ['a Windows program', patched(patched(new Uint8Array(256), 0, '4d5a'), 60, '8000'), GIVE],
  ])('%s', (found, file, advice) => {
    const whole = found === 'a Windows program' ? patched(file, 128, '50450000') : file
    const refusal = refusalOf(whole)
    expect(refusal?.code).toBe('IMAGE_FOREIGN')
    expect(refusal?.message).toBe(`The file is ${found}. ${advice}`)
    expect(refusal?.data).toEqual({ found })
  })

  test.each([
    ['a text file', 'Release notes\n\n- faster\n'],
    ['a text file', '更新のお知らせ\n'],
    ['an XML file', '<?xml version="1.0"?><a/>'],
    ['a script', '#!/bin/sh\nexit 0\n'],
    ['a Git LFS pointer, not the file itself', 'version https://git-lfs.github.com/spec/v1\n'],
    [
      'a web page (HTML), perhaps an error page in place of the download',
      '\n<!DOCTYPE html><title>Sign in</title>',
    ],
  ])('%s', (found, text) => {
    const refusal = refusalOf(new Uint8Array(Buffer.from(text)))
    expect(refusal?.code).toBe('IMAGE_FOREIGN')
    expect(refusal?.message).toBe(`The file is ${found}. ${GIVE}`)
  })

  test('a UF2 file for a family without an ARM', () => {
    const file = uf2({ number: 0, total: 1, family: 0x1c5f21b0, payload: hex('aa') })
    expect(refusalOf(file)).toMatchObject({
      code: 'IMAGE_FOREIGN',
      message:
        'The file is a UF2 file for ESP32 (Xtensa). ' +
        'Give a program for the 32-bit ARM of the handset.',
    })
  })

  const program = elf([{ physical: 0, data: hex('aa') }])
  test.each([
    ['an ELF file for RISC-V', patched(program, 18, 'f300')],
    ['an ELF file for x86-64', patched(patched(program, 4, '02'), 18, '3e00')],
    ['an ELF file for AArch64 (64-bit ARM)', patched(patched(program, 4, '02'), 18, 'b700')],
    ['an ELF file for machine number 999', patched(program, 18, 'e703')],
    ['an ELF file for PowerPC', patched(patched(program, 5, '02'), 18, '0014')],
    ['a 64-bit ELF file', patched(program, 4, '02')],
    ['a big-endian ELF file', patched(patched(program, 5, '02'), 18, '0028')],
    ['an ELF file, but an object file that is not linked yet', patched(program, 16, '0100')],
    [
      'an ELF file, but a shared library or position-independent program',
      patched(program, 16, '03'),
    ],
    ['an ELF file, but a memory dump (core file)', patched(program, 16, '0400')],
    ['an ELF file, but of unknown type 9', patched(program, 16, '0900')],
  ])('%s', (found, file) => {
    const refusal = refusalOf(file)
    expect(refusal?.code).toBe('IMAGE_FOREIGN')
    expect(refusal?.message).toBe(`The file is ${found}. ${LINK}`)
  })
})

describe('what could be a raw image is not refused', () => {
  test.each([
    ['bytes that begin like an archive, but are none', '504b01020304'],
    ['bytes that begin like a Windows program, but are none', `4d5a${'00'.repeat(80)}`],
    ['text with one control character', '68656c6c6f00'],
    ['a cut-off character of UTF-8', '68656c6ce6'],
    ['bytes that begin no character', '68ff6c6c6f'],
    ['a header of MCUboot', `3db8f396${'00'.repeat(60)}`],
    ['an image for an ESP', 'e9040220'],
  ])('%s', (_, bytes) => {
    expect(readImage(hex(bytes)).format).toBe('bin')
  })

  test('nor one that holds lines of another format somewhere', () => {
    const file = ascii(
      `\u0001${'\n'.repeat(3)}${'\0\n'.repeat(30)}:10000000214601360121470136007EFE\n`,
    )
    expect(readImage(file).format).toBe('bin')
  })
})
