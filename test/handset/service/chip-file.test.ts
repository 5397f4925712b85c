import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { brickChip, makeChip } from '../../../src-main/handset/chip'
import type { BuiltInSoftware } from '../../../src-main/handset/service/built-in-software'
import { newChip, openChip, type NewChipOrder } from '../../../src-main/handset/service/chip-file'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { plausibleImage, smallModel } from '../small-handset'
import { sampleImage, writeSamples } from './sample-firmware'

const order = { model: smallModel, name: 'bench', seed: 7, sha256: nodeSha256, bricked: false }

let folder = ''
let builtIn: BuiltInSoftware
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kintsugi-chip-'))
  mkdirSync(join(folder, 'firmware'))
  builtIn = writeSamples(join(folder, 'firmware'), ['1.0.0', '1.1.0'])
})
afterEach(() => rmSync(folder, { recursive: true }))

const filesBeside = () => readdirSync(folder).filter(name => name !== 'firmware')
const factory = makeChip({ ...order, software: sampleImage('1.0.0') })

describe('a new chip', () => {
  test('holds the model’s first software, the one that is named, an image of the user’s, or none', () => {
    const made = (software?: NewChipOrder['software']) => newChip({ ...order, software }, builtIn)
    const image = plausibleImage(5000, 3)
    expect(made()).toEqual(factory)
    expect(made('1.1.0')).toEqual(makeChip({ ...order, software: sampleImage('1.1.0') }))
    expect(made(image)).toEqual(makeChip({ ...order, software: image }))
    expect(made(null)).toEqual(makeChip(order))
    expect(() => made('1.2.0')).toThrow('There is no built-in software 1.2.0')
  })

  test('that is bricked lost its power between its software and the one that follows', () => {
    const chip = newChip({ ...order, bricked: true }, builtIn)
    const expected = factory.slice()
    brickChip(expected, { ...order, next: sampleImage('1.1.0') })
    expect(chip).toEqual(expected)
  })
})

describe('the file of a whole chip', () => {
  test('that does not exist gives a fresh chip, to be written', async () => {
    const file = join(folder, 'chip.bin')
    const opened = await openChip(file, order, builtIn)
    expect(opened).toEqual({ contents: factory, isFileMissing: true })
    expect(filesBeside()).toEqual([])
  })

  test('is read where it exists, with the software it holds, and not changed', async () => {
    const file = join(folder, 'chip.bin')
    const held = makeChip({ ...order, software: sampleImage('1.1.0') })
    writeFileSync(file, held)
    const named = { ...order, name: 'desk' }
    const opened = await openChip(file, named, builtIn)
    expect(opened).toEqual({ contents: held, isFileMissing: false })
    const { contents } = await openChip(file, { ...named, bricked: true }, builtIn)
    const expected = held.slice()
    brickChip(expected, { ...order, next: sampleImage('1.0.0') })
    expect(contents).toEqual(expected)
    expect(new Uint8Array(readFileSync(file))).toEqual(held)
  })

  test('is not needed', async () => {
    const opened = await openChip(undefined, order, builtIn)
    expect(opened).toEqual({ contents: factory, isFileMissing: false })
    expect(filesBeside()).toEqual([])
  })

  test('of another size is refused and left alone', async () => {
    const file = join(folder, 'chip.bin')
    writeFileSync(file, 'half a chip')
    await expect(openChip(file, order, builtIn)).rejects.toMatchObject({
      code: 'FLASH_FILE_UNFIT',
      data: { bytes: 11, expectedBytes: 65_536 },
    })
    expect(readFileSync(file, 'utf8')).toBe('half a chip')
  })

  test('of another model with a flash of the same size is refused', async () => {
    const file = join(folder, 'chip.bin')
    writeFileSync(file, makeChip({ ...order, model: { ...smallModel, name: 'k1' } }))
    await expect(openChip(file, order, builtIn)).rejects.toMatchObject({
      code: 'FLASH_FILE_UNFIT',
      message: expect.stringMatching(/the handset K1-[0-9A-F]{12}, which is no small\.$/),
    })
  })

  test('that is a folder is refused', async () => {
    await expect(openChip(folder, order, builtIn)).rejects.toMatchObject({
      code: 'FLASH_FILE_UNFIT',
    })
  })
})
