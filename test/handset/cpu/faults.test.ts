import { describe, expect, test } from 'vitest'
import type { CpuFaultKind } from '../../../src-main/handset/cpu/cpu-port'
import { CATCH } from './programs'
import {
  CODE,
  FLASH,
  FLASH_BYTES,
  HANDLER,
  RAM,
  RAM_BYTES,
  SampleCpu,
  milliseconds,
} from './sample-cpu'

/** `ldr r0, [pc, #0x7c]` of the first word, then the instruction in question, then `b .`. */
const withAddress = (word: number, ...instruction: number[]) => ({
  code: [0x481f, ...instruction, 0xe7fe],
  words: [word],
})
const LDR = 0x6801 // ldr r1, [r0]
const LDRH = 0x8801
const LDRB = 0x7801
const STR = 0x6001 // str r1, [r0]
const STRH = 0x8001
const STRB = 0x7001
const BX = 0x4700 // bx r0
const BLX = 0x4780 // blx r0

interface Case {
  readonly what: string
  readonly word: number
  readonly code: readonly number[]
  readonly kind: CpuFaultKind
  /** Undefined: of the instruction after the load of the word. */
  readonly pc?: number
  /** Undefined: the word. */
  readonly address?: number | null
}

const cases: readonly Case[] = [
  { what: 'a word stored into the flash', word: FLASH + 0x400, code: [STR], kind: 'flash-store' },
  { what: 'a halfword stored into the flash', word: FLASH, code: [STRH], kind: 'flash-store' },
  {
    what: 'a byte stored into the flash',
    word: FLASH + 0x1f_ffff,
    code: [STRB],
    kind: 'flash-store',
  },
  { what: 'a word beyond the chip', word: FLASH + FLASH_BYTES, code: [LDR], kind: 'bad-address' },
  { what: 'a store beyond the chip', word: FLASH + FLASH_BYTES, code: [STR], kind: 'bad-address' },
  { what: 'a mirror of the flash', word: 0x1101_0200, code: [LDR], kind: 'bad-address' },
  { what: 'the boot ROM', word: 0, code: [LDRB], kind: 'bad-address' },
  { what: 'a store into the boot ROM', word: 0x10, code: [STR], kind: 'bad-address' },
  { what: 'a word beyond the RAM', word: RAM + RAM_BYTES, code: [LDR], kind: 'bad-address' },
  { what: 'the memory of USB', word: 0x5010_0000, code: [STR], kind: 'bad-address' },
  { what: 'the registers of DMA', word: 0x5000_0000, code: [STR], kind: 'bad-address' },
  { what: 'the registers of PIO', word: 0x5020_0000, code: [STR], kind: 'bad-address' },
  { what: 'the end of the address space', word: 0xffff_fffc, code: [LDR], kind: 'bad-address' },
  { what: 'a word that is not aligned', word: RAM + 2, code: [LDR], kind: 'misaligned' },
  { what: 'a halfword that is not aligned', word: RAM + 1, code: [LDRH], kind: 'misaligned' },
  { what: 'a store that is not aligned', word: RAM + 1, code: [STR], kind: 'misaligned' },
  { what: 'a halfword of flash not aligned', word: FLASH + 5, code: [LDRH], kind: 'misaligned' },
  {
    what: 'an instruction of ARMv7-M',
    word: 0,
    code: [0xb101],
    kind: 'undefined-instruction',
    address: null,
  },
  { what: 'UDF', word: 0, code: [0xde00], kind: 'undefined-instruction', address: null },
  {
    what: 'a long UDF',
    word: 0,
    code: [0xf7f0, 0xa000],
    kind: 'undefined-instruction',
    address: null,
  },
  {
    what: 'a long instruction of ARMv7-M',
    word: 0,
    code: [0xf8d0, 0x1000],
    kind: 'undefined-instruction',
    address: null,
  },
  { what: 'BKPT', word: 0, code: [0xbe00], kind: 'breakpoint', address: null },
  {
    what: 'a jump into nothing',
    word: 0xffff_ffff,
    code: [BX],
    kind: 'bad-address',
    pc: 0xffff_fffe,
    address: 0xffff_fffe,
  },
  {
    what: 'a jump into registers',
    word: 0x4005_4001,
    code: [BX],
    kind: 'bad-address',
    pc: 0x4005_4000,
    address: 0x4005_4000,
  },
  {
    what: 'a jump without the Thumb bit',
    word: RAM,
    code: [BX],
    kind: 'undefined-instruction',
    pc: RAM,
  },
  {
    what: 'a call without the Thumb bit',
    word: CODE,
    code: [BLX],
    kind: 'undefined-instruction',
    pc: CODE,
  },
]

