import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeChip } from '../../../src-main/handset/chip'
import { openChip } from '../../../src-main/handset/service/chip-file'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { smallModel } from '../small-handset'

const order = { model: smallModel, name: 'bench', seed: 7, sha256: nodeSha256, bricked: false }
const fresh = makeChip(order)

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kintsugi-chip-'))))
afterEach(() => rmSync(folder, { recursive: true }))

describe('the file of a whole chip', () => {
  test('that does not exist gives a fresh chip, to be written', async () => {
    const file = join(folder, 'chip.bin')
    expect(await openChip(file, order)).toEqual({ contents: fresh, isFileMissing: true })
    expect(readdirSync(folder)).toEqual([])
  })

  test('is read where it exists, and not changed', async () => {
    const file = join(folder, 'chip.bin')
    writeFileSync(file, fresh)
    const named = { ...order, name: 'desk', bricked: true }
    const { contents: bricked, isFileMissing } = await openChip(file, named)
    expect(isFileMissing).toBe(false)
    expect(bricked).not.toEqual(fresh)
    expect(bricked.subarray(0xd000)).toEqual(fresh.subarray(0xd000))
    expect(new Uint8Array(readFileSync(file))).toEqual(fresh)
  })

  test('is not needed', async () => {
    expect(await openChip(undefined, order)).toEqual({ contents: fresh, isFileMissing: false })
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

  test('that is a folder is refused', async () => {
    await expect(openChip(folder, order)).rejects.toMatchObject({ code: 'FLASH_FILE_UNFIT' })
  })
})
