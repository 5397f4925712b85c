import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ddiBench, softwareOf } from '../carrier/ddi/ddi-bench'
import { scratchFolder } from '../storage/scratch'
import { peer } from '../support/peers'
import {
  type Agent,
  breakingLine,
  installed,
  newSigner,
  startAgent,
  swuPackage,
} from './swupdate-rig'

const hasPeers = ['swupdate', 'cpio', 'openssl'].every(
  name => peer(name as 'swupdate' | 'cpio' | 'openssl') !== undefined,
)
const PAYLOAD = softwareOf(3_000_000)

interface BenchOptions {
  readonly damaged?: Uint8Array
  readonly bytes?: number
}

describe.runIf(hasPeers)('SWUpdate', () => {
  async function bench({ damaged, bytes = 0 }: BenchOptions = {}) {
    const made = await ddiBench({ pace: { busy: 1, idle: 1 } })
    const signer = newSigner(scratchFolder())
    const target = join(signer.folder, 'installed.bin')
    const payload = bytes === 0 ? PAYLOAD : softwareOf(bytes)
    const swu = swuPackage(signer, {
      payload,
      target,
      ...(damaged ? { damaged } : {}),
    })
    await made.addDevice('swu-1')
    const rollout = await made.addRollout(swu)
    const start = (changes: Partial<Agent> = {}) =>
      startAgent({ deviceId: 'swu-1', address: made.address, signer, ...changes })
    const state = async (id: number) => (await made.task(id)).state
    const reports = async (id: number) =>
      made.db.selectFrom('carrier_action_reports').selectAll().where('task_id', '=', id).execute()
    return { ...made, rollout, payload, swu, target, start, state, reports }
  }

  test('[S1-14] [S1-17] downloads, installs, and is done when its new software says so', async () => {
    const made = await bench()
    const id = await made.addTask(made.rollout, 'swu-1')
    const agent = made.start()
    await expect.poll(async () => JSON.stringify(await made.reports(id))).toContain('All Chunks')
    expect(Buffer.compare(installed(made.target) ?? Buffer.of(), made.payload)).toBe(0)
    expect(await made.task(id)).toMatchObject({
      state: 'downloading',
      sent_bytes: made.swu.length,
    })
    expect(await made.outbox()).toEqual([])
    await agent.stop()
    const restarted = made.start({ arguments: '-c 2', softwareId: 'P100-2.0.0' })
    await expect.poll(() => made.state(id)).toBe('downloaded')
    expect(await made.outbox()).toHaveLength(1)
    await expect.poll(async () => (await made.task(id)).confirmed_at).not.toBeNull()
    await restarted.stop()
    expect(await made.refusals()).toEqual([])
    expect(made.defects).toEqual([])
  })

  test('outside its window it is told of nothing, and inside it begins', async () => {
    const made = await bench()
    const id = await made.addTask(made.rollout, 'swu-1', 'waiting-window')
    made.start()
    await expect
      .poll(async () => (await made.polling('swu-1'))?.reported_at ?? 0)
      .toBeGreaterThan(0)
    const before = (await made.polling('swu-1'))?.seen_at ?? 0
    await expect
      .poll(async () => (await made.polling('swu-1'))?.seen_at ?? 0)
      .toBeGreaterThan(before)
    expect(await made.reports(id)).toEqual([])
    await made.setState(id, 'connecting')
    await expect.poll(() => made.state(id)).toBe('downloading')
  })

  test('goes on where its line broke', async () => {
    const made = await bench()
    const id = await made.addTask(made.rollout, 'swu-1')
    const line = await breakingLine(made.address, 1_500_000)
    made.start({ address: line.address })
    await expect.poll(async () => JSON.stringify(await made.reports(id))).toContain('All Chunks')
    expect(line.isBroken()).toBe(true)
    expect(Buffer.compare(installed(made.target) ?? Buffer.of(), made.payload)).toBe(0)
    const passages = made.trace().filter(({ type }) => type === 'software')
    expect(passages).toHaveLength(2)
    expect(passages[1]?.fields['from']).toBeGreaterThan(0)
  })

  test('[S1-17] refuses damaged software, and the task fails with its reason', async () => {
    const made = await bench({ damaged: softwareOf(3_000_000, 'damaged') })
    const id = await made.addTask(made.rollout, 'swu-1')
    made.start()
    await expect.poll(() => made.state(id)).toBe('failed')
    expect((await made.task(id)).reason).toMatch(/Checksum|hash|fail|error/i)
    expect(await made.outbox()).toEqual([])
  })

  test('lets go of a download that is cancelled, and says so', async () => {
    const made = await bench({ bytes: 64_000_000 })
    const id = await made.addTask(made.rollout, 'swu-1')
    made.start()
    await expect.poll(() => made.state(id), { interval: 2 }).toBe('downloading')
    await made.setState(id, 'cancelled')
    await made.edge.recheck(made.rollout)
    await expect
      .poll(async () => (await made.reports(id)).map(({ execution }) => execution))
      .toContain('closed')
    expect((await made.polling('swu-1'))?.told_task_id).toBeNull()
    expect(await made.outbox()).toEqual([])
  })

  test('is not believed where it reports a success of what it never downloaded', async () => {
    const made = await bench()
    const id = await made.addTask(made.rollout, 'swu-1')
    made.start({ arguments: '-c 2' })
    await expect.poll(() => made.state(id)).toBe('failed')
    expect((await made.task(id)).reason).toContain('none of the software went out')
    expect(await made.outbox()).toEqual([])
    expect(await made.refusals()).toContain('SUCCESS_UNPROVED')
  })
})
