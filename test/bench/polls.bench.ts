import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { scratchFolder } from '../storage/scratch'
import type { LoadRun } from './polling-load'
import type { ServerUse } from './polling-server'

const SIZES = (process.env['POLLS_BENCH_DEVICES'] ?? '1000,100000,1000000').split(',').map(Number)
const SECONDS = process.env['POLLS_BENCH_SECONDS'] ?? '10'
const LINES = '32'
const HOOKS = join(import.meta.dirname, '../../scripts/typescript-hooks.mjs')
const MODES = ['constant', 'poll', 'distribute'] as const

const own = (file: string) => ['--import', HOOKS, join(import.meta.dirname, file)]

async function startServer(devices: number) {
  const words = [...own('polling-server.ts'), scratchFolder(), String(devices)]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  const address = await line()
  const ask = async (command: string): Promise<ServerUse> => {
    child.stdin.write(`${command}\n`)
    return JSON.parse(await line()) as ServerUse
  }
  const ended = new Promise<void>(done => child.once('close', () => done()))
  const end = async () => {
    child.stdin.end()
    await ended
  }
  return { address, ask, end }
}

async function load(address: string, mode: string, devices: number): Promise<LoadRun> {
  const words = [...own('polling-load.ts'), address, mode, String(devices), SECONDS, LINES]
  const { stdout } = await promisify(execFile)(process.execPath, words)
  return JSON.parse(stdout) as LoadRun
}

test.each(SIZES)('polling devices: %i', async devices => {
  const { address, ask, end } = await startServer(devices)
  const rows = []
  let constant = 0
  await load(address, 'poll', devices)
  for (const mode of MODES) {
    const before = await ask(mode === 'distribute' ? `tasks ${Math.min(devices, 100_000)}` : 'use')
    const run = await load(
      address,
      mode,
      Math.min(devices, mode === 'distribute' ? 100_000 : devices),
    )
    const after = await ask('use')
    const perSecond = run.units / run.seconds
    if (mode === 'constant') constant = perSecond
    rows.push({
      devices,
      mode,
      'per second': Math.round(perSecond),
      '/ constant': (run.requests / run.seconds / constant).toFixed(2),
      'p50 ms': run.p50Ms.toFixed(1),
      'p99 ms': run.p99Ms.toFixed(1),
      'CPU ms a request': (((after.cpuSeconds - before.cpuSeconds) * 1000) / run.requests).toFixed(
        3,
      ),
      'RSS MB': Math.round(after.rssBytes / 1e6),
    })
    expect(run.errors).toBe(0)
  }
  console.table(rows)
  await end()
})
