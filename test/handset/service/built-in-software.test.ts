import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describedSoftware } from '../../../src-main/wire/image/descriptor'
import { makeChip } from '../../../src-main/handset/chip'
import {
  builtInSoftware,
  BuiltInSoftware,
} from '../../../src-main/handset/service/built-in-software'
import { modelNamed } from '../../../src-main/handset/service/models'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { sourceOf } from '../../../src-main/wire/image/mcuboot'
import { smallModel } from '../small-handset'
import { sampleImage, writeSamples } from './sample-firmware'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kintsugi-firmware-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('built-in software', () => {
  test('is listed as the build wrote it, without the names of files', () => {
    const builtIn = writeSamples(folder, ['1.0.0', '1.1.0'])
    expect(builtIn.list().map(({ version }) => version)).toEqual(['1.0.0', '1.1.0'])
    expect(Object.keys(builtIn.list()[0]!).toSorted()).toEqual(
      ['bytes', 'model', 'name', 'note', 'sha256', 'version'].toSorted(),
    )
  })

  test('is the version that is named, none for null, else the model’s first', () => {
    const builtIn = writeSamples(folder, ['1.0.0', '1.1.0'])
    expect(builtIn.chosen('small', '1.1.0')).toEqual(sampleImage('1.1.0'))
    expect(builtIn.chosen('small', undefined)).toEqual(sampleImage('1.0.0'))
    expect(builtIn.chosen('small', null)).toBeUndefined()
    expect(builtIn.chosen('spec-ram', undefined)).toBeUndefined()
  })

  test('that does not exist is refused with what there is', () => {
    const builtIn = writeSamples(folder, ['1.0.0', '1.1.0'])
    for (const [model, known] of [
      ['small', '1.0.0, 1.1.0'],
      ['spec-ram', 'none'],
    ] as const) {
      expect(() => builtIn.image(model, '9.9.9')).toThrow(
        expect.objectContaining({
          code: 'SOFTWARE_UNKNOWN',
          message: `There is no built-in software 9.9.9 for a ${model}. There is: ${known}.`,
        }),
      )
    }
  })

  test('that was changed on the disk is not used', () => {
    const builtIn = writeSamples(folder, ['1.0.0'])
    const file = join(folder, 'sample-1.0.0.bin')
    const image = readFileSync(file)
    image[500]! ^= 1
    writeFileSync(file, image)
    expect(() => builtIn.image('small', '1.0.0')).toThrow('is not what firmware.json says')
  })

  test('is looked for when it is asked for, and read once', () => {
    let looked = 0
    const known = writeSamples(folder, ['1.0.0'])
    const builtIn = new BuiltInSoftware(() => {
      looked += 1
      return folder
    })
    expect(looked).toBe(0)
    const image = builtIn.image('small', '1.0.0')
    expect(image).toEqual(known.image('small', '1.0.0'))
    rmSync(join(folder, 'sample-1.0.0.bin'))
    expect(builtIn.image('small', '1.0.0')).toBe(image)
  })

  test('follows what a chip holds, and begins again behind the last', () => {
    const builtIn = writeSamples(folder, ['1.0.0', '1.1.0'])
    const order = { model: smallModel, name: 'bench', seed: 7, sha256: nodeSha256 }
    const nextOf = (version: string | null) => {
      return builtIn.next(
        smallModel,
        makeChip({ ...order, software: builtIn.chosen('small', version) }),
      )
    }
    expect(nextOf('1.0.0')).toEqual(sampleImage('1.1.0'))
    expect(nextOf('1.1.0')).toEqual(sampleImage('1.0.0'))
    expect(nextOf(null)).toEqual(sampleImage('1.0.0'))
    const other = modelNamed('spec-ram')
    expect(builtIn.next(other, makeChip({ ...order, model: other }))).toBeUndefined()
  })
})

describe('the software that comes with the product', () => {
  test.each(['k1', 'k2'])('is 1.0.0, 1.1.0, 2.0.0 and 2.0.1, for the %s', wanted => {
    const list = builtInSoftware.list().filter(({ model }) => model === wanted)
    expect(list.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0', '2.0.0', '2.0.1'])
  })

  test('says of itself what the list says of it', () => {
    for (const { model, name, version, bytes } of builtInSoftware.list()) {
      const image = builtInSoftware.image(model, version)
      expect(image.length).toBe(bytes)
      expect(describedSoftware(sourceOf(image))).toMatchObject({ model, name, version, bytes })
    }
  })
})
