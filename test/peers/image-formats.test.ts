import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { imageInfoOf } from '../../src-main/images/image-info'
import { readImage } from '../../src-main/wire/image/read-image'
import { peer } from '../support/peers'

const FIRMWARE = join(import.meta.dirname, '../fixtures/firmware')
const IMAGES = {
  'micropython-next.bin': {
    bytes: 320_016,
    sha256: 'c3c1c159efe01dd86549281d835cd00e729200d2d9ab15c2b9f2446288906c17',
  },
  'micropython.bin': {
    bytes: 318_368,
    sha256: '5c341726691cac39360697124e4854bba5e6b8515ff3269452280b24410eee97',
  },
}
const NAMES = Object.keys(IMAGES) as (keyof typeof IMAGES)[]
const ADDRESS = 0x08000000

const folder = mkdtempSync(join(tmpdir(), 'kintsugi-formats-'))
afterAll(() => rmSync(folder, { recursive: true }))

function infoOf(path: string) {
  const file = readFileSync(path)
  return imageInfoOf({ name: 'image', file, image: readImage(file) })
}

/** What `image info` must say of a file that places the image at one address. */
function expected(name: keyof typeof IMAGES, format: string, address = ADDRESS): object {
  const { bytes, sha256 } = IMAGES[name]
  return { format, bytes, sha256, segments: [{ address, bytes }] }
}

describe.each(NAMES)('%s', name => {
  const raw = join(FIRMWARE, name)
  const target = (extension: string) => join(folder, `${name}.${extension}`)

  test('as it is', () => {
    const info = infoOf(raw)
    expect(info).toMatchObject(expected(name, 'bin', 0))
    expect(info.fileSha256).toBe(info.sha256)
    expect(info.warnings.map(({ code }) => code)).toEqual(['VECTORS_IMPLAUSIBLE'])
  })

  const srecord = peer('srec_cat') ?? ''
  test.skipIf(srecord === '').each([
    ['Intel HEX', 'ihex', ['-intel']],
    ['Intel HEX with segments', 'ihex', ['-intel', '-address-length=3']],
    ['S-records of 32 bits', 'srec', ['-motorola', '-address-length=4']],
    ['S-records of the width they need', 'srec', ['-motorola']],
    ['S-records in long lines', 'srec', ['-motorola', '-line-length=250']],
  ])('as %s by SRecord', (_, format, options) => {
    // 20-bit addresses are all that segments reach.
    const address = options.includes('-address-length=3') ? 0x20000 : ADDRESS
    const path = target(`${options.join('')}.txt`)
    const place = ['-offset', String(address)]
    execFileSync(srecord, [raw, '-binary', ...place, '-o', path, ...options])
    expect(infoOf(path)).toMatchObject(expected(name, format, address))
  })

  test.skipIf(srecord === '')('with a hole, which is filled with 0xFF in the digest', () => {
    const [holed, filled] = [target('holed.hex'), target('filled.bin')]
    const hole = ['-exclude', '0x1000', '0x2000']
    execFileSync(srecord, [raw, '-binary', ...hole, '-o', holed, '-intel'])
    const whole = ['-fill', '0xFF', '0x1000', '0x2000']
    execFileSync(srecord, [raw, '-binary', ...hole, ...whole, '-o', filled, '-binary'])
    const info = infoOf(holed)
    expect(info.sha256).toBe(infoOf(filled).sha256)
    expect(info.bytes).toBe(IMAGES[name].bytes - 0x1000)
    expect(info.segments).toEqual([
      { address: 0, bytes: 0x1000 },
      { address: 0x2000, bytes: IMAGES[name].bytes - 0x2000 },
    ])
  })

  const objcopy = peer('arm-none-eabi-objcopy') ?? ''
  describe.skipIf(objcopy === '')('by the tools of the ARM compiler', () => {
    test.each([
      ['Intel HEX', 'ihex', 'ihex'],
      ['S-records', 'srec', 'srec'],
    ])('as %s', (_, format, bfd) => {
      const path = target(`objcopy.${bfd}`)
      const place = ['--change-addresses', String(ADDRESS)]
      execFileSync(objcopy, ['-I', 'binary', '-O', bfd, ...place, raw, path])
      expect(infoOf(path)).toMatchObject(expected(name, format))
    })

    test('as a linked ELF program; unlinked it is refused', () => {
      const [unlinked, linked] = [target('o'), target('elf')]
      execFileSync(objcopy, ['-I', 'binary', '-O', 'elf32-littlearm', raw, unlinked])
      expect(() => infoOf(unlinked)).toThrow('an object file that is not linked yet')
      const ld = objcopy.replace(/objcopy$/, 'ld')
      const place = [`-Tdata=0x${ADDRESS.toString(16)}`, '-e', String(ADDRESS + 0x101)]
      execFileSync(ld, ['--nmagic', ...place, unlinked, '-o', linked])
      expect(infoOf(linked)).toMatchObject({ ...expected(name, 'elf'), entry: ADDRESS + 0x101 })
    })
  })

  const python = peer('python3') ?? ''
  test.skipIf(python === '')('as UF2 by an encoder of its own', () => {
    const path = target('uf2')
    const oracle = join(import.meta.dirname, 'uf2_oracle.py')
    execFileSync(python, [oracle, raw, path, '0x10000000'])
    expect(infoOf(path)).toMatchObject(expected(name, 'uf2', 0x10000000))
  })
})