describe('a fault of the software', () => {
  test.each(cases)('$what is met by its handler', async ({ word, code, kind, pc, address }) => {
    const cpu = new SampleCpu({ ...withAddress(word, ...code), handler: CATCH }).start()
    const before = cpu.memory.flash.slice()
    const { faults, stop } = await cpu.run()
    const at = pc ?? CODE + 2
    const touched = address === null ? undefined : (address ?? word)
    expect(faults).toEqual([{ kind, pc: at, address: touched }])
    expect(stop).toBeUndefined()
    expect([cpu.word(RAM), cpu.word(RAM + 4)]).toEqual([at, 1])
    expect(Buffer.compare(cpu.memory.flash, before)).toBe(0)
  })

  test.each([
    [
      'hidden',
      { hidden: [{ address: FLASH + 0x400, bytes: 32 }] },
      {},
      FLASH + 0x41c,
      'hidden-flash',
    ],
    [
      'busy',
      {},
      { busy: { address: FLASH + 0x1000, bytes: 0x1000 } },
      FLASH + 0x1ffc,
      'busy-flash',
    ],
    ['locked', {}, { locked: { address: RAM + 0x30000, bytes: 16 } }, RAM + 0x3000c, 'locked-ram'],
  ])('a word of a %s range', async (...[, start, order, word, kind]) => {
    const cpu = new SampleCpu({ ...withAddress(word, LDR), handler: CATCH }).start(start)
    const { faults } = await cpu.run(order)
    expect(faults).toEqual([{ kind, pc: CODE + 2, address: word }])
  })

  test.each([
    ['hidden', { hidden: [{ address: FLASH + 0x400, bytes: 32 }] }, {}, FLASH + 0x420],
    ['busy', {}, { busy: { address: FLASH + 0x1000, bytes: 0x1000 } }, FLASH + 0xffc],
    ['locked', {}, { locked: { address: RAM + 0x30000, bytes: 16 } }, RAM + 0x30010],
  ])('a word beside a %s range is none', async (_what, start, order, word) => {
    const cpu = new SampleCpu({ ...withAddress(word, LDR), handler: CATCH }).start(start)
    expect((await cpu.run(order)).faults).toEqual([])
  })

  test('a store into locked RAM leaves it as it was', async () => {
    const cpu = new SampleCpu({ ...withAddress(RAM + 0x100, STRB), handler: CATCH }).start()
    cpu.memory.ram.fill(7, 0x100, 0x104)
    const { faults } = await cpu.run({ locked: { address: RAM + 0x100, bytes: 4 } })
    expect(faults[0]).toMatchObject({ kind: 'locked-ram', address: RAM + 0x100 })
    expect(cpu.memory.ram.slice(0x100, 0x104)).toEqual(new Uint8Array(4).fill(7))
  })

  test('executing what is being erased is one, and its handler cannot run either', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe], handler: CATCH }).start()
    const { faults } = await cpu.run({ busy: { address: CODE, bytes: 0x200 } })
    expect(faults).toEqual([
      { kind: 'busy-flash', pc: CODE, address: CODE },
      { kind: 'busy-flash', pc: HANDLER, address: HANDLER },
      { kind: 'lockup', pc: HANDLER, address: undefined },
    ])
  })

  test('a broken frame is one at the return', async () => {
    const code = [
      0xdf00, // svc #0
      0xe7fe, // b .
    ]
    // movs r0, #0; str r0, [sp, #0x1c]; bx lr
    const vectors = { 11: CODE + 0x21 }
    const words = code.concat(
      Array.from({ length: 14 }, () => 0),
      [0x2000, 0x9007, 0x4770],
    )
    const cpu = new SampleCpu({ code: words, handler: CATCH, vectors }).start()
    expect((await cpu.run()).faults).toMatchObject([{ kind: 'bad-address', pc: CODE + 0x24 }])
    expect(cpu.word(RAM + 4)).toBe(1)
  })
})

describe('a fault without a handler', () => {
  test('locks the CPU up until the watchdog bites', async () => {
    const cpu = new SampleCpu({ code: [0xde00] }).start({ watchdogMilliseconds: 20 })
    const first = await cpu.run({ nanoseconds: milliseconds(15) })
    expect(first.faults.map(({ kind, pc }) => [kind, pc])).toEqual([
      ['undefined-instruction', CODE],
      ['bad-address', 0xffff_fffe],
      ['lockup', 0xffff_fffe],
    ])
    expect(first).toMatchObject({ stop: undefined, nanoseconds: milliseconds(15) })
    expect(first.wakeNanoseconds).toBe(milliseconds(5))
    const second = await cpu.run({ nanoseconds: milliseconds(15) })
    expect(second).toMatchObject({
      stop: 'watchdog',
      nanoseconds: milliseconds(5),
      instructions: 0,
    })
  })

  test('locks up where the handler faults itself, and where its stack is none', async () => {
    const inHandler = new SampleCpu({ code: [0xde00], handler: [0xbe00] }).start()
    expect((await inHandler.run()).faults.map(fault => fault.kind)).toEqual([
      'undefined-instruction',
      'breakpoint',
      'lockup',
    ])
    // mov sp, r0; push {r1}
    const stack = new SampleCpu({ ...withAddress(RAM, 0x4685, 0xb402), handler: CATCH })
    expect((await stack.start().run()).faults).toEqual([
      { kind: 'bad-address', pc: CODE + 4, address: RAM - 4 },
      { kind: 'lockup', pc: CODE + 4, address: undefined },
    ])
  })

  test('locks up at once where there is no software', async () => {
    const cpu = new SampleCpu({ code: [] })
    cpu.memory.flash.fill(0xff)
    const { faults, instructions } = await cpu.start().run()
    // The first instruction cannot be fetched, and the stack for the fault's frame is nowhere.
    expect(faults.map(({ kind, pc }) => [kind, pc])).toEqual([
      ['bad-address', 0xffff_fffe],
      ['lockup', 0xffff_fffe],
    ])
    expect(instructions).toBeLessThan(2)
  })

  test('reports the first few of a storm and stays bounded', async () => {
    // The handler returns to the instruction that faulted.
    const cpu = new SampleCpu({ code: [0xde00], handler: [0x4770] }).start()
    const { faults, instructions } = await cpu.run({ nanoseconds: milliseconds(1000) })
    expect(faults).toHaveLength(8)
    expect(instructions).toBeLessThan(200_001)
  })
})
