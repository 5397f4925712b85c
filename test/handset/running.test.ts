import { describe, expect, test } from 'vitest'
import { toHex, viewOf } from '../../src-main/base/bytes'
import { HANDOVER } from '../../src-main/handset/cpu/firmware-interface'
import { InProcessCpuHost } from '../../src-main/handset/cpu/in-process-cpu-host'
import { deviceKeyRange } from '../../src-main/handset/boot/identity'
import { regionOf } from '../../src-main/handset/model/model'
import { builtInSoftware } from '../../src-main/handset/service/built-in-software'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { k1, k1Handset, untilState } from './running-handset'

const executable = regionOf(k1, 'executable')
const VECTORS_AT = executable.address + k1.execution.vectorOffset
const RESET_HANDLER_AT = VECTORS_AT + 4
/** Where the code of these tests begins: behind the vectors. */
const CODE_AT = VECTORS_AT + 0x100
const CODE_ADDRESS = k1.execution.windowAddress + CODE_AT

/** An image without a descriptor whose reset handler and fault handler are these instructions. */
function program(reset: readonly number[], fault: readonly number[] = [0xe7fe]) {
  const image = new Uint8Array(0x300).fill(0)
  const view = viewOf(image)
  const at = CODE_AT - executable.address
  const vectors = VECTORS_AT - executable.address
  for (const [index, halfword] of reset.entries()) view.setUint16(at + 2 * index, halfword, true)
  const faultAt = at + 0x40
  for (const [index, word] of fault.entries()) view.setUint16(faultAt + 2 * index, word, true)
  view.setUint32(vectors, 0x2000_4000, true)
  view.setUint32(vectors + 4, CODE_ADDRESS + 1, true)
  view.setUint32(vectors + 12, CODE_ADDRESS + 0x41, true)
  return image
}

/** Counts how often a CPU of this host was started. */
function countingHost() {
  const cpuHost = new InProcessCpuHost()
  const open = cpuHost.open.bind(cpuHost)
  let count = 0
  cpuHost.open = (...parts) => {
    const socket = open(...parts)
    const start = socket.start.bind(socket)
    socket.start = order => {
      count += 1
      start(order)
    }
    return socket
  }
  return { cpuHost, starts: () => count }
}

describe('a handset that holds sound software', () => {
  test('executes it in place and is normal once the software says so [S0-01]', async () => {
    const { clock, handset, printed } = k1Handset()
    const before = toHex(nodeSha256([handset.flash.dump()]))
    handset.powerOn()
    expect(handset.state).toBe('starting')
    await untilState({ clock, handset }, 'normal')
    expect(printed()).toContain(`Kintsugi k1 1.0.0 ${handset.terminalId}\r\n`)
    // Its code ran from the flash, and its RAM holds what it wrote there.
    const { execution, ram } = handset.board.memory
    const reset = viewOf(handset.flash.peek(RESET_HANDLER_AT, 4)).getUint32(0, true) & ~1
    expect(execution[(reset - k1.execution.windowAddress) / 4]).not.toBe(0)
    expect(ram.some(byte => byte !== 0)).toBe(true)
    handset.powerOff()
    expect(ram.every(byte => byte === 0)).toBe(true)
    expect(handset.board.memory.ramWrites.every(count => count === 0)).toBe(true)
    expect(toHex(nodeSha256([handset.flash.dump()]))).toBe(before)
    handset.powerOn()
    await untilState({ clock, handset }, 'normal')
    handset.close()
  })

  test('passes through the states of a start, in order, each time', async () => {
    const { clock, handset } = k1Handset()
    handset.powerOn()
    await untilState({ clock, handset }, 'normal')
    handset.powerOff()
    handset.powerOn()
    await untilState({ clock, handset }, 'normal')
    expect(handset.history.map(({ to }) => to)).toEqual([
      'starting',
      'normal',
      'off',
      'starting',
      'normal',
    ])
    handset.close()
  })

  test('gives the same run for the same start, to the byte and the millisecond', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { clock, handset, printed } = k1Handset()
        handset.powerOn()
        await clock.advance(5000)
        handset.pressKey('down', true)
        await clock.advance(300)
        const pixels = toHex(nodeSha256([handset.board.memory.pixels]))
        const seen = { printed: printed(), history: handset.history, pixels }
        handset.close()
        return seen
      }),
    )
    expect(runs[0]).toEqual(runs[1])
  })

  test('that fails its self-test says so, is not normal, and stays awake', async () => {
    const { clock, handset, printed } = k1Handset({ software: '2.0.1' })
    handset.powerOn()
    await untilState({ clock, handset }, 'self-test-failed')
    expect(handset.view().failedSelfTest).toBeGreaterThan(0)
    expect(printed()).toMatch(/self-test/i)
    await clock.advance(60_000)
    expect(handset.view()).toMatchObject({ state: 'self-test-failed', watchdogResets: 0 })
    handset.powerOff()
    expect(handset.view().failedSelfTest).toBeNull()
    handset.close()
  })

  test('with the select key held at power-on stays in restore mode', async () => {
    const { handset } = k1Handset()
    handset.pressKey('select', true)
    handset.powerOn()
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'key-held' })
    handset.close()
  })

  test('shows its own pictures, another one after a key, and none when it is off', async () => {
    const { clock, handset } = k1Handset()
    const picture = () => toHex(nodeSha256([handset.board.memory.pixels]))
    const dark = picture()
    handset.powerOn()
    await untilState({ clock, handset }, 'normal')
    await clock.advance(2000)
    const home = picture()
    handset.pressKey('select', true)
    await clock.advance(200)
    handset.pressKey('select', false)
    await clock.advance(500)
    expect(new Set([dark, home, picture()]).size).toBe(3)
    expect(handset.view().display).toMatchObject({ width: 128, height: 160, on: true })
    handset.powerOff()
    expect(picture()).toBe(dark)
    expect(handset.view().display?.on).toBe(false)
    handset.close()
  })
})

