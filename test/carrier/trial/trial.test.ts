import { describe, expect, test } from 'vitest'
import { sleep } from '../../../src-main/base/clock'
import { TestDeviceTrial } from '../../../src-main/carrier/trial/trial'
import type { Delivery, DeliveryEnd, DeliveryOrder } from '../../../src-main/carrier/rollout/ports'
import type { Customer, Rollout } from '../../../src-main/contract/rollouts'
import type { GivenAnswer } from '../../../src-main/wire/device/messages'
import { MINATO, SHINJUKU } from '../customers/fixture'
import { partsBench, sampleRollout } from '../parts-bench'

const NEW = { name: 'router-os', version: '2.0.0' }
const OLD = { name: 'router-os', version: '1.0.0' }
const TEST_DEVICE: Customer = {
  ...MINATO,
  deviceId: 'TEST-A',
  ipAddress: '10.1.0.1',
  isTestDevice: true,
}

/** What the test device does: takes software, and answers as it is asked after so many seconds. */
interface Script {
  readonly deliveries?: (DeliveryEnd & { readonly sentBytes?: number })[]
  readonly answer?: (signal: string, askedMs: number) => GivenAnswer | undefined
  /** How long an answer takes. */
  readonly answerMs?: number
}

async function trialBench({ deliveries = [], answer = echo, answerMs = 0 }: Script = {}) {
  const bench = await partsBench()
  const { clock } = bench
  const orders: DeliveryOrder[] = []
  const signals: { readonly at: number; readonly signal: string }[] = []
  const delivery: Delivery = {
    async deliver(order) {
      orders.push(order)
      const end = deliveries[orders.length - 1] ?? { outcome: 'downloaded' as const }
      order.onProgress('sentBytes' in end ? (end.sentBytes ?? 0) : 1000, 1000)
      return end
    },
    async testSignal(_customer, signal) {
      signals.push({ at: clock.now(), signal })
      if (answerMs > 0) await sleep(clock, answerMs)
      return answer(signal, clock.now() - (signals[0]?.at ?? 0))
    },
  }
  const trial = new TestDeviceTrial({ ...bench, delivery })
  const signal = new AbortController()
  await bench.enter(MINATO, TEST_DEVICE)
  return {
    ...bench,
    orders,
    signals,
    signal,
    run: (rollout: Rollout = sampleRollout()) => clock.runUntil(trial.run(rollout, signal.signal)),
  }
}

function echo(signal: string): GivenAnswer {
  return { answer: signal, software: NEW }
}

describe('the test device', () => {
  test('is the marked one of the vendor [S1-39]', async () => {
    const { enter, orders, run, messages } = await trialBench()
    await enter(
      { ...TEST_DEVICE, deviceId: 'TEST-B', ipAddress: '10.1.0.2', vendorName: 'Vendor B' },
      SHINJUKU,
    )
    expect(await run()).toMatchObject({ deviceId: 'TEST-A', outcome: 'passed' })
    expect(orders.map(({ customer }) => customer.deviceId)).toEqual(['TEST-A'])
    expect(messages()).toMatchObject([
      { label: '1:S31', fields: { deviceId: 'TEST-A', ipAddress: '10.1.0.1' } },
    ])
  })

  test('is of a type that can use the release [S1-39]', async () => {
    const { enter, run } = await trialBench()
    const typed = { ...TEST_DEVICE, deviceId: 'TEST-R1', ipAddress: '10.1.0.3', deviceType: 'R1' }
    await enter({ ...TEST_DEVICE, deviceType: 'R2' }, typed)
    const { additional } = sampleRollout()
    const forR1 = { additional: additional && { ...additional, deviceTypes: ['R1'] } }
    expect(await run(sampleRollout(forR1))).toMatchObject({ deviceId: 'TEST-R1' })
  })

  test('is waited for where there is none', async () => {
    const { run, orders } = await trialBench()
    expect(await run(sampleRollout({ vendorName: 'Vendor C' }))).toBeUndefined()
    expect(orders).toEqual([])
  })
})

