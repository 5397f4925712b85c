import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as shared from '../../../src-main/handset/cpu/firmware-interface'
import { peer } from '../../support/peers'
import { firmwareFolder, k1, k2, type ModelLayout } from './model-layout'

const board = readFileSync(new URL('src/board.h', firmwareFolder), 'utf8')
const linkerScript = readFileSync(new URL('src/firmware.ld', firmwareFolder), 'utf8')

/** Value of a `#define` that is a number. */
function defined(name: string): number {
  const value = new RegExp(`^#define ${name} (\\w+?)u?$`, 'm').exec(board)?.[1]
  if (value === undefined) throw new Error(`board.h does not define ${name}`)
  return Number(value)
}

/** Offsets of the members of `struct handover`, all of which are aligned by themselves. */
function handoverOffsets(): Record<string, number> {
  const body = /struct handover \{(.*?)\};/s.exec(board)?.[1] ?? ''
  const offsets: Record<string, number> = {}
  let at = 0
  for (const [, type, name, count] of body.matchAll(/(uint32_t|char) (\w+)(?:\[(\w+)\])?;/g)) {
    offsets[name ?? ''] = at
    const items = count === undefined ? 1 : /^\d/.test(count) ? Number(count) : defined(count)
    at += (type === 'char' ? 1 : 4) * items
  }
  return offsets
}

function memoryOf(name: string): { address: number; bytes: number } {
  const line = new RegExp(`^ *${name} .*ORIGIN = (\\w+), LENGTH = (\\w+)`, 'm').exec(linkerScript)
  if (!line) throw new Error(`firmware.ld has no memory ${name}`)
  return { address: Number(line[1]), bytes: Number(line[2]) }
}

function memoryNameOf(task: string): string {
  return task.toUpperCase().replaceAll('-', '_')
}

describe('the firmware and the workbench agree', () => {
  test('on pins', () => {
    for (const [key, pin] of Object.entries(shared.KEY_PINS)) {
      expect(defined(`KEY_${key.toUpperCase()}`)).toBe(pin)
    }
    expect(defined('KEY_COUNT')).toBe(Object.keys(shared.KEY_PINS).length)
    expect(defined('RADIO_PIN')).toBe(shared.RADIO_PIN)
    expect(defined('CABLE_PIN')).toBe(shared.CABLE_PIN)
    expect(defined('DOORBELL_PIN')).toBe(shared.DOORBELL_PIN)
    const inputs = [shared.RADIO_PIN, shared.CABLE_PIN, shared.DOORBELL_PIN]
    const last = Math.max(...Object.values(shared.KEY_PINS), ...inputs)
    expect(defined('INPUT_PIN_COUNT')).toBe(last + 1)
    expect(defined('DISPLAY_DATA_PIN')).toBe(shared.DISPLAY_DATA_PIN)
  })

  test('on the scratch registers and what is written there', () => {
    expect(defined('SCRATCH_STATUS')).toBe(shared.SCRATCH.status)
    expect(defined('SCRATCH_FAILED_TEST')).toBe(shared.SCRATCH.failedTest)
    expect(defined('SCRATCH_REQUEST')).toBe(shared.SCRATCH.request)
    expect(defined('SCRATCH_FAULT_PC')).toBe(shared.SCRATCH.faultPc)
    expect(defined('STATUS_RUNS')).toBe(shared.STATUS.runs)
    expect(defined('STATUS_SELF_TEST_FAILED')).toBe(shared.STATUS.selfTestFailed)
    expect(defined('REQUEST_RESTORE_MODE')).toBe(shared.REQUEST_RESTORE_MODE)
    expect(defined('WATCHDOG_MILLISECONDS')).toBe(shared.WATCHDOG_MILLISECONDS)
  })

  test('on the page in which they meet', () => {
    const { bytes, ...offsets } = shared.HANDOVER
    const named = Object.fromEntries(
      Object.entries(handoverOffsets()).map(([name, at]) => [
        name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
        at,
      ]),
    )
    expect(named).toMatchObject(offsets)
    expect(bytes).toBe(memoryOf('HANDOVER').bytes)
    expect(defined('HANDOVER_MAGIC')).toBe(shared.HANDOVER_MAGIC)
    expect(defined('HANDOVER_VERSION')).toBe(shared.HANDOVER_VERSION)
    expect(defined('TERMINAL_ID_BYTES')).toBe(shared.TERMINAL_ID_BYTES)
    expect(defined('BOOT_CAUSE_POWER')).toBe(shared.BOOT_CAUSE.power)
    expect(defined('BOOT_CAUSE_RESET')).toBe(shared.BOOT_CAUSE.reset)
    expect(defined('BOOT_CAUSE_WATCHDOG')).toBe(shared.BOOT_CAUSE.watchdog)
  })
})

