import { describe, expect, test } from 'vitest'
import { CABLE_PIN, KEY_PINS, RADIO_PIN } from '../../../src-main/handset/cpu/firmware-interface'
import { k1 } from './model-layout'
import { started, type RunningFirmware } from './running-firmware'

const V1 = 'k1-1.0.0.bin'
const V2 = 'k1-2.0.0.bin'
const STATUS_ROWS = 14
const ROW_BYTES = k1.display.width * 2

describe('the display', () => {
  test('is on and shows a picture of many colours', async () => {
    const firmware = await started(V1)
    expect(firmware.outcome?.display.on).toBe(true)
    expect(coloursOf(firmware.memory.pixels)).toBeGreaterThan(14)
  })

  test('is left alone while nothing changes, but for the minute', async () => {
    const firmware = await started(V1)
    const revision = firmware.outcome?.display.revision ?? 0
    await firmware.run(20_000)
    expect(firmware.outcome?.display.revision).toBe(revision)
    await firmware.run(40_000)
    expect(firmware.outcome?.display.revision).toBeGreaterThan(revision)
  })

  test('shows another face in each release', async () => {
    const pictures = []
    for (const file of [V1, 'k1-1.1.0.bin', V2]) pictures.push((await started(file)).picture)
    expect(new Set(pictures).size).toBe(3)
  })
})

describe('keys', () => {
  test('lead through menu and screens and back to the same home screen', async () => {
    const firmware = await started(V1)
    const home = firmware.picture
    const seen = new Set([home])
    await firmware.press('select')
    seen.add(firmware.picture)
    for (let entry = 0; entry < 6; entry++) {
      await firmware.press('select')
      seen.add(firmware.picture)
      await firmware.press('back', 'down')
      seen.add(firmware.picture)
    }
    await firmware.press('end')
    expect(firmware.picture).toBe(home)
    expect(seen.size).toBeGreaterThanOrEqual(13)
  })

  test('open the entries of the newer menu by their numbers', async () => {
    const firmware = await started(V2)
    const seen = new Set<number>()
    for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const) {
      await firmware.press('end', 'select', key)
      seen.add(firmware.picture)
    }
    expect(seen.size).toBe(9)
  })

  test('repeat while they are held', async () => {
    const firmware = await started(V1)
    await firmware.press('back')
    const pictures = new Set<number>()
    firmware.setPin(1, true)
    for (let step = 0; step < 15; step++) {
      await firmware.run(100)
      pictures.add(firmware.picture)
    }
    firmware.setPin(1, false)
    expect(pictures.size).toBeGreaterThan(6)
  })

  test('a tap between two looks is not missed', async () => {
    const firmware = await started(V1)
    const home = firmware.picture
    firmware.setPin(4, true)
    await firmware.run(0)
    firmware.setPin(4, false)
    await firmware.run(200)
    expect(firmware.picture).not.toBe(home)
  })
})

test('a key that is let go and pressed again before the software looks was pressed twice', async () => {
  const [typed, quick] = [await started(V1), await started(V1)]
  await typed.press('1', '1')
  quick.setPin(KEY_PINS['1'], true)
  await quick.run(30)
  const once = quick.picture
  quick.setPin(KEY_PINS['1'], false)
  await quick.run(0)
  quick.setPin(KEY_PINS['1'], true)
  await quick.run(70)
  quick.setPin(KEY_PINS['1'], false)
  await quick.run(100)
  expect(once).not.toBe(typed.picture)
  expect(quick.picture).toBe(typed.picture)
})

describe('the status bar', () => {
  test('follows the radio cell: none, searching, in service, none', async () => {
    const firmware = await started(V1)
    const none = statusOf(firmware)
    firmware.setPin(RADIO_PIN, true)
    await firmware.run(500)
    const searching = statusOf(firmware)
    await firmware.runUntilLine('radio: in service')
    await firmware.run(100)
    const inService = statusOf(firmware)
    firmware.setPin(RADIO_PIN, false)
    await firmware.runUntilLine('radio: no service')
    await firmware.run(100)
    expect(new Set([none, searching, inService]).size).toBe(3)
    expect(statusOf(firmware)).toBe(none)
  })

  test('shows the cable while it is in', async () => {
    const firmware = await started(V1)
    const without = statusOf(firmware)
    firmware.setPin(CABLE_PIN, true)
    await firmware.run(50)
    const withCable = statusOf(firmware)
    firmware.setPin(CABLE_PIN, false)
    await firmware.run(50)
    expect(withCable).not.toBe(without)
    expect(statusOf(firmware)).toBe(without)
  })
})

describe('telephone', () => {
  test('calls where a cell is in reach, and loses the call with it', async () => {
    const firmware = await started(V1, { pins: 1 << RADIO_PIN })
    await firmware.runUntilLine('radio: in service')
    await firmware.press('1', '1', '7', 'call')
    await firmware.runUntilLine('call connected')
    firmware.setPin(RADIO_PIN, false)
    await firmware.runUntilLine('call lost')
    expect(firmware.lines).toContain('calling 117')
  })

  test('does not call without a cell', async () => {
    const firmware = await started(V1)
    await firmware.press('1', '1', '7', 'call')
    await firmware.run(5000)
    expect(firmware.lines).not.toContain('call connected')
  })
})

test('a snake that is not steered hits the wall, and select plays again', async () => {
  const firmware = await started(V1)
  await firmware.press('select', 'down', 'down', 'select')
  await firmware.run(6000)
  const over = firmware.picture
  await firmware.run(1000)
  expect(firmware.picture).toBe(over)
  await firmware.press('select')
  await firmware.run(400)
  expect(firmware.picture).not.toBe(over)
})

function statusOf({ memory }: RunningFirmware): string {
  return memory.pixels.subarray(0, STATUS_ROWS * ROW_BYTES).join()
}

function coloursOf(pixels: Uint8Array): number {
  const colours = new Set<number>()
  for (let at = 0; at < pixels.length; at += 2) {
    colours.add(((pixels[at] ?? 0) << 8) | (pixels[at + 1] ?? 0))
  }
  return colours.size
}
