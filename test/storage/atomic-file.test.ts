import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { proveWritable, writeFileAtomically } from '../../src-main/storage/atomic-file'
import { scratchFolder } from './scratch'

test('bytes replace what a file held, for its owner only unless more is asked', async () => {
  const folder = scratchFolder()
  const file = join(folder, 'chip.bin')
  writeFileSync(file, 'before')
  await writeFileAtomically(file, Uint8Array.of(0, 255))
  expect([...readFileSync(file)]).toEqual([0, 255])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await writeFileAtomically(file, Uint8Array.of(1), 0o666)
  expect(statSync(file).mode & 0o777).toBe(0o666 & ~process.umask())
  expect(readdirSync(folder)).toEqual(['chip.bin'])
})

test('what cannot be written is known beforehand, and nothing is left behind', async () => {
  const folder = scratchFolder()
  mkdirSync(join(folder, 'taken'))
  writeFileSync(join(folder, 'chip.bin'), 'before')
  await proveWritable(join(folder, 'new.bin'))
  await proveWritable(join(folder, 'chip.bin'))
  await expect(proveWritable(join(folder, 'taken'))).rejects.toThrow('no file has that name')
  const nowhere = proveWritable(join(folder, 'nowhere', 'chip.bin'))
  await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT' })
  expect(readdirSync(folder).toSorted()).toEqual(['chip.bin', 'taken'])
  expect(readFileSync(join(folder, 'chip.bin'), 'utf8')).toBe('before')
})
