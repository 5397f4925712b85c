import { expect, test } from 'vitest'
import { AnswerDesk } from '../../../src-main/carrier/rollout/answer-desk'
import { Distributor } from '../../../src-main/carrier/rollout/distributor'
import { plannedGroups } from '../../../src-main/carrier/rollout/groups'
import { enterOutbox, nextOutbox } from '../../../src-main/carrier/rollout/outbox-store'
import { OutboxWorker } from '../../../src-main/carrier/rollout/outbox-worker'
import { RolloutCommands } from '../../../src-main/carrier/rollout/rollout-commands'
import { RolloutLedger } from '../../../src-main/carrier/rollout/rollout-ledger'
import { FIRST_DEFAULTS } from '../../../src-main/carrier/rollout/rollout-settings'
import { RolloutStore } from '../../../src-main/carrier/rollout/rollout-store'
import { TaskBook } from '../../../src-main/carrier/rollout/task-book'
import { TaskSlices } from '../../../src-main/carrier/rollout/task-slices'
import { TaskStore } from '../../../src-main/carrier/rollout/task-store'
import type { RolloutState, TaskState } from '../../../src-main/contract/rollouts'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import { nobodyAround } from '../carrier-bench'
import { MINATO } from '../customers/fixture'
import { partsBench } from '../parts-bench'

const { deviceId, managerName } = MINATO
/** Virtual time begins at 09:00 in Tokyo: the window is closed. */
const NIGHT = { start: '01:00', end: '05:00' }

/** One rollout with one task, as they lie in the database between two steps. */
async function between(rolloutState: RolloutState, taskState: TaskState) {
  const bench = await partsBench()
  const { clock, db } = bench
  const now = () => clock.now()
  const rollouts = new RolloutStore(db)
  const release = { vendorName: 'Vendor A', softwareName: 'router-os', version: '2', revision: 1 }
  const announced = { ...release, vendorReleaseId: 1, acquisition: 'fetch' } as const
  const settings = { ...FIRST_DEFAULTS, consent: true, window: null }
  const { id } = (await rollouts.enter(announced, settings, now())).rollout
  const groups = plannedGroups([100], 1)
  await rollouts.move(id, { from: 'notified', to: rolloutState }, { at: now(), groups })
  await bench.enter(MINATO)
  const numbers = { group_number: 1, attempts: 0, sent_bytes: 0, is_restored: 0 }
  const names = { rollout_id: id, device_id: deviceId, manager_name: managerName }
  await db
    .insertInto('carrier_tasks')
    .values({ ...names, ...numbers, state: taskState, next_at: now(), changed_at: now() })
    .execute()
  const tasks = new TaskStore(db)
  const ledger = new RolloutLedger({ ...bench, rollouts })
  const slices = new TaskSlices(db, now)
  const task = async () => tasks.ofDevice(id, deviceId)
  return { ...bench, id, ledger, rollouts, slices, task, tasks, groups }
}

/** The same, with a desk for answers that is slow to look at the row of the device. */
async function answering(meanwhile: (stage: Awaited<ReturnType<typeof between>>) => Promise<void>) {
  const stage = await between('collecting-consent', 'declined')
  const tasks = {
    ofDevice: (id: number, device: string) => stage.tasks.ofDevice(id, device),
    customer: async (device: string) => {
      await meanwhile(stage)
      return stage.tasks.customer(device)
    },
  }
  const desk = new AnswerDesk({ ...stage, tasks, moved: () => {} })
  return { ...stage, answer: desk.answered({ rolloutId: stage.id, deviceId }, 'yes') }
}

test('who agrees in the instant in which its group begins waits for the window', async () => {
  const { answer, task } = await answering(async ({ groups, id, rollouts, clock }) => {
    const begun = groups.map(group => ({ ...group, state: 'running' as const }))
    await rollouts.change(id, { groups: begun, at: clock.now() })
  })
  await answer
  expect(await task()).toMatchObject({ state: 'waiting-window', answer: 'yes' })
})

test('who agrees in the instant in which the collection ends is late [S1-61]', async () => {
  const { answer, task } = await answering(async ({ id, rollouts, clock }) => {
    const states = { from: 'collecting-consent', to: 'distributing' } as const
    await rollouts.move(id, states, { at: clock.now() })
  })
  await expect(answer).rejects.toMatchObject({ code: 'ANSWER_LATE' })
  expect(await task()).toMatchObject({ state: 'declined', answer: null })
})

