import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { carrierBench } from './carrier-bench'

async function dataFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kintsugi-port-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

test('the server is found at the same address after a restart', async () => {
  const dataDir = await dataFolder()
  const first = await carrierBench({ dataDir })
  await first.close()
  const second = await carrierBench({ dataDir })
  expect(second.address).toBe(first.address)
  await second.close()
})

test('the server takes another port where its own is taken, and keeps that one', async () => {
  const dataDir = await dataFolder()
  const first = await carrierBench({ dataDir })
  await first.close()
  const other = createServer().listen(Number(new URL(first.address).port), '127.0.0.1')
  await new Promise<void>(done => void other.once('listening', done))
  const second = await carrierBench({ dataDir })
  expect(second.address).not.toBe(first.address)
  await second.close()
  await new Promise<void>(done => void other.close(() => done()))
  const third = await carrierBench({ dataDir })
  expect(third.address).toBe(second.address)
  await third.close()
})
