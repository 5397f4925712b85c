import { afterEach, describe, expect, test } from 'vitest'
import {
  type CutPoint,
  formatPoint,
  parsePoint,
  pointSeries,
} from '../../src-main/handset/campaign/points'
import { tightBoardParts } from '../handset/campaign/cut-pairs'
import { type Change, loadPlanted, type PlantedSources } from './planted-sources'

const BOOT = 'src-main/handset/boot'
const REWRITER = `${BOOT}/rewriter.ts`
const MARK = 'this.#mark(number, ring)'

/** Those of FAULTS 3.4 that concern a rewrite in place. */
const PLANTED = {
  'begin mark removed': [{ file: REWRITER, from: MARK, to: `if (number < 0) ${MARK}` }],
  'a sector accepted because it reads right': [
    {
      file: REWRITER,
      from: '    region.erase(address)\n',
      to: `    const wanted: number[] = []
    for (const piece of exactly(bytes, pieces)) wanted.push(...piece)
    if (equalBytes(region.read(address, bytes), Uint8Array.from(wanted))) {
      this.#doneBytes += bytes
      return
    }
    region.erase(address)
`,
    },
    {
      file: REWRITER,
      from: 'write(region, address, exactly(bytes, pieces))',
      to: 'write(region, address, [Uint8Array.from(wanted)])',
    },
  ],
  'an old mark acted on without a fresh one': [
    { file: REWRITER, from: MARK, to: `if (!isTaken) ${MARK}` },
  ],
  'the marker erased together with its data': [
    {
      file: `${BOOT}/journal.ts`,
      from: 'this.#flash.erase(sector * sectorBytes)',
      to: 'for (let each = 0; each < SECTORS; each++) this.#flash.erase(each * sectorBytes)',
    },
  ],
  'a backup erased before the next mark': [
    {
      file: `${BOOT}/backup-ring.ts`,
      from: '[sectorAt(backup), sectorAt(backupBefore)]',
      to: '[sectorAt(backup)]',
    },
    {
      file: `${BOOT}/backup-ring.ts`,
      from: 'const sectors = this.#free.length',
      to: 'const sectors = this.#free.length - 1',
    },
  ],
  'the old image checked after the first erase': [
    {
      file: REWRITER,
      from: 'const { oldBytes, oldDigest } = source.plan',
      to: 'region.erase(0)\n    const { oldBytes, oldDigest } = source.plan',
    },
  ],
  'no fresh mark before a second try': [{ file: REWRITER, from: 'journal.append(newest)', to: '' }],
} as const satisfies Readonly<Record<string, readonly Change[]>>

describe('the gate', () => {
  let sources: PlantedSources | undefined
  afterEach(() => sources?.remove())

  async function plant(changes: readonly Change[]): Promise<PlantedSources> {
    sources = await loadPlanted(changes)
    return sources
  }

  /** Points that end as none may. */
  function failuresOf(planted: PlantedSources, cuts: 'one' | 'two'): string[] {
    const { Board, Recording, tryPoint, isFailure } = planted
    const recording = new Recording(new Board(tightBoardParts()))
    const { targets } = recording
    const series = pointSeries({ targets, seed: 1, count: null })
    const points: CutPoint[] =
      cuts === 'one'
        ? Array.from({ length: series.count }, (_, index) => series.at(index))
        : twoCuts(targets.length)
    return points.flatMap(point => {
      const trial = tryPoint(recording, point, { stopsEarly: false })
      return isFailure(trial) ? [`${formatPoint(point)}: ${trial.explanation}`] : []
    })
  }

  /** A mark that reads well once and not the next time, or the reverse, and a cut soon after it. */
  function twoCuts(operations: number): CutPoint[] {
    return [0, 1].flatMap(readsAsNew =>
      Array.from({ length: operations }, (_, first) =>
        Array.from({ length: 8 }, (_each, second) => {
          const mark = `flash:weak@${first + 1},new=${readsAsNew},p=100,seed=1`
          return parsePoint(`${mark};flash:torn@${second + 1},seed=${first}`)
        }),
      ).flat(),
    )
  }

  /** Flash operations until a file that was made from other software is refused. */
  function operationsWithWrongOld({ Board, ProtectedCode }: PlantedSources): number {
    const parts = tightBoardParts()
    const board = new Board({ ...parts, old: parts.old.map(byte => byte ^ 0x10) })
    const flash = board.chip()
    const code = new ProtectedCode(board, flash)
    code.boot()
    const before = flash.operations
    expect(() => [...code.rewrite()]).toThrow(
      expect.objectContaining({ code: 'UPDATE_FILE_UNFIT' }),
    )
    return flash.operations - before
  }

  test('finds nothing in sound code', async () => {
    const sound = await plant([])
    expect(failuresOf(sound, 'one')).toEqual([])
    expect(failuresOf(sound, 'two')).toEqual([])
  })

  test.each([
    'begin mark removed',
    'a sector accepted because it reads right',
    'the marker erased together with its data',
    'a backup erased before the next mark',
  ] as const)('catches, with one cut: %s', async what => {
    expect(failuresOf(await plant(PLANTED[what]), 'one').length).toBeGreaterThan(0)
  })

  // The counterexamples V_STALE and V_SILENT of test/models/step-journal.pml.
  test.each([
    'an old mark acted on without a fresh one',
    'no fresh mark before a second try',
  ] as const)('catches, with two cuts only: %s', async what => {
    const planted = await plant(PLANTED[what])
    expect(failuresOf(planted, 'one')).toEqual([])
    expect(failuresOf(planted, 'two').length).toBeGreaterThan(0)
  })

  test('[S0-17] nothing is erased for a file that was made from other software', async () => {
    expect(operationsWithWrongOld(await plant([]))).toBe(0)
  })

  test('catches: the old image checked after the first erase', async () => {
    const planted = await plant(PLANTED['the old image checked after the first erase'])
    expect(operationsWithWrongOld(planted)).toBeGreaterThan(0)
  })

  test('refuses to plant what is not there exactly once', async () => {
    await expect(loadPlanted([{ file: REWRITER, from: 'journal', to: '' }])).rejects.toThrow(
      'journal',
    )
  })
})
