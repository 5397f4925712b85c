import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { WorkerCpuHost } from '../../src-main/handset/service/worker-cpu-host'
import { COMPUTE, MEMORY } from '../handset/cpu/busy-programs'
import { SampleCpu, milliseconds } from '../handset/cpu/sample-cpu'

const CPUS = 8
const SLICES = 40
const ROUNDS = 2

async function rateOf(way: 'bare' | 'wrapped', loop: string): Promise<number> {
  const at = (...path: string[]) => join(import.meta.dirname, ...path)
  const hooks = at('..', '..', 'scripts', 'typescript-hooks.mjs')
  const args = ['--import', hooks, at('cpu-rate.ts'), way, loop]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

const millions = (perSecond: number) => (perSecond / 1e6).toFixed(1)

test.each(['compute', 'memory'])(
  'the wrapper against bare rp2040js: a %s loop',
  async loop => {
    const best = { bare: 0, wrapped: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of ['bare', 'wrapped'] as const) {
        best[way] = Math.max(best[way], await rateOf(way, loop))
      }
    }
    const ratio = best.wrapped / best.bare
    expect(ratio).toBeGreaterThan(0)
    console.log(
      `cpu, ${loop} loop: ${millions(best.wrapped)} M instructions/s, ` +
        `bare rp2040js ${millions(best.bare)} M, ratio ${ratio.toFixed(2)}`,
    )
  },
  120_000,
)

test(`${CPUS} busy CPUs in the worker`, async () => {
  const host = new WorkerCpuHost()
  const cpus = Array.from({ length: CPUS }, (_, index) =>
    new SampleCpu(index % 2 === 0 ? COMPUTE : MEMORY, host).start({ watchdogMilliseconds: 8000 }),
  )
  const runs = async (cpu: SampleCpu, slices: number) => {
    let executed = 0
    for (let slice = 0; slice < slices; slice++) {
      executed += (await cpu.run({ nanoseconds: milliseconds(5) })).instructions
    }
    return executed
  }
  await Promise.all(cpus.map(cpu => runs(cpu, 5)))
  const startedAt = performance.now()
  const executed = await Promise.all(cpus.map(cpu => runs(cpu, SLICES)))
  const seconds = (performance.now() - startedAt) / 1000
  await host.close()
  const total = executed.reduce((sum, count) => sum + count, 0)
  expect(Math.min(...executed)).toBeGreaterThan(0)
  console.log(
    `cpu, ${CPUS} busy in the worker: ${millions(total / seconds)} M instructions/s in total, ` +
      `${((seconds * 1000) / SLICES).toFixed(1)} ms for one 5 ms slice of each`,
  )
}, 120_000)
