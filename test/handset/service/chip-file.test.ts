import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeChip } from '../../../src-main/handset/chip'
import { openChip, saveChip } from '../../../src-main/handset/service/chip-file'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { smallModel } from '../small-handset'

const order = { model: smallModel, name: 'bench', seed: 7, sha256: nodeSha256, bricked: false }
const fresh = makeChip(order)

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kintsugi-chip-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('the file of a whole chip', () => {
  test('is made where it does not exist', async () => {
    const file = join(folder, 'chip.bin')
    expect(await openChip(file, order)).toEqual(fresh)
    expect(new Uint8Array(readFileSync(file))).toEqual(fresh)
    expect(readdirSync(folder)).toEqual(['chip.bin'])
  })

  test('is read where it exists, and not changed', async () => {
    const file = join(folder, 'chip.bin')
    writeFileSync(file, fresh)
    const bricked = await openChip(file, { ...order, name: 'desk', bricked: true })
    expect(bricked).not.toEqual(fresh)
    expect(bricked.subarray(0xd000)).toEqual(fresh.subarray(0xd000))
    expect(new Uint8Array(readFileSync(file))).toEqual(fresh)
  })

  test('is not needed', async () => {
    expect(await openChip(undefined, order)).toEqual(fresh)
    expect(readdirSync(folder)).toEqual([])
  })

  test('of another size is refused and left alone', async () => {
    const file = join(folder, 'chip.bin')
    writeFileSync(file, 'half a chip')
    await expect(openChip(file, order)).rejects.toMatchObject({
      code: 'FLASH_FILE_UNFIT',
      data: { bytes: 11, expectedBytes: 65_536 },
    })
    expect(readFileSync(file, 'utf8')).toBe('half a chip')
  })

  test('is replaced whole', async () => {
    const file = join(folder, 'chip.bin')
    writeFileSync(file, 'before')
    await saveChip(file, fresh)
    expect(new Uint8Array(readFileSync(file))).toEqual(fresh)
    expect(readdirSync(folder)).toEqual(['chip.bin'])
  })

  test('in a folder that is none says so and leaves nothing behind', async () => {
    const file = join(folder, 'nowhere', 'chip.bin')
    await expect(saveChip(file, fresh)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    await expect(openChip(join(folder), order)).rejects.toMatchObject({ code: 'FLASH_FILE_UNFIT' })
    expect(readdirSync(folder)).toEqual([])
  })
})
