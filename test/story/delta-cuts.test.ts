import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KintsugiProcess, run, scratchFolder } from './kintsugi'

const firmware = (version: string) =>
  resolve(import.meta.dirname, `../../resources/firmware/k1-${version}.bin`)
const OLD = firmware('1.0.0')
const NEW = firmware('1.1.0')

const scratch = scratchFolder()
const IN_PLACE = scratch.file('in-place.delta')
const PLAIN = scratch.file('plain.delta')
afterAll(() => scratch.remove())
beforeAll(async () => {
  for (const words of [
    ['--in-place', '-o', IN_PLACE],
    ['-o', PLAIN],
  ]) {
    const { exitCode, stderr } = await run('delta', 'make', OLD, NEW, ...words)
    if (exitCode !== 0) throw new Error(stderr)
  }
})

describe('delta cuts', () => {
  test('[S0-36] [S0-37] [S0-38] counts how cuts of the power end, the same for the same seed', async () => {
    const words = ['delta', 'cuts', OLD, IN_PLACE, '--points', '300', '--seed', '7', '--json']
    const [first, second] = [await run(...words), await run(...words)]
    expect(first.exitCode).toBe(0)
    const report: Record<string, unknown> = JSON.parse(first.stdout)
    expect(report).toEqual({
      points: 300,
      completed: expect.any(Number),
      old: expect.any(Number),
      needsFile: expect.any(Number),
      resumed: report['needsFile'],
      restorable: 0,
      silent: 0,
      stuck: 0,
      seed: 7,
      firstFailure: null,
      operations: expect.any(Number),
      seconds: expect.any(Number),
    })
    const { seconds, ...counts } = JSON.parse(second.stdout)
    expect(seconds).toBeGreaterThan(0)
    expect(report).toMatchObject(counts)
  })

  test('prints a table of verdicts for people, and tries the kinds that were named', async () => {
    const kinds = ['--kind', 'torn-erase', 'weak-erase', '--points', 'all']
    const { exitCode, stdout } = await run('delta', 'cuts', OLD, IN_PLACE, ...kinds)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^\d+ power cuts at \d+ flash operations, seed 1, [\d.]+ s$/m)
    expect(stdout).toMatch(/^ {2}needs the same file again +\d+$/m)
    expect(stdout).toMatch(/^ {2}silent: damaged software starts +0$/m)
  })

  test('shows one point that is given as a line', async () => {
    const line = 'flash:torn-erase@40,seed=5'
    const words = ['delta', 'cuts', OLD, IN_PLACE, '--replay', line]
    const { exitCode, stdout } = await run(...words)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^flash:torn-erase@\d+,seed=5: operation \d+, erase in the \w+ region$/m)
    expect(stdout).toMatch(/^ {2}[on=.x]{11}$/m)
    const { stdout: json } = await run(...words, '--json')
    expect(JSON.parse(json)).toMatchObject({ verdict: 'needs-file', operationKind: 'erase' })
  })

  test.each([
    ['a plain file', [OLD, PLAIN], 'Make one with "delta make --in-place"'],
    ['another old image', [NEW, IN_PLACE], 'Give that one'],
    ['no file', [OLD, '/no/such/file'], 'There is no file'],
    ['no number of points', [OLD, IN_PLACE, '--points', 'many'], '--points "many"'],
    ['no seed', [OLD, IN_PLACE, '--seed', '-1'], '--seed'],
    ['an unknown kind', [OLD, IN_PLACE, '--kind', 'flood'], 'torn-erase'],
    ['a kind that leaves the power on', [OLD, IN_PLACE, '--kind', 'silent'], '--kind "silent"'],
    ['a point that is none', [OLD, IN_PLACE, '--replay', 'x'], 'such as flash:power-cut@117'],
    ['an operation too many', [OLD, IN_PLACE, '--replay', 'flash:torn@99999'], 'flash operations'],
  ])('ends with 2 for %s, and says so in one line', async (_, words, reason) => {
    const { exitCode, stderr } = await run('delta', 'cuts', ...words)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(reason)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('ends with 130 when it is interrupted', async () => {
    const words = ['delta', 'cuts', OLD, IN_PLACE, '--points', '9000000']
    const cutting = new KintsugiProcess(...words)
    await cutting.line(/^cutting \[/)
    const { exitCode } = await cutting.stop('SIGINT')
    expect(exitCode).toBe(130)
  })
})
