import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openNv, provisionFrom, saveNv } from '../../../src-main/cli/handset-trust'
import { TufClient } from '../../../src-main/handset/service/tuf-client'
import type { Nv } from '../../../src-main/handset/trust/nv'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { repositories } from '../../metadata/repository'
import { k1Handset } from '../running-handset'
import { Air } from './trusting'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kintsugi-trust-'))))
afterEach(() => rmSync(folder, { recursive: true }))

async function world() {
  const clock = new VirtualClock()
  const repository = await repositories(clock)
  const root = join(folder, 'root.json')
  writeFileSync(root, await repository.create())
  const handsetWith = (nv: Nv) => {
    const metadata = { client: new TufClient(), nv }
    return k1Handset({ clock, radio: new Air(repository), metadata }).handset
  }
  return { ...repository, root, handsetWith }
}

test('what a handset trusts lies beside its chip, and a start with --root takes nothing of it back', async () => {
  const { root, handsetWith, create } = await world()
  const chip = join(folder, 'chip.bin')
  const notes: string[] = []
  const nv = await openNv(chip)
  await provisionFrom(handsetWith(nv), root, line => notes.push(line))
  await saveNv(chip, nv)
  expect(readdirSync(folder)).toEqual(['chip.bin.nv', 'root.json'])
  const again = handsetWith(await openNv(chip))
  expect(again.trust).toMatchObject({ vendorName: 'Vendor A', rootVersion: 1 })
  const other = join(folder, 'other.json')
  writeFileSync(other, await create('Vendor B'))
  await provisionFrom(again, other, line => notes.push(line))
  expect(again.trust).toMatchObject({ vendorName: 'Vendor A' })
  expect(notes).toEqual([expect.stringContaining('trusts Vendor A already')])
})

test('a handset that trusts nobody leaves no file', async () => {
  const chip = join(folder, 'chip.bin')
  await saveNv(chip, await openNv(chip))
  expect(readdirSync(folder)).toEqual([])
})

test.each<[what: string, change: (root: string) => void, code: string]>([
  ['is missing', root => rmSync(root), 'FILE_NOT_FOUND'],
  ['is cut off', root => truncateSync(root, 100), 'ROOT_UNFIT'],
  ['is too large', root => truncateSync(root, 70_000), 'USAGE'],
])('a root that %s is refused', async (_what, change, code) => {
  const { root, handsetWith } = await world()
  change(root)
  const handset = handsetWith(await openNv(undefined))
  await expect(provisionFrom(handset, root, () => {})).rejects.toMatchObject({ code })
  expect(handset.trust).toBeNull()
})