test('a rollout is open again before its devices are, so that a stop leaves none in a closed one', async () => {
  const stage = await between('closed', 'abandoned')
  const { audit, id, ledger, slices, task } = stage
  const course = {
    inTurn: <Result>(work: () => Promise<Result>) => work(),
    follow: () => {},
    touch: () => {},
    held: async () => {},
    isTrying: () => false,
  }
  const seen: unknown[] = []
  const watched = Object.assign(Object.create(slices) as TaskSlices, {
    hasRetryable: (...given: Parameters<TaskSlices['hasRetryable']>) =>
      slices.hasRetryable(...given),
    retried: async (...given: Parameters<TaskSlices['retried']>) => {
      seen.push((await ledger.kept(id)).state)
      return slices.retried(...given)
    },
  })
  const commands = new RolloutCommands({
    audit,
    ledger,
    course,
    slices: watched,
    fetch: () => {},
    recheck: async () => {},
  })
  expect(await commands.retry({ id, deviceIds: ['another'] })).toBe(0)
  expect((await ledger.kept(id)).state).toBe('closed')
  expect(await commands.retry({ id })).toBe(1)
  expect(seen).toEqual(['distributing'])
  expect(await task()).toMatchObject({ state: 'waiting-window', attempts: 0 })
})

test('a notice that was answered after the request came puts nothing off', async () => {
  const { clock, db, task } = await between('distributing', 'downloading')
  const before = await task()
  const book = new TaskBook(db, { now: () => clock.now(), moved: () => {} })
  await book.noticed(before?.id ?? 0, clock.now() + 1)
  expect(await task()).toEqual(before)
})

test('a closed window takes all of a zone at once, and attempts stay counted [S1-16]', async () => {
  const connecting = await between('distributing', 'connecting')
  const rollout = await connecting.ledger.kept(connecting.id)
  const night = { ...rollout, settings: { ...rollout.settings, window: NIGHT } }
  const opening = connecting.clock.now() + 16 * 3_600_000
  await connecting.slices.closed(night)
  expect(await connecting.task()).toMatchObject({ state: 'waiting-window', nextAt: opening })
  const failed = await between('distributing', 'failed')
  await failed.slices.postponed(failed.id, 'Europe/Berlin', opening)
  expect(await failed.task()).toMatchObject({ state: 'failed', nextAt: failed.clock.now() })
  await failed.slices.postponed(failed.id, 'Asia/Tokyo', opening)
  expect(await failed.task()).toMatchObject({ state: 'failed', nextAt: opening })
})

test('the end of a window costs no transaction for each device', async () => {
  const stage = await between('distributing', 'connecting')
  const { clock, defects, id, rollouts, task } = stage
  const { settings } = await stage.ledger.kept(id)
  await rollouts.change(id, { settings: { ...settings, window: NIGHT }, at: clock.now() })
  const one = () => Promise.reject(new Error('One device was changed by itself'))
  const distributor = new Distributor({
    ...stage,
    book: { apply: one, noticed: one },
    access: { bring: one },
  })
  distributor.wake()
  await expect.poll(async () => (await task())?.state).toBe('waiting-window')
  await distributor.close()
  expect(defects).toEqual([])
})

test('what becomes due while the outbox is looked through is not forgotten', async () => {
  const clock = new HastyClock()
  const bench = await partsBench({ clock })
  const { db } = bench
  const sent: string[] = []
  const sendMail = async ({ to }: { readonly to: string }) => void sent.push(to)
  const outbox = new OutboxWorker({
    ...bench,
    surroundings: { ...nobodyAround, sendMail },
    returns: { returnToVendor: async () => {} },
    rollouts: new RolloutStore(db),
    moved: () => {},
  })
  const payload = { to: 'm@example.com', subject: 's', text: 't', label: '1:S24' }
  // Due after the first look at the time, and before the second.
  await enterOutbox(db, { key: 'notice:1', kind: 'mail', payload }, clock.now() + 1.5)
  outbox.wake()
  await expect.poll(() => sent).toEqual(['m@example.com'])
  expect(await nextOutbox(db, 0)).toBeNull()
  await outbox.close()
})

/** A millisecond goes by between two looks at it, and what is due soon is called at once. */
class HastyClock extends VirtualClock {
  #looks = 0

  override now(): number {
    this.#looks += 1
    return super.now() + this.#looks
  }

  override after(_milliseconds: number, callback: () => void): () => void {
    const timer = setImmediate(callback)
    return () => clearImmediate(timer)
  }
}
