import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { viewOf } from '../../src-main/base/bytes'
import type { CpuHost, CpuSocket, SliceOrder } from '../../src-main/handset/cpu/cpu-port'
import { HANDOVER } from '../../src-main/handset/cpu/firmware-interface'
import { InProcessCpuHost } from '../../src-main/handset/cpu/in-process-cpu-host'
import { findCpuWorker } from '../../src-main/handset/service/find-cpu-worker'
import { WorkerCpuHost } from '../../src-main/handset/service/worker-cpu-host'
import type { ByteLink } from '../../src-main/link/byte-link'
import { k1, k1Handset, untilState } from './running-handset'

/** Runs CPUs as a worker does: a slice that has begun goes on after the power is gone. */
class LateCpuHost extends InProcessCpuHost implements CpuHost {
  /** Orders that wait for the test. */
  readonly held: (() => void)[] = []
  isHolding = false
  /** Done to the memory when a held slice is run. */
  late: (ram: Uint8Array, pixels: Uint8Array) => void = () => {}

  override open(...[memory, board]: Parameters<CpuHost['open']>): CpuSocket {
    const socket = super.open(memory, board)
    const run = async (order: SliceOrder) => {
      const wasHeld = this.isHolding
      if (wasHeld) await new Promise<void>(done => void this.held.push(done))
      if (wasHeld) this.late(memory.ram, memory.pixels)
      return socket.run(order)
    }
    return { ...socket, run }
  }

  release(): void {
    this.isHolding = false
    for (const done of this.held.splice(0)) done()
  }
}

const SERVICE = join(import.meta.dirname, '../../src-main/handset/service')
const CRASHING = { file: join(import.meta.dirname, 'cpu/crashing-worker.mjs'), execArgv: [] }
const HANDOVER_AT = (k1.ram.handoverAddress ?? 0) - k1.ram.address
const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise(turned => setImmediate(turned))
}

/** A handset whose CPU is in the middle of a slice. */
async function inTheMiddle() {
  const cpuHost = new LateCpuHost()
  const running = k1Handset({ cpuHost })
  const { clock, handset } = running
  handset.powerOn()
  await untilState({ clock, handset }, 'normal')
  cpuHost.isHolding = true
  handset.pressKey('down', true)
  await turns()
  expect(cpuHost.held.length).toBe(1)
  cpuHost.late = (ram, pixels) => {
    ram.fill(0xee)
    pixels.fill(0xee)
  }
  return { ...running, cpuHost }
}

test('the power that goes in the middle of a slice takes with it what the slice still writes', async () => {
  const { handset, cpuHost, defects } = await inTheMiddle()
  handset.powerOff()
  cpuHost.release()
  await turns()
  const { ram, pixels } = handset.board.memory
  expect([ram, pixels].every(part => part.every(byte => byte === 0))).toBe(true)
  expect(handset.view()).toMatchObject({ state: 'off', display: { on: false } })
  expect(defects).toEqual([])
  handset.close()
})

test('software that is started before the last slice has ended finds what the boot code wrote', async () => {
  const { clock, handset, cpuHost, defects } = await inTheMiddle()
  handset.powerOff()
  handset.powerOn()
  expect(handset.state).toBe('starting')
  handset.powerOff()
  handset.powerOn()
  cpuHost.release()
  // The boot code works for a while.
  await clock.advance(60)
  expect(handset.board.memory.ram[0]).not.toBe(0xee)
  const page = viewOf(handset.board.memory.ram.subarray(HANDOVER_AT))
  expect(page.getUint32(HANDOVER.magic, true)).toBe(0x4f48424b)
  expect(page.getUint32(HANDOVER.cause, true)).toBe(0)
  handset.pressKey('down', false)
  await untilState({ clock, handset }, 'normal')
  expect(handset.view()).toMatchObject({ watchdogResets: 0, fault: null })
  expect(defects).toEqual([])
  handset.close()
})

test('restore mode that follows at once keeps its picture', async () => {
  const { handset, cpuHost } = await inTheMiddle()
  handset.powerOff()
  handset.powerOn({ keyHeld: true })
  const picture = Buffer.from(handset.board.memory.pixels)
  cpuHost.release()
  await turns()
  expect(picture.equals(handset.board.memory.pixels)).toBe(true)
  expect(handset.view()).toMatchObject({ state: 'restore-wait', display: { on: true } })
  handset.close()
})

test('a worker that dies switches its handsets off and says why, and they start again', async () => {
  const scripts = [CRASHING, findCpuWorker(SERVICE)]
  const cpuHost = new WorkerCpuHost(() => scripts.shift() ?? CRASHING)
  onTestFinished(() => cpuHost.close())
  const { clock, handset, defects } = k1Handset({ cpuHost })
  handset.powerOn()
  await untilState({ clock, handset }, 'off')
  expect(defects).toMatchObject([{ code: 'CPU_HOST_DIED' }])
  handset.powerOn()
  await untilState({ clock, handset }, 'normal')
  expect(defects.length).toBe(1)
  handset.close()
})

test('a line that carries nothing holds a bounded part of what is sent', async () => {
  const { clock, handset } = k1Handset()
  let offered = 0
  const stuck: ByteLink = {
    name: 'stuck',
    baud: null,
    write(bytes) {
      offered += bytes.length
      return new Promise(() => {})
    },
    onData: () => () => {},
    onClose: () => () => {},
    close: () => Promise.resolve(),
  }
  handset.attach(stuck)
  for (let start = 0; start < 1500; start++) {
    handset.powerOn({ keyHeld: true })
    handset.powerOff()
  }
  expect(handset.output.next).toBeGreaterThan(65_536)
  expect(offered).toBe(65_536)
  handset.detach()
  let carried = 0
  handset.attach({ ...stuck, write: async bytes => void (carried += bytes.length) })
  const sent = handset.output.next
  for (let start = 0; start < 1500; start++) {
    handset.powerOn({ keyHeld: true })
    handset.powerOff()
    await clock.advance(0)
  }
  expect(carried).toBe(handset.output.next - sent)
  handset.close()
})
