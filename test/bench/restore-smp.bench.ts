import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { openSerial } from '../../src-main/link/serial-link'
import { realClock } from '../../src-main/observe/real-clock'
import { SmpDriver } from '../../src-main/restore/drivers/smp-driver'
import { restoreImageOf } from '../../src-main/restore/restore-image'
import { ptyPair } from '../link/pty'
import { SampleDevice, smpPeer } from '../restore/smp-peer'
import { binOf } from '../restore/workshop'
import { KintsugiProcess, FIRMWARE, run, scratchFolder } from '../story/kintsugi'
import { peer } from '../support/peers'
import { limitOf, measure, type LineCase, type LineResult } from './smp-line'

const FILE = new Uint8Array(readFileSync(FIRMWARE))
/** Long enough that the first and the last piece, which are waited for, do not count for much. */
const SHORT_IMAGE = FILE.subarray(0, 96 * 1024)
const LONG_IMAGE = FILE.subarray(0, 192 * 1024)
const BAUDS = [115_200, 921_600, 1_000_000]
const TURNAROUNDS = [0, 2, 16]
/** As many as Zephyr and the k1 have. Behind a slow adapter more must be under way. */
const BUFFERS = 4
const BUFFERS_BEHIND_LATENCY = 8
/** A machine that is busy with other things is slower than the line: it is given so many tries. */
const TRIES = 3

/** What the share of the limit should be at least. */
function goalOf(turnaroundMs: number): number {
  return turnaroundMs <= 2 ? 0.97 : 0.9
}

/** The best of a few tries, as soon as one is good enough. */
async function best(line: LineCase, goal: number): Promise<LineResult> {
  let result = await measure(line)
  for (let tries = 1; tries < TRIES && result.limitShare < goal; tries++) {
    const again = await measure(line)
    if (again.limitShare > result.limitShare) result = again
  }
  return result
}

function show(
  what: string,
  { bytesPerSecond, lineShare, limitShare, retries, flashShare }: LineResult,
) {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  console.log(
    `restore smp ${what}: ${Math.round(bytesPerSecond)} bytes/s, ${lineShare.toFixed(3)} of the ` +
      `line, ${percent(limitShare)} of the limit, flash busy for ${percent(flashShare)}, ` +
      `${retries} sent again`,
  )
}

describe.skipIf(!peer('socat'))('restore over SMP', () => {
  const scratch = scratchFolder()
  afterAll(() => scratch.remove())

  describe.each(['console', 'raw'] as const)(
    '%s, against the limit of the encoding, with a flash that takes no time',
    encoding => {
      test.each(BAUDS.flatMap(baud => TURNAROUNDS.map(turnaround => [baud, turnaround] as const)))(
        'at %i baud with %i ms each way',
        async (baud, turnaroundMs) => {
          const image = baud > 200_000 ? LONG_IMAGE : SHORT_IMAGE
          const bufferCount = turnaroundMs > 2 ? BUFFERS_BEHIND_LATENCY : BUFFERS
          const parts = { encoding, baud, turnaroundMs, bufferCount, image }
          const goal = goalOf(turnaroundMs)
          const result = await best({ ...parts, hasFlashTimes: false }, goal)
          expect(result.bytesPerSecond).toBeGreaterThan(0)
          const verdict = result.limitShare >= goal ? 'reaches' : 'misses'
          const what = `${encoding} ${baud}, ${turnaroundMs} ms each way, ${bufferCount} buffers`
          show(`${what} (${verdict} ${goal})`, result)
        },
        60_000,
      )
    },
  )

  describe('a k1 with the times of its flash', () => {
    const lines = (['console', 'raw'] as const).flatMap(encoding =>
      BAUDS.slice(1).flatMap(baud =>
        [2, BUFFERS].map(bufferCount => ({ encoding, baud, bufferCount })),
      ),
    )
    test.each(lines)(
      '$encoding at $baud baud with $bufferCount buffers',
      async line => {
        const { encoding, baud, bufferCount } = line
        const parts = { ...line, turnaroundMs: 0, image: SHORT_IMAGE }
        const what = `k1 ${encoding} ${baud}, ${bufferCount} buffers`
        const slow = await measure({ ...parts, hasFlashTimes: true })
        const quick = await measure({ ...parts, hasFlashTimes: false })
        expect(quick.bytesPerSecond).toBeGreaterThan(0)
        show(what, slow)
        show(`${what}, flash times left out`, quick)
      },
      60_000,
    )
  })

  test('by command at 115200 baud, against the limit of the encoding', async () => {
    const pair = await ptyPair()
    const image = scratch.file('part.bin')
    writeFileSync(image, SHORT_IMAGE)
    const handset = new KintsugiProcess('handset', 'run', `serial:${pair.a}`, '--bricked')
    await handset.line(/^ready$/)
    const { stdout } = await run('restore', `serial:${pair.b}`, image, '--json')
    await handset.stop()
    await pair.remove()
    const { result, bytesPerSecond, lineRateRatio } = JSON.parse(stdout)
    expect(result).toBe('written')
    const share = ((100 * lineRateRatio) / limitOf('console')).toFixed(1)
    console.log(
      `restore smp 115200 by command: ${result}, ${Math.round(bytesPerSecond)} bytes/s, ` +
        `${lineRateRatio.toFixed(3)} of the line, ${share} % of the limit`,
    )
  }, 120_000)

  test('over a pseudo-terminal without a rate, against a device without a flash', async () => {
    const pair = await ptyPair()
    const [ours, theirs] = await Promise.all([
      openSerial({ path: pair.a, baud: 115_200 }),
      openSerial({ path: pair.b, baud: 115_200 }),
    ])
    const device = new SampleDevice()
    smpPeer(theirs, device.answer)
    const driver = new SmpDriver({
      link: ours,
      clock: realClock,
      signal: new AbortController().signal,
      trace: { record: () => {} },
      onNote: () => {},
    })
    await driver.identify()
    const image = restoreImageOf(binOf(readFileSync(FIRMWARE)))
    const startedAt = performance.now()
    await driver.write(image, () => {})
    const seconds = (performance.now() - startedAt) / 1000
    driver.close()
    expect(Buffer.compare(device.received, image.bytes)).toBe(0)
    await Promise.all([ours.close(), theirs.close()])
    await pair.remove()
    const rate = image.bytes.length / seconds
    console.log(
      `restore smp unthrottled: ${Math.round(rate)} bytes/s in pieces of up to 480 bytes, ` +
        `${(rate / (limitOf('console') * 11_520)).toFixed(0)} times the limit at 115200`,
    )
  }, 120_000)
})
