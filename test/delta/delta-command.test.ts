import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src-main/base/random'
import { KintsugiProcess, run, scratchFolder } from '../story/kintsugi'

const firmware = (version: string) =>
  resolve(import.meta.dirname, `../../resources/firmware/k1-${version}.bin`)
const OLD = firmware('1.0.0')
const NEW = firmware('1.1.0')

const scratch = scratchFolder()
afterAll(() => scratch.remove())

async function madeFile(name: string): Promise<string> {
  const path = scratch.file(name)
  const { exitCode } = await run('delta', 'make', OLD, NEW, '-o', path)
  expect(exitCode).toBe(0)
  return path
}

describe('delta make and delta apply', () => {
  test('make a file and rebuild the new image from it', async () => {
    const path = scratch.file('update.delta')
    const making = await run('delta', 'make', OLD, NEW, '-o', path, '--sector', '8192', '--json')
    expect(making.exitCode).toBe(0)
    const bytes = readFileSync(path).length
    const image = readFileSync(NEW)
    expect(JSON.parse(making.stdout)).toMatchObject({
      bytes,
      fullBytes: expect.any(Number),
      ratio: expect.any(Number),
      seconds: expect.any(Number),
      format: 'plain',
      ramBytes: expect.any(Number),
      sectorErases: Math.ceil(image.length / 8192),
    })
    const rebuilt = scratch.file('rebuilt.bin')
    const applying = await run('delta', 'apply', OLD, path, '-o', rebuilt, '--json')
    expect(applying.exitCode).toBe(0)
    const sha256 = createHash('sha256').update(image).digest('hex')
    expect(JSON.parse(applying.stdout)).toEqual({ bytes: image.length, sha256 })
    expect(readFileSync(rebuilt).equals(image)).toBe(true)
  })

  test('[S0-16] make an in-place file that fits into the RAM, and rebuild from it', async () => {
    const path = scratch.file('in-place.delta')
    const making = await run('delta', 'make', OLD, NEW, '-o', path, '--in-place', '--json')
    expect(making.exitCode).toBe(0)
    const answer = JSON.parse(making.stdout)
    expect(answer).toMatchObject({ bytes: readFileSync(path).length, format: 'in-place' })
    expect(answer.ramBytes).toBeLessThanOrEqual(65_536)
    expect(answer.sectorErases).toBeGreaterThan(0)
    const rebuilt = scratch.file('rewritten.bin')
    const applying = await run('delta', 'apply', OLD, path, '-o', rebuilt)
    expect(applying.exitCode).toBe(0)
    expect(readFileSync(rebuilt).equals(readFileSync(NEW))).toBe(true)
  })

  test('[S0-17] end with 1 and without a file where the old image or the file is wrong', async () => {
    const path = await madeFile('good.delta')
    const output = scratch.file('never.bin')
    const wrongOld = await run('delta', 'apply', NEW, path, '-o', output, '--json')
    expect(wrongOld.exitCode).toBe(1)
    expect(JSON.parse(wrongOld.stdout)).toMatchObject({ error: { code: 'DELTA_WRONG_OLD' } })
    const damaged = scratch.file('damaged.delta')
    const bytes = readFileSync(path)
    bytes[90] = bytes[90]! ^ 1
    writeFileSync(damaged, bytes)
    const wrongFile = await run('delta', 'apply', OLD, damaged, '-o', output)
    expect(wrongFile.exitCode).toBe(1)
    expect(wrongFile.stderr).toMatch(/^kintsugi: The differential file .*\n$/)
    expect(existsSync(output)).toBe(false)
  })

  test.each([
    ['no output', ['make', OLD, NEW], '-o, --output'],
    ['a missing file', ['make', OLD, '/no/such/file', '-o', 'X'], 'There is no file'],
    ['sectors of nothing', ['make', OLD, NEW, '-o', 'X', '--sector', '0'], '--sector "0"'],
    ['too little RAM', ['make', OLD, NEW, '-o', 'X', '--ram', '100'], 'at least'],
    ['no folder', ['make', OLD, NEW, '-o', '/no/such/folder/x'], 'cannot be written'],
    [
      'odd sectors',
      ['make', OLD, NEW, '-o', 'X', '--in-place', '--sector', '999'],
      'instead of 999',
    ],
  ])('end with 2 for %s, and say so in one line', async (_, words, reason) => {
    const output = scratch.file('bad.delta')
    const { exitCode, stderr } = await run(
      'delta',
      ...words.map(word => (word === 'X' ? output : word)),
    )
    expect(exitCode).toBe(2)
    expect(stderr).toContain(reason)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(existsSync(output)).toBe(false)
  })

  test('end with 130 and without a file when interrupted', async () => {
    const [old, fresh] = ['old', 'new'].map(name => scratch.file(`${name}.bin`))
    writeFileSync(old!, seededRandom(1).bytes(8_000_000))
    writeFileSync(fresh!, seededRandom(2).bytes(8_000_000))
    const output = scratch.file('interrupted.delta')
    const making = new KintsugiProcess('delta', 'make', old!, fresh!, '-o', output)
    await making.line(/^sorting/)
    const { exitCode } = await making.stop('SIGINT')
    expect(exitCode).toBe(130)
    expect(existsSync(output)).toBe(false)
  })
})
