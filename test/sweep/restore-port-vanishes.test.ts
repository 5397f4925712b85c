import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { equalBytes } from '../../src-main/base/bytes'
import type { RestoreView } from '../../src-main/contract/restore'
import { noise } from '../restore/workshop'
import { cutLink, type Side } from './restore-cut-link'
import { firmware, flashOf, openRig, regionBytes } from './restore-rig'

const OLD = firmware('k1-1.0.0.bin')
/** With small buffers a few kilobytes are enough for two kilobytes of answers. */
const IMAGE = noise(6000)
const BUFFER_BYTES = 160
const BYTES = 2048
const DONE = new Set(['restored', 'written', 'up-to-date'])
/** A restore is over at most so long after the last byte, however silently the port went. */
const SILENCE_LIMIT_MS = 40_000

const PHASE = /[Ww]hile (connecting|identifying|writing|verifying|rebooting)|to identify the device/
const CAUSE = /is gone: the port closed|fell silent|Nothing answers/
const NEXT_STEP = /(Check|Restore again|restore again|start again)[^.]*\.( |$)/

describe.each([
  { how: 'tells so', isTold: true, step: 1, limitMs: 0 },
  // Every patience runs out each time.
  { how: 'is but silent', isTold: false, step: 32, limitMs: SILENCE_LIMIT_MS },
])('a port that vanishes and $how', ({ how, isTold, step, limitMs }) => {
  const base = flashOf(OLD, true)
  let rig: Awaited<ReturnType<typeof openRig>>
  beforeAll(async () => void (rig = await openRig(IMAGE, { bufferBytes: BUFFER_BYTES })))
  afterAll(() => rig.close())

  /** A restore over a line on which so many bytes pass in one direction. */
  async function cutRestore(side: Side, bytes: number) {
    let left = bytes
    let cutAt: number | undefined
    const flash = base.clone()
    rig.connect(flash, link =>
      cutLink(link, {
        isTold,
        passes(passed, frame) {
          if (passed !== side) return frame.length
          const passing = Math.min(left, frame.length)
          left -= passing
          return passing
        },
        onCut: () => void (cutAt = rig.clock.now()),
      }),
    )
    const view = await rig.restore()
    const took = cutAt === undefined ? undefined : rig.clock.now() - cutAt
    return { view, took, isWhole: equalBytes(regionBytes(flash, IMAGE.length), IMAGE) }
  }

  function problemsOf(view: RestoreView, isWhole: boolean): string[] {
    if (DONE.has(view.result ?? '')) {
      return view.verified && isWhole ? [] : [`${view.result} without proof`]
    }
    const message = view.error?.message ?? ''
    const missing = [PHASE, CAUSE, NEXT_STEP].filter(pattern => !pattern.test(message))
    return missing.map(pattern => `"${message}" has no ${pattern.source}`)
  }

  test.each(['sent', 'received'] as const)(
    `at every byte of the first two kilobytes that are %s ends in time, in words, never a success`,
    async side => {
      const failures: string[] = []
      const results = new Map<string, number>()
      let longest = 0
      for (let bytes = 0; bytes < BYTES; bytes += step) {
        const { view, took = 0, isWhole } = await cutRestore(side, bytes)
        const problems = problemsOf(view, isWhole)
        if (took > limitMs) problems.push(`it took ${took} ms`)
        longest = Math.max(longest, took)
        const ending = `${view.result} ${view.error?.code ?? ''}`.trim()
        results.set(ending, (results.get(ending) ?? 0) + 1)
        failures.push(...problems.map(problem => `${bytes} bytes ${side}: ${problem}`))
      }
      expect(failures).toEqual([])
      const words = [...results].map(([ending, count]) => `${ending}: ${count}`).join(', ')
      console.log(`port vanishes (${side}) and ${how}: ${words}; at most ${longest} ms later`)
    },
    120_000,
  )
})
