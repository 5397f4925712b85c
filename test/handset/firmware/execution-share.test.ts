import { expect, test } from 'vitest'
import { EXECUTION_CELL_BYTES } from '../../../src-main/handset/cpu/cpu-port'
import {
  CABLE_PIN,
  RADIO_PIN,
  type KeyName,
} from '../../../src-main/handset/cpu/firmware-interface'
import { echo, readInfo, readParameters, requestOf } from '../../../src-main/wire/smp/messages'
import { encodePacket } from '../../../src-main/wire/smp/packet'
import { k1 } from './model-layout'
import { firmwareImage, firmwareList, started, type RunningFirmware } from './running-firmware'

const SHARE = 0.6
/** Slow, so that what computes all the time costs less time here. */
const HERTZ = 12_000_000
/** A long session on a busy machine. */
const MOST_MS = 240_000

/** Those of the k2 are the same but for their addresses. */
const fit = firmwareList().filter(({ file }) => file.startsWith('k1') && !file.includes('fails'))

test.each(fit)(
  'most of $file is executed or read in use',
  async ({ file, version }) => {
    const firmware = await started(file, { pins: 1 << CABLE_PIN, hertz: HERTZ })
    // What the self-test touched when it summed up the whole image does not count.
    firmware.memory.execution.fill(0)
    await use(firmware, version)
    expect(firmware.faults).toEqual([])
    expect(shareOf(firmware, firmwareImage(file).length)).toBeGreaterThan(SHARE)
  },
  MOST_MS,
)

/** A person looks at everything that the menu offers, and a host asks what it may ask. */
async function use(firmware: RunningFirmware, version: string): Promise<void> {
  const isGrid = version.startsWith('2')
  firmware.setPin(RADIO_PIN, true)
  await firmware.run(2500)
  await firmware.press('1', '1', '7', 'call')
  await firmware.run(5000)
  await firmware.press('end', 'end')
  for (let entry = 0; entry < (isGrid ? 9 : 6); entry++) {
    await firmware.press('select', 'select')
    await firmware.press(
      'down',
      'down',
      'select',
      'up',
      'select',
      'right',
      'down',
      'select',
      'left',
    )
    await firmware.press('1', '2', 'right', '3', 'select', '7', 'left', '4', 'select', 'down', '5')
    await firmware.run(600)
    // The first end may only end a call.
    await firmware.press('end', 'end', 'select', isGrid ? 'right' : 'down', 'end')
  }
  await firmware.press('select', isGrid ? 'right' : 'down', 'select')
  await readAllPages(firmware)
  await firmware.ask(encodePacket(requestOf(echo('used'), 1)))
  await firmware.ask(encodePacket(requestOf(readInfo(), 2)))
  await firmware.ask(encodePacket(requestOf(readParameters, 3)))
}

/** Follows each link of the start page and scrolls through what it leads to. */
async function readAllPages(firmware: RunningFirmware): Promise<void> {
  for (let link = 1; link <= 7; link++) {
    await firmware.press(...times('down', link), 'select')
    await firmware.press(...times('down', 8), 'left')
  }
  // The page of all characters is linked from the last page only.
  await firmware.press(...times('down', 7), 'select')
  await firmware.press(...times('down', 12), 'select', ...times('down', 3))
}

function times(key: KeyName, count: number): KeyName[] {
  return Array.from({ length: count }, () => key)
}

function shareOf({ memory }: RunningFirmware, imageBytes: number): number {
  const first = k1.executable.address / EXECUTION_CELL_BYTES
  const cells = memory.execution.subarray(first, first + imageBytes / EXECUTION_CELL_BYTES)
  return cells.filter(cell => cell !== 0).length / cells.length
}