describe('a handset whose software is damaged', () => {
  test('prints nothing of it once its region is overwritten, and waits in restore mode', async () => {
    const { clock, handset, printed } = k1Handset({
      prepare: chip => chip.fill(0, executable.address, executable.address + 0x9000),
    })
    handset.powerOn()
    await clock.advance(10_000)
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'region-invalid' })
    expect(printed()).toBe(`Kintsugi k1 restore-mode ${handset.terminalId}: region-invalid\r\n`)
    expect(handset.board.memory.execution.every(mark => mark === 0)).toBe(true)
    handset.close()
  })

  test('never executes it where a single bit fell at rest', async () => {
    const length = builtInSoftware.image('k1', '1.0.0').length
    for (const at of [0x200, Math.floor(length / 2), length - 1]) {
      const { clock, handset } = k1Handset({
        prepare(chip) {
          const cell = executable.address + at
          const bit = (chip[cell] ?? 0) & -(chip[cell] ?? 0) || 0
          chip[cell] = bit === 0 ? 1 : (chip[cell] ?? 0) & ~bit
        },
      })
      handset.powerOn()
      await clock.advance(1000)
      expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'region-invalid' })
      expect(handset.view().flaw).toMatch(/not those that were verified/)
      handset.close()
    }
  })
})

