import { describe, expect, test } from 'vitest'
import { viewOf } from '../../../src-main/base/bytes'
import { DOORBELL_PIN, HANDOVER, SCRATCH } from '../../../src-main/handset/cpu/firmware-interface'
import { echo, requestOf } from '../../../src-main/wire/smp/messages'
import { encodePacket } from '../../../src-main/wire/smp/packet'
import { k1 } from './model-layout'
import { firmwareImage, RunningFirmware, started } from './running-firmware'

const [APPLETS, BROWSER, PHONEBOOK] = [1 << 2, 1 << 3, 1 << 4]
const ALL = APPLETS | BROWSER | PHONEBOOK

describe('tasks that are asked to give their memory back', () => {
  test('stop, are not touched any more, and begin anew once they may', async () => {
    const firmware = await started('k1-1.0.0.bin')
    await limit(firmware, ALL)
    expect(stoppedTasks(firmware)).toBe(ALL)
    expect(firmware.lines).toEqual(
      expect.arrayContaining([
        'applet-runtime stopped',
        'browser stopped',
        'phonebook-cache stopped',
      ]),
    )
    const [first, last] = [k1.tasks[2], k1.tasks[4]]
    const start = first?.address ?? 0
    firmware.locked = { address: start, bytes: (last?.address ?? 0) + (last?.bytes ?? 0) - start }
    await pressThroughAll(firmware)
    await firmware.run(5000)
    expect(firmware.faults).toEqual([])
    const answer = await firmware.ask(encodePacket(requestOf(echo('here'), 1)))
    expect(answer?.payload).toEqual({ r: 'here' })
    firmware.locked = undefined
    await limit(firmware, 0)
    expect(stoppedTasks(firmware)).toBe(0)
    expect(firmware.lines).toContain('browser runs again')
    await pressThroughAll(firmware)
    expect(firmware.faults).toEqual([])
  })

  test('stop one by one, in whatever order they are asked', async () => {
    const firmware = await started('k1-2.0.0.bin')
    for (const wanted of [PHONEBOOK, PHONEBOOK | BROWSER, ALL, APPLETS, 0]) {
      await limit(firmware, wanted)
      expect(stoppedTasks(firmware)).toBe(wanted)
    }
  })

  test('kernel and telephony are exempt', async () => {
    const firmware = await started('k1-1.0.0.bin')
    await limit(firmware, 0xff)
    expect(stoppedTasks(firmware)).toBe(ALL)
  })

  test('a screen of a stopped task closes and refuses to open', async () => {
    const firmware = await started('k1-1.0.0.bin')
    const home = firmware.picture
    await firmware.press('back')
    await limit(firmware, PHONEBOOK)
    await firmware.run(4000)
    expect(firmware.picture).toBe(home)
    await firmware.press('back')
    const refused = firmware.picture
    expect(refused).not.toBe(home)
    await firmware.run(4000)
    expect(firmware.picture).toBe(home)
  })

  test('are not even begun where they are limited from the start', async () => {
    const firmware = await started('k1-1.0.0.bin', { handover: { limitedTasks: ALL } })
    expect(stoppedTasks(firmware)).toBe(ALL)
    for (const { address, bytes } of k1.tasks.slice(2)) {
      const from = address - k1.ramAddress
      expect(firmware.memory.ram.subarray(from, from + bytes).every(byte => byte === 0)).toBe(true)
    }
  })
})

describe('a fault', () => {
  test('leaves its program counter behind and ends in a watchdog reset', async () => {
    const firmware = await started('k1-1.0.0.bin')
    const telephony = k1.tasks[1]
    if (!telephony) throw new Error('the model has no telephony')
    firmware.locked = telephony
    await firmware.run(6000)
    const [fault] = firmware.faults
    expect(fault?.kind).toBe('locked-ram')
    expect(firmware.lines.at(-1)).toBe(`fault at 0x${fault?.pc.toString(16)}`)
    expect(firmware.outcome?.scratch[SCRATCH.faultPc]).toBe(fault?.pc)
    expect(firmware.outcome?.stop).toBe('watchdog')
  })

  test('an exception that nothing enables leaves its program counter behind as well', async () => {
    const image = firmwareImage('k1-1.0.0.bin')
    const view = viewOf(image)
    const reset = view.getUint32(k1.vectorOffset + 4, true) - 1
    // svc 0
    view.setUint16(reset - k1.windowAddress - k1.executable.address, 0xdf00, true)
    const firmware = new RunningFirmware(image)
    await firmware.run(6000)
    expect(firmware.faults).toEqual([])
    expect(firmware.outcome?.scratch[SCRATCH.faultPc]).toBe(reset + 2)
    expect(firmware.outcome?.stop).toBe('watchdog')
  })

  test('a task whose memory is damaged is fed no watchdog', async () => {
    const firmware = new RunningFirmware(firmwareImage('k1-1.0.0.bin'))
    await firmware.runUntilLine('ready')
    const browser = k1.tasks[3]
    const start = (browser?.address ?? 0) - k1.ramAddress
    firmware.memory.ram.fill(0, start, start + 4)
    await firmware.run(8000)
    expect(firmware.outcome?.stop).toBe('watchdog')
  })
})

async function limit(firmware: RunningFirmware, tasks: number): Promise<void> {
  firmware.handover.setUint32(HANDOVER.limitedTasks, tasks, true)
  firmware.turnPin(DOORBELL_PIN)
  await firmware.run(100)
}

function stoppedTasks(firmware: RunningFirmware): number {
  return firmware.handover.getUint32(HANDOVER.stoppedTasks, true)
}

async function pressThroughAll(firmware: RunningFirmware): Promise<void> {
  for (let entry = 0; entry < 6; entry++) {
    await firmware.press('select', 'select', 'down', '5', 'end', 'select', 'down', 'end')
  }
}
