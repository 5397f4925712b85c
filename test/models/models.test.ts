import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peer } from '../support/peers'

const spin = peer('spin')
const gcc = peer('gcc')
const run = promisify(execFile)

const DEPTH_MAX = 1_000_000
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'kintsugi-models-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Verdict {
  /** States that were stored. */
  readonly states: number
  /** What a counterexample violates, as Spin writes it; undefined: the model holds. */
  readonly violated: string | undefined
}

/**
 * Checks every run of a model, in a folder of its own. A counterexample is replayed: Spin must come
 * to the same violation by following it.
 */
async function check(model: string, ...defines: readonly string[]): Promise<Verdict> {
  const cwd = mkdtempSync(join(folder, 'run-'))
  const options = { cwd, maxBuffer: OUTPUT_BYTES_MAX }
  const file = join(import.meta.dirname, `${model}.pml`)
  const given = defines.map(define => `-D${define}`)
  await run(spin ?? '', ['-a', ...given, file], options)
  await run(gcc ?? '', ['-O1', '-DSAFETY', '-o', 'pan', 'pan.c'], options)
  const { stdout } = await run(join(cwd, 'pan'), [`-m${DEPTH_MAX}`], options)
  expect(stdout).not.toContain('search depth too small')
  const states = Number(/(\d+) states, stored/.exec(stdout)?.[1])
  const violated = /assertion violated \(?(.*?)\)? \(at depth/.exec(stdout)?.[1]
  const trail = join(cwd, `${model}.pml.trail`)
  expect(existsSync(trail)).toBe(violated !== undefined)
  expect(/errors: (\d+)/.exec(stdout)?.[1]).toBe(violated === undefined ? '0' : '1')
  if (violated !== undefined) await replay(trail, [...given, file], cwd)
  return { states, violated }
}

async function replay(trail: string, words: readonly string[], cwd: string): Promise<void> {
  const replaying = run(spin ?? '', ['-k', trail, ...words], { cwd, maxBuffer: OUTPUT_BYTES_MAX })
  // Spin ends with 1 where an assertion is violated.
  const said = await replaying.catch((error: { readonly stdout: string }) => error)
  expect(said.stdout).toContain('text of failed assertion')
}

const OLD_OR_NEW = /sec\[i\]==/
const BRICK = /brick/
const CHUNK = /chunk\[now\.(own|before)\]/

describe.skipIf(!spin || !gcc)('a rewrite with begin and end marks (FAULTS appendix A)', () => {
  test.each<[string, number, readonly string[]]>([
    ['both marks survive one cut', 706, ['N=2', 'CUTS=1']],
    ['fresh marks survive six cuts', 6245, ['V_FRESH', 'N=2', 'CUTS=6']],
    ['fresh marks survive eight cuts of eight sectors', 83_362, ['V_FRESH', 'N=8', 'CUTS=8']],
  ])('%s', async (_, states, defines) => {
    expect(await check('begin-end-marks', ...defines)).toEqual({ states, violated: undefined })
  })

  test.each<[string, number, RegExp, readonly string[]]>([
    ['without a begin mark one cut is fatal', 228, BRICK, ['V_NOBEGIN', 'N=2', 'CUTS=1']],
    ['marks that are believed as read do not survive two cuts', 867, BRICK, ['N=2', 'CUTS=2']],
    [
      'a sector that is taken for done since it reads right is none',
      312,
      OLD_OR_NEW,
      ['V_FRESH', 'V_TRUST2', 'N=2', 'CUTS=1'],
    ],
  ])('%s', async (_, states, violated, defines) => {
    const verdict = await check('begin-end-marks', ...defines)
    expect(verdict).toEqual({ states, violated: expect.stringMatching(violated) })
  })
})

describe.skipIf(!spin || !gcc)('one answer for each terminal (FAULTS appendix B)', () => {
  test.each<[string, number, readonly string[]]>([
    ['four clients, two kills', 80_811, ['W=4', 'K=2']],
    ['five clients, three kills', 3_632_498, ['W=5', 'K=3']],
  ])('one transaction with a stored answer: %s', async (_, states, defines) => {
    expect(await check('once-per-terminal', ...defines)).toEqual({ states, violated: undefined })
  })

  test.each<[string, number, string, readonly string[]]>([
    ['read, then write issues twice', 68, 'issued==1', ['V_CHECKACT', 'W=2', 'K=0']],
    ['two transactions bill twice after a kill', 53, 'bills==1', ['V_BILLFIRST', 'W=1', 'K=1']],
    ['two transactions bill twice without one', 57, 'bills==1', ['V_BILLFIRST', 'W=2', 'K=0']],
  ])('%s', async (_, states, violated, defines) => {
    expect(await check('once-per-terminal', ...defines)).toEqual({ states, violated })
  })
})

describe.skipIf(!spin || !gcc)('our own journal: one entry a step, a ring of three sectors', () => {
  test.each<[string, readonly string[]]>([
    ['six cuts of three steps', ['STEPS=3', 'CUTS=6']],
    ['four cuts of eight steps', ['STEPS=8', 'CUTS=4']],
    ['backups that fill a sector', ['STEPS=4', 'CUTS=4', 'PLACES=1']],
    ['three backups in a sector', ['STEPS=6', 'CUTS=4', 'PLACES=3']],
  ])('[S0-37] holds for %s', async (_, defines) => {
    const { states, violated } = await check('step-journal', ...defines)
    expect(violated).toBeUndefined()
    expect(states).toBeGreaterThan(1000)
  })

  test.each<[string, RegExp, readonly string[]]>([
    ['acting on an entry without a fresh one fails at two cuts', OLD_OR_NEW, ['V_STALE', 'CUTS=2']],
    ['no fresh entry before a second try fails at two cuts', CHUNK, ['V_SILENT', 'CUTS=2']],
    ['a sector taken for done since it reads right fails', OLD_OR_NEW, ['V_TRUST', 'CUTS=1']],
    ['a backup erased before the next entry fails', CHUNK, ['V_EARLY', 'CUTS=1']],
    ['a backup sector believed to be erased after a power-up fails', CHUNK, ['V_PACKED', 'CUTS=1']],
    ['a ring of two sectors fails', CHUNK, ['RING=2', 'STEPS=4', 'CUTS=2']],
    ['and at one cut with one chunk a sector', CHUNK, ['RING=2', 'PLACES=1', 'CUTS=1']],
  ])('%s', async (_, violated, defines) => {
    const verdict = await check('step-journal', ...defines)
    expect(verdict.violated).toMatch(violated)
  })

  test.each([
    ['a stale entry', 'V_STALE'],
    ['no fresh entry before a second try', 'V_SILENT'],
  ])('%s is harmless at a single cut, so a campaign needs two', async (_, variant) => {
    expect((await check('step-journal', variant, 'CUTS=1')).violated).toBeUndefined()
  })
})
