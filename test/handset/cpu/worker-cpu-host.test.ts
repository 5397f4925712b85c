import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { asciiBytes } from '../../../src-main/base/bytes'
import type { CpuHost, SliceOutcome } from '../../../src-main/handset/cpu/cpu-port'
import { InProcessCpuHost } from '../../../src-main/handset/cpu/in-process-cpu-host'
import { findCpuWorker } from '../../../src-main/handset/service/find-cpu-worker'
import { WorkerCpuHost } from '../../../src-main/handset/service/worker-cpu-host'
import { COMPUTE, MEMORY } from './busy-programs'
import { CATCH, ECHO, PIXEL, SLEEP, TOUCH } from './programs'
import { BOARD, RAM, SampleCpu, makeMemory, milliseconds } from './sample-cpu'

const SERVICE = join(import.meta.dirname, '../../../src-main/handset/service')
const CRASHING = { file: join(import.meta.dirname, 'crashing-worker.mjs'), execArgv: [] }

function workerHost(...options: ConstructorParameters<typeof WorkerCpuHost>): WorkerCpuHost {
  const host = new WorkerCpuHost(...options)
  onTestFinished(() => host.close())
  return host
}

const programs = { ECHO, PIXEL, SLEEP, TOUCH, UNKNOWN: [0xb101] }

/** What each program does in three slices, and what it leaves in its memory. */
async function runAll(host: CpuHost) {
  const results: { name: string; outcomes: SliceOutcome[]; memory: Buffer[] }[] = []
  for (const [name, code] of Object.entries(programs)) {
    const cpu = new SampleCpu({ code, handler: CATCH }, host).start({ scratch: [1, 2, 3] })
    const outcomes = [
      await cpu.run({ received: asciiBytes('first') }),
      await cpu.run({ nanoseconds: 1, pins: 7 }),
      await cpu.run({ received: new Uint8Array(50) }),
    ]
    const { ram, pixels, execution } = cpu.memory
    results.push({
      name,
      outcomes,
      memory: [ram, pixels, execution].map(part => Buffer.from(part)),
    })
  }
  return results
}

describe('CPUs in a worker', () => {
  test('do what they do in the process, and their memory is shared', async () => {
    const [there, here] = await Promise.all([runAll(workerHost()), runAll(new InProcessCpuHost())])
    for (const [index, { name, outcomes, memory }] of there.entries()) {
      expect({ name, outcomes }).toEqual({
        name: here[index]?.name,
        outcomes: here[index]?.outcomes,
      })
      for (const [part, bytes] of memory.entries()) {
        expect(here[index]?.memory[part]?.equals(bytes)).toBe(true)
      }
    }
  })

  test('take turns: one that never ends does not keep others waiting', async () => {
    const host = workerHost()
    const busy = [COMPUTE, MEMORY, COMPUTE].map(program => new SampleCpu(program, host).start())
    const quick = new SampleCpu({ code: SLEEP }, host).start()
    const order: string[] = []
    const runs = busy.map(async (cpu, index) => {
      await cpu.run({ nanoseconds: milliseconds(5) })
      order.push(`busy ${index}`)
      const again = cpu.run({ nanoseconds: milliseconds(5) })
      await again
      order.push(`again ${index}`)
    })
    await quick.run()
    order.push('quick')
    await Promise.all(runs)
    expect(order.indexOf('quick')).toBeLessThan(order.indexOf('again 0'))
    expect(order).toHaveLength(7)
  })

  test('see what is written into their memory meanwhile', async () => {
    const cpu = new SampleCpu({ code: [0xe7fe] }, workerHost()).start()
    await cpu.run()
    cpu.memory.flash.set([0x00, 0xde], 0x1_0200)
    const { faults } = await cpu.run()
    expect(faults[0]?.kind).toBe('undefined-instruction')
  })

  test('are rejected with the reason when the worker dies, and start again in a new one', async () => {
    const scripts = [CRASHING, findCpuWorker(SERVICE)]
    const host = workerHost(() => scripts.shift() ?? CRASHING)
    const cpu = new SampleCpu({ code: SLEEP }, host).start()
    const other = new SampleCpu({ code: SLEEP }, host).start()
    const died = { code: 'CPU_HOST_DIED', message: expect.stringMatching(/lights went out/) }
    const both = await Promise.allSettled([cpu.run(), other.run()])
    expect(both).toMatchObject([
      { status: 'rejected', reason: died },
      { status: 'rejected', reason: died },
    ])
    await expect(cpu.run()).rejects.toMatchObject(died)
    cpu.start()
    expect((await cpu.run({ nanoseconds: milliseconds(2) })).faults).toEqual([])
    expect(cpu.word(RAM)).toBe(1000)
    await expect(other.run()).rejects.toMatchObject(died)
  })

  test('answer no more once the host is closed', async () => {
    const host = new WorkerCpuHost()
    const cpu = new SampleCpu({ code: SLEEP }, host).start()
    const [pending] = await Promise.allSettled([cpu.run(), host.close()])
    expect(pending).toMatchObject({ status: 'rejected', reason: { code: 'CPU_HOST_CLOSED' } })
    await expect(cpu.run()).rejects.toMatchObject({ code: 'CPU_HOST_CLOSED' })
    expect(() => cpu.start()).toThrow(/taken out/)
  })

  test('keep the process alive until they are closed, where it waits for that', () => {
    const hooks = pathToFileURL(join(import.meta.dirname, '../../../scripts/typescript-hooks.mjs'))
    const script = join(import.meta.dirname, 'closing-process.mjs')
    const ended = spawnSync(process.execPath, ['--import', hooks.href, script], {
      encoding: 'utf8',
    })
    expect(ended.stdout).toBe('BUSY\nCPU_HOST_CLOSED\nclosed\n')
    expect(ended.status).toBe(0)
  })

  test('need memory that is shared', () => {
    const memory = makeMemory(new InProcessCpuHost())
    expect(() => workerHost().open(memory, BOARD)).toThrow(/share\(\)/)
  })
})

