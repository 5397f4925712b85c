import { RP2040 } from 'rp2040js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CpuClock } from '../../../src-main/handset/cpu/cpu-clock'
import { Rp2040Chip } from '../../../src-main/handset/cpu/rp2040-chip'
import { INSTRUCTION_KINDS, PLAIN, LOADS_HALFWORD, WIDE } from '../../../src-main/handset/cpu/thumb'
import { Cpu } from '../../../src-main/handset/cpu/cpu'
import { InProcessCpuHost } from '../../../src-main/handset/cpu/in-process-cpu-host'
import { CATCH } from './programs'
import { BOARD, SampleCpu, START, makeMemory } from './sample-cpu'

const CONSOLE = ['debug', 'info', 'log', 'warn', 'error'] as const
const ignore = () => {}
const HINTS = (code: number) => code >> 8 === 0xbf

afterEach(() => vi.restoreAllMocks())

function chip(): Rp2040Chip {
  const events = { onReset: ignore, onSent: ignore, onUartRead: ignore, onDisplayByte: ignore }
  const clock = new CpuClock(BOARD.hertz)
  return new Rp2040Chip({ hertz: BOARD.hertz, clock, displayDataPin: 25, events })
}

/** Sizes of the arrays that are made meanwhile, and of those that are filled. */
function watchArrays(act: () => void): { made: number[]; filled: number[] } {
  const made: number[] = []
  const filled: number[] = []
  const Original = Uint8Array
  vi.stubGlobal(
    'Uint8Array',
    class extends Original {
      constructor(length: number) {
        super(length)
        made.push(length)
      }
      override fill(value: number): this {
        filled.push(this.length)
        return super.fill(value)
      }
    },
  )
  try {
    act()
  } finally {
    vi.unstubAllGlobals()
  }
  return { made, filled }
}

/** Bytes of all buffers that can be reached from an object, but for those given. */
function keptBytes(from: object, but: ReadonlySet<unknown>): number {
  const seen = new Set<unknown>(but)
  let bytes = 0
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (ArrayBuffer.isView(value)) return visit(value.buffer)
    if (value instanceof ArrayBuffer) bytes += value.byteLength
    for (const inner of Object.values(value)) visit(inner)
  }
  visit(from)
  return bytes
}

describe('of rp2040js', () => {
  test('the reset does not touch the flash, and its own flash is not even filled', () => {
    const { filled } = watchArrays(() => void chip())
    expect(filled).toEqual([])
    const bare = watchArrays(() => void new RP2040())
    expect(bare.filled).toEqual([16 * 1024 * 1024])
  })

  test('16 MiB of flash are not kept by a CPU, and nothing of that size is its own', () => {
    expect(keptBytes(chip(), new Set())).toBeLessThan(64 * 1024)
    expect(keptBytes(new RP2040(), new Set())).toBeGreaterThan(16 * 1024 * 1024)
    const memory = makeMemory(new InProcessCpuHost())
    const parts = { memory, board: BOARD, start: START, display: undefined }
    expect(watchArrays(() => void new Cpu(parts)).made.filter(length => length > 2 ** 20)).toEqual([
      16 * 1024 * 1024,
    ])
  })

  test('nothing is printed, whatever registers software touches', () => {
    const printers = CONSOLE.map(name => vi.spyOn(console, name).mockImplementation(ignore))
    new SampleCpu({ code: [0xe7fe] }).start()
    for (const value of [0, 1, 0x8000_0001, 0xffff_ffff, 0x0005_5005]) touchEverything(value)
    for (const printer of printers) expect(printer).not.toHaveBeenCalled()
  })

  test('an instruction that it does not know is never given to it', () => {
    const unknown = unknownToBare()
    const passed = [...INSTRUCTION_KINDS.keys()].filter(code => {
      const kind = INSTRUCTION_KINDS[code]
      return kind === PLAIN || kind === LOADS_HALFWORD || kind === WIDE
    })
    expect(passed.filter(code => unknown.has(code) && !HINTS(code))).toEqual([])
    // What is refused is unknown to it, but for UDF and BKPT, over which it runs on.
    const refused = [...INSTRUCTION_KINDS.keys()].filter(code => !passed.includes(code))
    const known = refused.filter(code => !unknown.has(code))
    expect(new Set(known.map(code => code >> 8))).toEqual(new Set([0xbe, 0xde]))
  })

  test('an instruction that it runs over is met by HardFault', async () => {
    const bare = new RP2040()
    bare.logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
    bare.flash.set([0x01, 0xb1])
    bare.core.PC = 0x1000_0000
    bare.core.executeInstruction()
    expect(bare.core.PC).toBe(0x1000_0002)
    const { faults } = await new SampleCpu({ code: [0xb101], handler: CATCH }).start().run()
    expect(faults.map(fault => fault.kind)).toEqual(['undefined-instruction'])
  })
})

/** Reads and writes each register of the board. */
function touchEverything(value: number): void {
  const board = chip()
  const pages = [0xd000_0000, 0xe000_e000]
  for (let page = 0x4000_0000; page < 0x4007_0000; page += 0x4000) {
    pages.push(page, page + 0x1000, page + 0x2000, page + 0x3000)
  }
  for (const page of pages) {
    for (let offset = 0; offset < 0x1000; offset += 4) {
      board.read(page + offset)
      board.write(page + offset, value)
      board.read(page + offset)
    }
  }
}

/** First halfwords that bare rp2040js warns of, with the second of BL where they take one. */
function unknownToBare(): Set<number> {
  const unknown = new Set<number>()
  const bare = new RP2040()
  const { core } = bare
  let code = 0
  const warn = (_name: string, message: string) => {
    if (message.includes('not implemented')) unknown.add(code)
  }
  bare.logger = { debug: ignore, info: ignore, warn, error: ignore }
  for (code = 0; code < 0x1_0000; code++) {
    core.registers.fill(0x2000_0100)
    core.PC = 0x2000_0000
    bare.sramView.setUint16(0, code, true)
    bare.sramView.setUint16(2, 0xf800, true)
    core.executeInstruction()
  }
  return unknown
}
