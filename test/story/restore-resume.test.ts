import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { openSerial } from '../../src-main/link/serial-link'
import { ptyPair, type PtyPair } from '../link/pty'
import { peer } from '../support/peers'
import { KintsugiProcess, run, scratchFolder } from './kintsugi'

const EXECUTABLE_ADDRESS = 0x10000
const IMAGE = 'resources/firmware/k1-1.1.0.bin'
const BAUD = 460_800

/** A line in two halves; whoever holds it counts what goes to the handset. */
class CountedLine {
  readonly #ends: readonly [ByteLink, ByteLink]
  readonly #waiting = new Set<{ readonly at: number; readonly reached: () => void }>()
  sentBytes = 0

  constructor(toHandset: ByteLink, toHost: ByteLink) {
    this.#ends = [toHandset, toHost]
    toHost.onData(bytes => {
      this.sentBytes += bytes.length
      for (const one of this.#waiting) if (this.sentBytes >= one.at) one.reached()
      void toHandset.write(bytes).catch(() => undefined)
    })
    toHandset.onData(bytes => void toHost.write(bytes).catch(() => undefined))
  }

  /** Resolves as soon as so many bytes went to the handset. */
  passed(at: number): Promise<void> {
    return new Promise(reached => void this.#waiting.add({ at, reached }))
  }

  async close(): Promise<void> {
    await Promise.all(this.#ends.map(end => end.close()))
  }
}

describe.skipIf(!peer('socat'))('a restore whose process is killed', () => {
  const scratch = scratchFolder()
  const image = readFileSync(IMAGE)
  let pairs: PtyPair[]
  let line: CountedLine
  let handset: KintsugiProcess | undefined
  beforeEach(async () => {
    pairs = await Promise.all([ptyPair(), ptyPair()])
    const ends = pairs.map(pair => openSerial({ path: pair.b, baud: BAUD }))
    const [toHandset, toHost] = await Promise.all(ends)
    line = new CountedLine(toHandset!, toHost!)
  })
  afterEach(async () => {
    await handset?.stop()
    await line.close()
    await Promise.all(pairs.map(pair => pair.remove()))
  })
  afterAll(() => scratch.remove())

  test.each([
    ['console', 10],
    ['raw', 3],
  ] as const)(
    'goes on with --resume where it stopped, in %s encoding, %i times, to the same bytes [S0-40]',
    async (encoding, kills) => {
      const chip = scratch.file(`${encoding}.bin`)
      const data = scratch.file(`data-${encoding}`)
      const [atHandset, atHost] = pairs.map(({ a }) => `serial:${a}@${BAUD}`)
      const options = ['--bricked', '--encoding', encoding, '--save', chip]
      handset = new KintsugiProcess('handset', 'run', atHandset!, ...options)
      await handset.line(/^ready$/)
      const words = ['restore', atHost!, IMAGE, '--encoding', encoding, '--data', data, '--json']
      const planned = JSON.parse((await run(...words, '--plan')).stdout).plan
      expect(planned).toMatchObject({ verdict: 'write', device: { encoding } })
      const { sentBytes } = planned.wire

      const before = line.sentBytes
      for (let kill = 1; kill <= kills; kill++) {
        const resume = kill > 1 ? ['--resume'] : []
        const restoring = new KintsugiProcess(...words, ...resume)
        await line.passed(before + Math.floor((kill * sentBytes) / (kills + 1)))
        const { exitCode, stdout } = await restoring.stop('SIGKILL')
        expect([exitCode, stdout]).toEqual([null, ''])
        expect(readdirSync(join(data, 'restores'))).toHaveLength(1)
      }
      const { exitCode, stdout } = await run(...words, '--resume')
      const result = JSON.parse(stdout)
      expect(result).toMatchObject({ result: 'restored', verified: true, startedOver: null })
      expect(exitCode).toBe(0)
      expect(result.resumedFrom).toBeGreaterThan((image.length * (kills - 1)) / (kills + 1))
      expect(result.bytes).toBe(image.length)
      expect(readdirSync(join(data, 'restores'))).toEqual([])
      // Each kill costs one window and one piece at most, and the questions of its beginning.
      const again = line.sentBytes - before - sentBytes
      expect(again).toBeLessThan((kills + 1) * (3 * 1450 + 400) + 1000)

      const identified = await run('identify', atHost!, '--json')
      expect(JSON.parse(identified.stdout)).toMatchObject({
        encoding: 'console',
        device: { mode: 'software' },
        software: { version: '1.1.0', active: true },
      })
      expect((await handset.stop()).exitCode).toBe(0)
      const region = readFileSync(chip).subarray(EXECUTABLE_ADDRESS)
      expect(Buffer.compare(region.subarray(0, image.length), image)).toBe(0)
    },
    180_000,
  )

  test('begins anew where nothing is recorded, and says so', async () => {
    const [atHandset, atHost] = pairs.map(({ a }) => `serial:${a}@${BAUD}`)
    handset = new KintsugiProcess('handset', 'run', atHandset!, '--bricked')
    await handset.line(/^ready$/)
    const { stdout } = await run('restore', atHost!, IMAGE, '--resume', '--json')
    const { startedOver, ...result } = JSON.parse(stdout)
    expect(result).toMatchObject({ result: 'restored', verified: true, resumedFrom: null })
    expect(startedOver).toMatch(/^From the start: there is no record of an interrupted restore/)
  }, 600_000)
})