describe.each([
  ['worker', () => workerHost()],
  ['process', () => new InProcessCpuHost()],
])('a CPU of the %s', (_where, makeHost) => {
  test('refuses what it cannot be given', async () => {
    const cpu = new SampleCpu({ code: SLEEP }, makeHost())
    await expect(cpu.run()).rejects.toMatchObject({ code: 'CPU_NOT_STARTED' })
    expect(() => cpu.start({ watchdogMilliseconds: 8389 })).toThrow(/1 to 8388/)
    expect(() => cpu.start({ scratch: [1, 2, 3, 4, 5, 6, 7, 8, 9] })).toThrow(/eight words/)
    expect(() => cpu.start({ vectorAddress: -4 })).toThrow(/vectorAddress/)
    cpu.start()
    await expect(cpu.run({ nanoseconds: Number.NaN })).rejects.toThrow(/nanoseconds/)
    await expect(cpu.run({ received: new Uint8Array(2 ** 20 + 1) })).rejects.toThrow(/1 MiB/)
  })

  test('refuses memory that does not fit its board', () => {
    const host = makeHost()
    const memory = makeMemory(host)
    const bad = { ...memory, execution: host.share(4) }
    expect(() => host.open(bad, BOARD)).toThrow(/execution/)
    expect(() => host.open(memory, { ...BOARD, hertz: 0 })).toThrow(/hertz/)
    expect(() => host.open(memory, { ...BOARD, ramAddress: 0x2000_0002 })).toThrow(/ramAddress/)
  })
})

describe('the script of the worker', () => {
  test('is found upwards from where the bundler put a module', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kintsugi-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const chunks = join(folder, 'main', 'chunks')
    mkdirSync(chunks, { recursive: true })
    writeFileSync(join(folder, 'main', 'cpu-worker.js'), '')
    const file = join(folder, 'main', 'cpu-worker.js')
    expect(findCpuWorker(chunks)).toEqual({ file, execArgv: [] })
    expect(findCpuWorker(join(folder, 'main'))).toEqual({ file, execArgv: [] })
    expect(() => findCpuWorker(folder)).toThrow(/npm run build/)
  })
})
