import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSerial } from '../../src-main/link/serial-link'
import { realClock } from '../../src-main/observe/real-clock'
import { SmpDriver } from '../../src-main/restore/drivers/smp-driver'
import { restoreImageOf } from '../../src-main/restore/restore-image'
import { consoleBytes } from '../../src-main/wire/smp/console'
import { ptyPair, type PtyPair } from '../link/pty'
import { SampleDevice, smpPeer } from '../restore/smp-peer'
import { binOf } from '../restore/workshop'
import { KintsugiProcess, FIRMWARE, run, scratchFolder } from '../story/kintsugi'
import { peer } from '../support/peers'

/** Header and CBOR around the data of a piece of 256 bytes or more, from offset 65536 on. */
const OVERHEAD_BYTES = 26
const PIECE_BYTES = 992

/** Payload over wire bytes of one piece: what a pipelined sender can reach at best. */
const CEILING = PIECE_BYTES / consoleBytes(PIECE_BYTES + OVERHEAD_BYTES)

describe.skipIf(!peer('socat'))('restore over SMP', () => {
  const scratch = scratchFolder()
  let pair: PtyPair
  beforeEach(async () => void (pair = await ptyPair()))
  afterEach(() => pair.remove())
  afterAll(() => scratch.remove())

  test('over a line of 115200 baud, against the limit of the encoding', async () => {
    const image = scratch.file('part.bin')
    writeFileSync(image, readFileSync(FIRMWARE).subarray(0, 128 * 1024))
    const handset = new KintsugiProcess('handset', 'run', `serial:${pair.a}`, '--bricked')
    await handset.line(/^ready$/)
    const { stdout } = await run('restore', `serial:${pair.b}`, image, '--json')
    await handset.stop()
    const { result, bytesPerSecond, lineRateRatio } = JSON.parse(stdout)
    expect(result).toBe('written')
    const share = ((100 * lineRateRatio) / CEILING).toFixed(1)
    console.log(
      `restore smp 115200: ${result}, ${Math.round(bytesPerSecond)} bytes/s, ` +
        `${lineRateRatio.toFixed(3)} of the line, ${share} % of the limit ${CEILING.toFixed(3)}`,
    )
  }, 120_000)

  test('over a pseudo-terminal without a rate, against a device without a flash', async () => {
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
    const rate = image.bytes.length / seconds
    console.log(
      `restore smp unthrottled: ${Math.round(rate)} bytes/s in pieces of up to 480 bytes, ` +
        `${(rate / (CEILING * 11_520)).toFixed(0)} times the limit at 115200`,
    )
  }, 120_000)
})
