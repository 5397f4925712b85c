import { describe, expect, test } from 'vitest'
import type { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { brickChip } from '../../../src-main/handset/chip'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import {
  benchOf,
  executable,
  plausibleImage,
  smallChip,
  smallFlash,
  smallModel,
  uploadAll,
} from '../small-handset'

const image = plausibleImage(9000, 1)

function restored(bytes = image): NorFlash {
  const flash = smallFlash()
  uploadAll(benchOf(flash), bytes)
  return flash
}

function restoreMode(reason: string) {
  return { kind: 'restore-mode', reason }
}

function regionInvalid(flaw: string) {
  return { ...restoreMode('region-invalid'), flaw }
}

const NOWHERE = 'its vectors lead to no stack or to no code'

describe('boot decides from flash alone', () => {
  test('a handset without software stays in restore mode', () => {
    expect(benchOf(smallFlash()).boot()).toEqual(regionInvalid('it holds no software'))
  })

  test('verified software that could begin is started', () => {
    expect(benchOf(restored()).boot()).toEqual({ kind: 'software' })
  })

  test('the restore key and a reset into restore mode keep good software waiting', () => {
    const bench = benchOf(restored())
    expect(bench.boot({ keyHeld: true })).toEqual(restoreMode('key-held'))
    expect(bench.boot({ resetRequested: true })).toEqual(restoreMode('reset-requested'))
  })

  test('an open journal is no proof of anything, even over the right bytes', () => {
    const flash = restored()
    benchOf(flash).journal.append({
      kind: 'begin',
      length: image.length,
      sha256: nodeSha256([image]),
    })
    const bench = benchOf(flash)
    expect(bench.boot()).toEqual(restoreMode('journal-open'))
    expect(bench.boot({ keyHeld: true })).toEqual(restoreMode('journal-open'))
  })

  test('software of which one bit fell after it was verified is not started', () => {
    const flash = restored()
    const at = executable.address + image.findLastIndex(byte => byte !== 0)
    const byte = flash.read(at, 1)[0]!
    flash.program(at, Uint8Array.of(byte & (byte - 1)))
    const flaw = 'its bytes are not those that were verified'
    expect(benchOf(flash).boot()).toEqual(regionInvalid(flaw))
  })

  test('a bricked chip has an open journal', () => {
    for (let seed = 0; seed < 20; seed++) {
      const contents = smallChip()
      brickChip(contents, { model: smallModel, name: 'bench', seed, sha256: nodeSha256 })
      const bench = benchOf(smallFlash({ contents }))
      expect(bench.boot()).toEqual(restoreMode('journal-open'))
    }
  })
})

describe('vectors that a Cortex-M could not begin with are not started', () => {
  test.each<[string, string]>([
    ['a stack that begins below RAM', '00000020 09110010'],
    ['a stack above RAM', '04400020 09110010'],
    ['a stack off its alignment', '02400020 09110010'],
    ['a handler without the Thumb bit', '00400020 08110010'],
    ['a handler before the region', '00400020 010f0010'],
    ['a handler behind the region', '00400020 01700010'],
    ['an erased table', 'ffffffff ffffffff'],
  ])('%s', (_what, vectors) => {
    const bytes = image.slice()
    bytes.set(
      Uint8Array.from(vectors.match(/[0-9a-f]{2}/g) ?? [], hex => Number(`0x${hex}`)),
      0x100,
    )
    expect(benchOf(restored(bytes)).boot()).toEqual(regionInvalid(NOWHERE))
  })

  test('software that ends before its vectors', () => {
    expect(benchOf(restored(image.subarray(0, 200))).boot()).toEqual(regionInvalid(NOWHERE))
  })
})