describe('software that misbehaves', () => {
  const cases = {
    // b .
    'an endless loop': { code: [0xe7fe], fault: undefined },
    // wfi; b .-2
    'a sleep without end': { code: [0xbf30, 0xe7fd], fault: undefined },
    // ldr r0, [pc, #0]; bx r0; .word 0x60000001
    'a jump into nothing': { code: [0x4800, 0x4700, 0x0001, 0x6000], fault: 'bad-address' },
    // .hword 0xb6ff: no instruction
    'an unknown instruction': { code: [0xb6ff], fault: 'undefined-instruction' },
    // movs r0, #1; lsls r0, r0, #28; str r0, [r0]: into the flash window
    'a store into the flash': { code: [0x2001, 0x0700, 0x6000], fault: 'flash-store' },
    // movs r0, #1; ldr r0, [r0]
    'a misaligned load': { code: [0x2001, 0x6800], fault: 'misaligned' },
  } as const

  test.each(Object.entries(cases))(
    '%s starves the watchdog and ends in restore mode, with the fault shown',
    async (_what, { code, fault }) => {
      const { clock, handset, defects } = k1Handset({ software: program(code), hertz: 1e6 })
      const cells = toHex(nodeSha256([handset.flash.dump()]))
      handset.powerOn()
      expect(handset.state).toBe('starting')
      await untilState({ clock, handset }, 'restore-wait')
      const view = handset.view()
      expect(view).toMatchObject({ reason: 'watchdog', watchdogResets: 3 })
      expect(view.fault?.kind).toBe(fault)
      expect(toHex(nodeSha256([handset.flash.dump()]))).toBe(cells)
      expect(defects).toEqual([])
      handset.close()
    },
  )

  test('cannot read the device key', async () => {
    const { address } = deviceKeyRange(k1)
    const seen = k1.execution.windowAddress + address
    // ldr r0, [pc, #4]; ldr r0, [r0]; b .; nop; .word the key's address
    const words = [0x4801, 0x6800, 0xe7fe, 0x46c0, seen & 0xffff, seen >>> 16]
    const { clock, handset } = k1Handset({ software: program(words), hertz: 1e6 })
    handset.powerOn()
    await untilState({ clock, handset }, 'restore-wait')
    expect(handset.view().fault).toMatchObject({ kind: 'hidden-flash', address: seen })
    handset.close()
  })

  test('is told that the watchdog reset it, and how often', async () => {
    const { clock, handset } = k1Handset({ software: program([0xe7fe]), hertz: 1e6 })
    handset.powerOn()
    await clock.advance(6000)
    const page = viewOf(handset.board.handoverPage ?? new Uint8Array(0))
    expect(page.getUint32(HANDOVER.cause, true)).toBe(2)
    expect(page.getUint32(HANDOVER.watchdogResets, true)).toBe(1)
    handset.close()
  })

  test('that ran well for half a minute is not in a row of resets', async () => {
    // Feeds the watchdog twelve times, every three seconds, and then loops without end.
    // ldr r0, [pc, #16]; ldr r1, [pc, #20]; movs r2, #12; str r1, [r0, #4]; ldr r3, [pc, #16];
    // subs r3, #1; bne .-2; subs r2, #1; bne .-10; b .
    const feed = [0x4804, 0x4905, 0x220c, 0x6041, 0x4b04, 0x3b01, 0xd1fd, 0x3a01, 0xd1f9, 0xe7fe]
    const words = [0x8000, 0x4005, 0x1200, 0x007a, 0x86a0, 0x0001]
    const { clock, handset } = k1Handset({ software: program([...feed, ...words]), hertz: 1e5 })
    handset.powerOn()
    for (let reset = 1; reset <= 4; reset++) {
      while (handset.watchdogResets < reset) await clock.advance(1000)
    }
    expect(handset.state).toBe('starting')
    handset.close()
  })

  test('that asks for restore mode with its reset gets there', async () => {
    // ldr r0, [pc, #12]; ldr r1, [pc, #16]; str r1, [r0, #20]; ldr r0, [pc, #16];
    // ldr r1, [pc, #16]; str r1, [r0]; b .; nop
    const code = [0x4803, 0x4904, 0x6141, 0x4804, 0x4904, 0x6001, 0xe7fe, 0x46c0]
    const words = [0x8000, 0x4005, 0x5352, 0x5254, 0xed0c, 0xe000, 0x0004, 0x05fa]
    const { clock, handset } = k1Handset({ software: program([...code, ...words]) })
    handset.powerOn()
    await clock.advance(100)
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'reset-requested' })
    handset.close()
  })

  test('that resets itself at once starts no more often than a chip can', async () => {
    // ldr r0, [pc, #4]; ldr r1, [pc, #8]; str r1, [r0]; b .
    const code = [0x4801, 0x4902, 0x6001, 0xe7fe]
    const words = [0xed0c, 0xe000, 0x0004, 0x05fa]
    const { cpuHost, starts } = countingHost()
    const { clock, handset } = k1Handset({ software: program([...code, ...words]), cpuHost })
    handset.powerOn()
    await clock.advance(1000)
    expect(starts()).toBeGreaterThan(10)
    expect(starts()).toBeLessThanOrEqual(20)
    expect(handset.state).toBe('starting')
    handset.close()
  })

  test('is started anew once the power was switched: the row of resets is over', async () => {
    const { clock, handset } = k1Handset({ software: program([0xb6ff]), hertz: 1e6 })
    handset.powerOn()
    await untilState({ clock, handset }, 'restore-wait')
    expect(handset.fault).toBeDefined()
    handset.powerOff()
    handset.powerOn()
    expect(handset.view()).toMatchObject({ state: 'starting', watchdogResets: 0, fault: null })
    handset.close()
  })
})