describe.each([k1, k2])('board.h, the linker script and $model.json agree', layout => {
  test('on flash, display, clock and buffers', () => {
    expect(defined('FLASH_WINDOW')).toBe(layout.windowAddress)
    expect(defined('VECTOR_OFFSET')).toBe(layout.vectorOffset)
    expect(defined('CPU_HERTZ')).toBe(layout.hertz)
    expect(defined('DISPLAY_WIDTH')).toBe(layout.display.width)
    expect(defined('DISPLAY_HEIGHT')).toBe(layout.display.height)
    expect(defined('SMP_BUFFER_BYTES')).toBe(layout.smp.bufferBytes)
    expect(defined('SMP_BUFFER_COUNT')).toBe(layout.smp.bufferCount)
  })

  test('on every task and the memory between them and the last page', () => {
    for (const { name, address, bytes } of layout.tasks) {
      expect(memoryOf(memoryNameOf(name))).toEqual({ address, bytes })
    }
    const last = layout.tasks.at(-1)
    const free = (last?.address ?? 0) + (last?.bytes ?? 0)
    expect(memoryOf('FREE')).toEqual({ address: free, bytes: layout.handoverAddress - free })
    expect(memoryOf('HANDOVER').address).toBe(layout.handoverAddress)
    expect(defined('HANDOVER_ADDRESS')).toBe(layout.handoverAddress)
  })
})

const hasCompiler = peer('arm-none-eabi-gcc') !== undefined

describe.skipIf(!hasCompiler).each([k1, k2])('a built image of the $model', layout => {
  let symbols: ReadonlyMap<string, number>
  beforeAll(() => void (symbols = symbolsOf(layout)))

  test('lies in the executable region', () => {
    const { address, bytes } = layout.executable
    const seen = layout.windowAddress + address
    expect(symbols.get('executable_address')).toBe(seen)
    expect(symbols.get('executable_bytes')).toBe(bytes)
    expect(symbols.get('descriptor')).toBe(seen + 0x40)
    expect(symbols.get('reset_handler')).toBeGreaterThan(seen + layout.vectorOffset)
    expect(symbols.get('reset_handler')).toBeLessThan(seen + bytes)
  })

  test('has the symbols of the model and keeps to the kernel', () => {
    for (const { name, address, bytes } of layout.tasks) {
      const symbol = name.replaceAll('-', '_')
      expect(symbols.get(`${symbol}_start`)).toBe(address)
      expect(symbols.get(`${symbol}_bytes`)).toBe(bytes)
    }
    const [kernel] = layout.tasks
    const end = (kernel?.address ?? 0) + (kernel?.bytes ?? 0)
    expect(symbols.get('stack_top')).toBe(end)
    expect(symbols.get('data_start')).toBe(kernel?.address)
    expect(symbols.get('bss_end')).toBeLessThan(end)
  })
})

/** Builds the model's release 2.0.0 and reads the addresses that the linker gave it. */
function symbolsOf({ model }: ModelLayout): ReadonlyMap<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'firmware-'))
  const image = `${model}-2.0.0`
  try {
    const script = ['scripts/build-firmware.mjs', '--only', image, '--out', folder]
    execFileSync(process.execPath, script)
    const lines = execFileSync('arm-none-eabi-nm', [join(folder, `${image}.elf`)], {
      encoding: 'utf8',
    })
    return new Map(
      lines
        .split('\n')
        .map(line => line.split(' '))
        .map(([address, , name]) => [name ?? '', parseInt(address ?? '', 16)]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
