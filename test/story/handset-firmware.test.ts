import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { openSerial } from '../../src-main/link/serial-link'
import { ptyPair, type PtyPair } from '../link/pty'
import { peer } from '../support/peers'
import { KintsugiProcess, run, scratchFolder } from './kintsugi'

const EXECUTABLE_ADDRESS = 0x10000
const IMAGE = 'resources/firmware/k1-1.0.0.bin'
/** SMP echo "kintsugi", version 1, sequence 7, as a line of a serial console. */
const ECHO = Buffer.from('\x06\tABYKAAAMAAAHAKFhZGhraW50c3Vnaamy\n', 'latin1')
const ECHOED = '\x06\tABYLAAAMAAAHAKFhcmhraW50c3VnaXso\n'

/** Everything that comes over a line, as text. */
class Listener {
  readonly link: ByteLink
  heard = ''
  #look: () => void = () => {}

  constructor(link: ByteLink) {
    this.link = link
    link.onData(bytes => {
      this.heard += Buffer.from(bytes).toString('latin1')
      this.#look()
    })
  }

  async until(text: string): Promise<string> {
    while (!this.heard.includes(text)) await new Promise<void>(more => (this.#look = more))
    return this.heard
  }
}

describe.skipIf(!peer('socat'))('a handset with firmware at the end of a serial line', () => {
  const scratch = scratchFolder()
  let pair: PtyPair
  let handset: KintsugiProcess | undefined
  let listener: Listener
  beforeEach(async () => {
    pair = await ptyPair()
    listener = new Listener(await openSerial({ path: pair.b, baud: 115_200 }))
  })
  afterEach(async () => {
    await handset?.stop()
    await listener.link.close()
    await pair.remove()
  })
  afterAll(() => scratch.remove())

  async function switchedOn(...options: string[]): Promise<KintsugiProcess> {
    handset = new KintsugiProcess('handset', 'run', `serial:${pair.a}`, ...options)
    await handset.line(/^ready$/)
    return handset
  }

  test('boots it from flash, prints, and answers an echo of literal bytes', async () => {
    const started = await switchedOn('--name', 'T-0001')
    await started.line(/^normal$/)
    const banner = await listener.until('ready\r\n')
    expect(banner).toMatch(/Kintsugi k1 1\.0\.0 K1-[0-9A-F]{12}\r\n/)
    listener.heard = ''
    await listener.link.write(ECHO)
    expect(await listener.until(ECHOED)).toBe(ECHOED)
  })

  test('whose region was overwritten prints nothing of it and waits in restore mode', async () => {
    const chip = scratch.file('chip.bin')
    const started = await switchedOn('--save', chip)
    await started.line(/^normal$/)
    await started.stop()
    const cells = readFileSync(chip)
    const image = readFileSync(IMAGE)
    expect(cells.subarray(EXECUTABLE_ADDRESS, EXECUTABLE_ADDRESS + image.length)).toEqual(image)
    cells.fill(0, EXECUTABLE_ADDRESS, EXECUTABLE_ADDRESS + image.length)
    writeFileSync(chip, cells)
    listener.heard = ''
    await switchedOn('--flash', chip)
    expect(await listener.until('\r\n')).toMatch(
      /^Kintsugi k1 restore-mode K1-[0-9A-F]{12}: region-invalid\r\n$/,
    )
    await listener.link.write(ECHO)
    await listener.until('AKFhcmhraW50c3Vna')
    expect(listener.heard).not.toContain('1.0.0')
  })

  test('is brought back: its own code answers, and says its version [S0-32]', async () => {
    await switchedOn('--bricked')
    await listener.link.close()
    const restored = await run('restore', `serial:${pair.b}`, IMAGE, '--json')
    expect(JSON.parse(restored.stdout)).toMatchObject({ result: 'restored', verified: true })
    expect(restored.exitCode).toBe(0)
    const identified = await run('identify', `serial:${pair.b}`, '--json')
    expect(JSON.parse(identified.stdout)).toMatchObject({
      device: { mode: 'software' },
      software: { version: '1.0.0', active: true },
    })
  }, 600_000)

  test('that jumps into nothing says where, three times, and waits in restore mode', async () => {
    const image = new Uint8Array(0x300)
    const view = new DataView(image.buffer)
    view.setUint32(0x100, 0x2000_4000, true)
    view.setUint32(0x104, 0x1001_0201, true)
    view.setUint32(0x10c, 0x1001_0241, true)
    // ldr r0, [pc, #0]; bx r0; .word 0x60000001 – and a fault handler that waits: b .
    for (const [index, code] of [0x4800, 0x4700, 0x0001, 0x6000].entries()) {
      view.setUint16(0x200 + 2 * index, code, true)
    }
    view.setUint16(0x240, 0xe7fe, true)
    const file = scratch.file('astray.bin')
    writeFileSync(file, image)
    const started = await switchedOn('--software', file)
    await started.line(/^restore-wait \(watchdog\)$/)
    const { stderr } = await started.stop()
    expect(stderr.match(/^fault: bad-address at 0x60000000/gm)).toHaveLength(3)
    expect(stderr.match(/^watchdog reset \d$/gm)).toEqual([
      'watchdog reset 1',
      'watchdog reset 2',
      'watchdog reset 3',
    ])
  }, 600_000)
})