describe('an area of RAM that is secured while software runs', () => {
  test('is what its tasks gave up, in order, and is theirs again afterwards', async () => {
    const { clock, handset } = k1Handset()
    handset.powerOn()
    await untilState({ clock, handset }, 'normal')
    const securing = handset.secureRam(100_000)
    await clock.runUntil(securing)
    const { ram } = handset.view()
    expect(ram.tasks.filter(({ limited }) => limited).map(({ name }) => name)).toEqual([
      'browser',
      'phonebook-cache',
    ])
    expect(ram.secured?.bytes).toBe(100_000)
    const area = handset.board.memory.ram.slice(
      (ram.secured?.address ?? 0) - ram.address,
      (ram.secured?.address ?? 0) - ram.address + 100_000,
    )
    for (const key of ['select', 'down', 'select', 'back'] as const) {
      handset.pressKey(key, true)
      await clock.advance(300)
      handset.pressKey(key, false)
      await clock.advance(300)
    }
    await clock.advance(60_000)
    // The software kept its hands off: nothing changed there, and it met no fault.
    const start = (ram.secured?.address ?? 0) - ram.address
    expect(handset.board.memory.ram.slice(start, start + 100_000)).toEqual(area)
    expect(handset.view()).toMatchObject({ state: 'normal', fault: null })
    handset.ram.release()
    await clock.advance(1000)
    expect(handset.board.stoppedTasks).toBe(0)
    expect(handset.view().ram.secured).toBeNull()
    handset.close()
  })

  test('that is too large is refused, and all tasks run on', async () => {
    const { clock, handset } = k1Handset()
    handset.powerOn()
    await untilState({ clock, handset }, 'normal')
    await expect(handset.secureRam(250_000)).rejects.toMatchObject({ code: 'RAM_INSUFFICIENT' })
    expect(handset.view().ram.tasks.some(({ limited }) => limited)).toBe(false)
    expect(handset.board.stoppedTasks).toBe(0)
    handset.close()
  })

  test('cannot be had of software that does not stop its tasks, and nothing stays limited', async () => {
    // Says KRUN in scratch register 0 and sleeps; it knows of no tasks.
    // ldr r0, [pc, #8]; ldr r1, [pc, #12]; str r1, [r0, #12]; wfi; b .-2; nop
    const code = [0x4802, 0x4903, 0x60c1, 0xbf30, 0xe7fd, 0x46c0]
    const words = [0x8000, 0x4005, 0x524b, 0x4e55]
    const { clock, handset } = k1Handset({ software: program([...code, ...words]) })
    handset.powerOn()
    await clock.advance(100)
    expect(handset.state).toBe('normal')
    await expect(clock.runUntil(handset.secureRam(100_000))).rejects.toMatchObject({
      code: 'RAM_INSUFFICIENT',
    })
    expect(handset.view().ram).toMatchObject({ secured: null })
    expect(handset.view().ram.tasks.some(({ limited }) => limited)).toBe(false)
    handset.close()
  })

  test('is not asked of a handset whose software does not run', async () => {
    const { handset } = k1Handset({ software: null })
    await expect(handset.secureRam(1000)).rejects.toMatchObject({ code: 'SOFTWARE_NOT_RUNNING' })
    handset.powerOn()
    await expect(handset.secureRam(1000)).rejects.toMatchObject({ code: 'SOFTWARE_NOT_RUNNING' })
    handset.close()
  })
})

test('the page between boot code and software says who, why and when', async () => {
  const { clock, handset } = k1Handset()
  handset.powerOn()
  await untilState({ clock, handset }, 'normal')
  const page = handset.board.handoverPage ?? new Uint8Array(0)
  const view = viewOf(page)
  expect(toHex(page.subarray(0, 8))).toBe('4b42484f01000000')
  expect(view.getUint32(HANDOVER.cause, true)).toBe(0)
  expect(Buffer.from(page.subarray(0x10, 0x30)).toString('latin1').replace(/\0+$/, '')).toBe(
    handset.terminalId,
  )
  expect(view.getUint32(HANDOVER.imageBytes, true)).toBe(
    builtInSoftware.image('k1', '1.0.0').length,
  )
  expect(view.getUint32(HANDOVER.startedAt, true)).toBe(Date.UTC(2026, 0, 5) / 1000)
  handset.close()
})