describe('a trial', () => {
  test('brings the software to be installed, whatever others do with it', async () => {
    const { orders, run } = await trialBench()
    const { settings } = sampleRollout()
    await run(sampleRollout({ settings: { ...settings, delivery: 'record' } }))
    expect(orders[0]?.rollout.settings.delivery).toBe('install')
    expect(orders[0]?.steps.download).toBe('32')
  })

  test('passes with the prescribed answer', async () => {
    const { refusals, run, signals } = await trialBench()
    const report = await run()
    expect(report).toMatchObject({ outcome: 'passed', answer: signals[0]?.signal })
    expect(signals[0]?.signal).toMatch(/^hello [0-9a-f]{16}$/)
    expect(await refusals()).toEqual([])
  })

  test('passes with an answer in the last moment [S1-44]', async () => {
    const answer = (signal: string, askedMs: number) =>
      askedMs < 30_000 ? undefined : echo(signal)
    const { run, signals } = await trialBench({ answer })
    const report = await run()
    expect(report).toMatchObject({ outcome: 'passed' })
    expect((report?.endedAt ?? 0) - (report?.startedAt ?? 0)).toBe(30_000)
    expect(signals).toHaveLength(31)
  })

  test('does not pass with an answer after the last moment', async () => {
    const answer = (signal: string, askedMs: number) =>
      askedMs <= 30_000 ? undefined : echo(signal)
    const { run, signals } = await trialBench({ answer, answerMs: 700 })
    expect(await run()).toMatchObject({ outcome: 'no-answer', answer: null })
    const last = (signals.at(-1)?.at ?? 0) - (signals[0]?.at ?? 0)
    expect([last <= 30_000, last + 700 > 30_000]).toEqual([true, true])
  })

  test.each<[string, Script['answer'], object]>([
    ['silence', () => undefined, { outcome: 'no-answer', answer: null }],
    [
      'an answer of nothing',
      () => ({ answer: null, software: NEW }),
      { outcome: 'no-answer', answer: null },
    ],
    [
      'another answer',
      () => ({ answer: 'HELLO', software: NEW }),
      { outcome: 'wrong-answer', answer: 'HELLO' },
    ],
    [
      'the answer without the number of the signal',
      () => ({ answer: 'hello', software: NEW }),
      { outcome: 'wrong-answer', answer: 'hello' },
    ],
    ['older software', signal => ({ answer: signal, software: OLD }), { outcome: 'not-installed' }],
    ['no software', signal => ({ answer: signal, software: null }), { outcome: 'not-installed' }],
  ])(
    'fails with %s once the time is over, and is audited [S1-46] [S1-73]',
    async (_what, answer, wanted) => {
      const { refusals, run } = await trialBench(answer ? { answer } : {})
      const report = await run()
      expect(report).toMatchObject(wanted)
      expect((report?.endedAt ?? 0) - (report?.startedAt ?? 0)).toBe(30_000)
      expect(await refusals()).toEqual(['TRIAL_FAILED'])
    },
  )

  test('does not take the answer to an earlier signal [S1-46]', async () => {
    let earlier = ''
    const answer = (signal: string) => {
      const late = { answer: earlier, software: NEW }
      earlier = signal
      return late
    }
    const { run } = await trialBench({ answer })
    expect(await run()).toMatchObject({ outcome: 'wrong-answer' })
  })

  test('another answer before the prescribed one does not harm [S1-46]', async () => {
    const answer = (signal: string, askedMs: number) =>
      askedMs < 5000 ? { answer: 'HELLO', software: NEW } : echo(signal)
    const { run } = await trialBench({ answer })
    expect(await run()).toMatchObject({ outcome: 'passed' })
  })

  test('asks the answer that the vendor prescribed, where it is not the signal', async () => {
    const { additional } = sampleRollout()
    const trial = { signal: 'PING', answer: 'PONG', waitSeconds: 5 }
    const rollout = sampleRollout({ additional: additional && { ...additional, trial } })
    const answer = (signal: string) => ({ answer: signal.replace('PING', 'PONG'), software: NEW })
    const { run, signals } = await trialBench({ answer })
    expect(await run(rollout)).toMatchObject({ outcome: 'passed' })
    expect(signals[0]?.signal).toMatch(/^PING /)
  })

  test('uses an echo where the vendor prescribed nothing', async () => {
    const { additional } = sampleRollout()
    const rollout = sampleRollout({ additional: additional && { ...additional, trial: null } })
    const { run } = await trialBench()
    expect(await run(rollout)).toMatchObject({ outcome: 'passed' })
  })

  test('of a day is some hundred signals', async () => {
    const { additional } = sampleRollout()
    const trial = { signal: 'x', answer: 'x', waitSeconds: 86_400 }
    const rollout = sampleRollout({ additional: additional && { ...additional, trial } })
    const { run, signals } = await trialBench({ answer: () => undefined })
    const report = await run(rollout)
    expect(report?.endedAt).toBe((report?.startedAt ?? 0) + 86_400_000)
    expect(signals.length).toBeGreaterThan(300)
    expect(signals.length).toBeLessThan(2000)
  })
})

describe('a test device that does not take the software', () => {
  const failed = { outcome: 'failed', reason: 'The line broke.', sentBytes: 500 } as const
  const unreached = { outcome: 'failed', reason: 'Nobody answers.', sentBytes: 0 } as const
  const refused = {
    outcome: 'auth-failed',
    reason: 'The password is wrong.',
    sentBytes: 0,
  } as const

  test('gets it again', async () => {
    const { orders, run } = await trialBench({ deliveries: [unreached, failed] })
    expect(await run()).toMatchObject({ outcome: 'passed' })
    expect(orders).toHaveLength(3)
  })

  test('fails the trial where it broke off each time', async () => {
    const { refusals, run, signals } = await trialBench({ deliveries: [failed, failed, failed] })
    const report = await run()
    expect(report).toMatchObject({ outcome: 'not-installed', answer: null })
    expect(report?.message).toContain('The line broke.')
    expect(signals).toEqual([])
    expect(await refusals()).toEqual(['TRIAL_FAILED'])
  })

  test.each([unreached, refused])('is not laid to the vendor: $reason', async end => {
    const { run } = await trialBench({ deliveries: [end, end, end] })
    await expect(run()).rejects.toMatchObject({
      code: 'TRIAL_IMPOSSIBLE',
      message: expect.stringContaining(end.reason) as string,
    })
  })
})

describe('a trial that is cancelled', () => {
  test('ends at once while it waits, and leaves no timer', async () => {
    const { clock, run, signal } = await trialBench({ answer: () => undefined })
    clock.after(2500, () => signal.abort(new Error('cancelled')))
    const begun = clock.now()
    await expect(run()).rejects.toThrow('cancelled')
    expect(clock.now() - begun).toBe(2500)
    await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow('no timer is left')
  })

  test('is not begun', async () => {
    const { orders, run, signal } = await trialBench()
    signal.abort(new Error('cancelled'))
    await expect(run()).rejects.toThrow('cancelled')
    expect(orders).toEqual([])
  })
})
