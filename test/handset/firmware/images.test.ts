import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { asciiText, concatBytes, viewOf } from '../../../src-main/base/bytes'
import { describedSoftware } from '../../../src-main/wire/image/descriptor'
import { peer } from '../../support/peers'
import { layoutOf } from './model-layout'
import { firmwareImage, firmwareList } from './running-firmware'

const CRC_OFFSET = 0x40 + 52
const KIBIBYTE = 1024

describe.each(firmwareList())('$file', ({ file, version, name, model, bytes, sha256 }) => {
  const image = firmwareImage(file)

  test('is what firmware.json says', () => {
    expect(image.length).toBe(bytes)
    expect(createHash('sha256').update(image).digest('hex')).toBe(sha256)
    expect(image.length).toBeGreaterThanOrEqual(32 * KIBIBYTE)
  })

  test('has a descriptor with its name, version, length and CRC', () => {
    const view = viewOf(image.subarray(0x40, 0x80))
    const numbers = [40, 42, 44].map(at => view.getUint16(at, true))
    expect(asciiText(image.subarray(0x40, 0x44))).toBe('KSWD')
    expect(view.getUint16(4, true)).toBe(1)
    expect(view.getUint16(6, true)).toBe(version.startsWith('1.') ? 1 : 2)
    expect(asciiText(image.subarray(0x48, 0x58)).replace(/\0*$/, '')).toBe(model)
    expect(asciiText(image.subarray(0x58, 0x68)).replace(/\0*$/, '')).toBe(name)
    expect(numbers.join('.')).toBe(version)
    expect(view.getUint32(48, true)).toBe(image.length)
    const covered = concatBytes([image.subarray(0, CRC_OFFSET), image.subarray(CRC_OFFSET + 4)])
    expect(view.getUint32(52, true)).toBe(crc32(covered))
  })

  test('is read by the boot code as what it is', () => {
    const read = (at: number, count: number) => image.subarray(at, at + count)
    expect(describedSoftware({ length: image.length, read })).toMatchObject({ version, model })
  })

  test('begins in its own code with a stack in the memory of the kernel', () => {
    const { windowAddress, executable, vectorOffset } = layoutOf(model)
    const vectors = viewOf(image.subarray(vectorOffset))
    const reset = vectors.getUint32(4, true) - (windowAddress + executable.address)
    expect(vectors.getUint32(0, true)).toBe(0x2000_8000)
    expect(reset % 2).toBe(1)
    expect(reset).toBeGreaterThan(vectorOffset)
    expect(reset).toBeLessThan(image.length)
  })
})

test.each(['k1', 'k2'])('releases of the %s differ in more than their numbers', wanted => {
  const list = firmwareList().filter(({ model }) => model === wanted)
  const [first, point, major, failing] = list.map(({ file }) => firmwareImage(file))
  if (!first || !point || !major || !failing) throw new Error('an image is missing')
  expect(newPieces(first, point)).toBeGreaterThan(200)
  expect(newPieces(point, major)).toBeGreaterThan(10 * KIBIBYTE)
  expect(newPieces(major, failing)).toBeGreaterThan(8)
})

const hasCompiler = peer('arm-none-eabi-gcc') !== undefined

/** Every image is compiled from all sources, and the machine may be busy. */
const MOST_MS = 400_000

test.skipIf(!hasCompiler)(
  'the committed images are what their sources give',
  { timeout: MOST_MS },
  () => {
    const script = spawnSync(process.execPath, ['scripts/build-firmware.mjs', '--check'], {
      encoding: 'utf8',
    })
    expect(script.stderr).toBe('')
    expect(script.status).toBe(0)
  },
)

/** Bytes of `after` in pieces of eight that `before` holds nowhere, wherever they moved to. */
function newPieces(before: Uint8Array, after: Uint8Array): number {
  const known = new Set<string>()
  for (let at = 0; at + 8 <= before.length; at += 2)
    known.add(asciiText(before.subarray(at, at + 8)))
  let count = 0
  for (let at = 0; at + 8 <= after.length; at += 8) {
    if (!known.has(asciiText(after.subarray(at, at + 8)))) count += 8
  }
  return count
}
