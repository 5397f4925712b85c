import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorkbench, type Workbench } from '../../src-main/api'
import type { DeltaJob } from '../../src-main/contract/delta'

const POINTS = 20

let workbench: Workbench
let pair: { old: string; fresh: string }
beforeEach(async () => {
  workbench = await createWorkbench()
  const digestOf = async (version: string) => {
    const path = resolve(import.meta.dirname, `../../resources/firmware/k1-${version}.bin`)
    return (await workbench.upload(`k1-${version}.bin`, readFileSync(path))).digest
  }
  pair = { old: await digestOf('1.0.0'), fresh: await digestOf('1.1.0') }
})
afterEach(() => workbench.close())

async function ended({ id }: DeltaJob): Promise<DeltaJob | undefined> {
  let last: DeltaJob | undefined
  for await (const job of await workbench.delta.watch({ id })) last = job
  return last
}

test('a campaign over two images of the library loses no handset [S0-37]', async () => {
  const job = await workbench.delta.cuts({ ...pair, points: POINTS, seed: 7 })
  const done = await ended(job)
  expect(done).toMatchObject({
    error: null,
    share: 1,
    made: { format: 'in-place' },
    cuts: { points: POINTS, seed: 7, silent: 0, stuck: 0, restorable: 0, firstFailure: null },
  })
  expect(done?.cuts?.resumed).toBe(done?.cuts?.needsFile)
  const cut = await workbench.delta.cut({ id: job.id, operation: 30 })
  expect(cut).toMatchObject({
    point: 'flash:power-cut@30,seed=1',
    operation: 30,
    sectorBytes: 4096,
  })
  expect(cut.sectors).toMatch(/^[on=.x]+$/)
  for (const wrong of [{ operation: 1_000_000 }, { operation: 1, kind: 'lightning' }]) {
    await expect(workbench.delta.cut({ id: job.id, ...wrong })).rejects.toMatchObject({
      code: 'BAD_FAULT',
    })
  }
})

test('a job is cancelled, and the end of the workbench ends the others', async () => {
  const job = await workbench.delta.cuts({ ...pair })
  await workbench.delta.make({ ...pair, inPlace: true })
  expect(await workbench.delta.cancel({ id: job.id })).toMatchObject({
    error: { code: 'CANCELLED' },
  })
  expect(await workbench.delta.jobs()).toMatchObject([{ id: 2 }, { id: 1 }])
})
