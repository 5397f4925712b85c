import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src-main/base/bytes'
import { FLASH_FAULT_POINT } from '../../src-main/handset/flash/nor-flash'
import type { ByteLink } from '../../src-main/link/byte-link'
import { binOf, brickedHandset, noise, openWorkshop } from '../restore/workshop'

const IMAGE = noise(10 * 1024)

async function bench() {
  let open: () => Promise<ByteLink> = () => Promise.reject(new Error('no handset yet'))
  const workshop = await openWorkshop(() => open(), binOf(IMAGE))
  const bricked = brickedHandset(workshop.clock)
  open = bricked.open
  bricked.handset.powerOn()
  return { ...workshop, ...bricked }
}

describe('a power cut during a restore', () => {
  test('at any flash operation costs one more restore and nothing else [S0-40]', async () => {
    const whole = await bench()
    const before = whole.flash.operations
    expect(await whole.restore()).toMatchObject({ result: 'written', verified: true })
    const operations = whole.flash.operations - before
    await whole.close()
    expect(operations).toBeGreaterThan(40)

    const failures: string[] = []
    for (let at = 1; at <= operations; at++) {
      const { flash, handset, restore, executable, close } = await bench()
      const fault = { point: FLASH_FAULT_POINT, kind: 'power-cut' }
      flash.faults.add({ ...fault, at: flash.faults.passed(FLASH_FAULT_POINT) + at })
      const cut = await restore()
      const wasOff = handset.state === 'off'
      handset.powerOn()
      const again = await restore()
      await close()
      const ends = `${cut.result} ${wasOff} ${again.result} ${again.verified}`
      const isWhole = startsWith(executable(), IMAGE)
      if (ends !== 'interrupted true written true' || !isWhole) {
        failures.push(`flash:power-cut@${at}: ${ends}, image in flash: ${isWhole}`)
      }
    }
    expect(failures).toEqual([])
  })
})

/** The image and, to the end of its last sector, erased flash. */
function startsWith(region: Uint8Array, image: Uint8Array): boolean {
  const sectors = Math.ceil(image.length / 4096) * 4096
  const rest = new Uint8Array(sectors - image.length).fill(0xff)
  return Buffer.compare(region.subarray(0, sectors), concatBytes([image, rest])) === 0
}
