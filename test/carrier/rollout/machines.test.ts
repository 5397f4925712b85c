import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { taskState, type RolloutState, type TaskState } from '../../../src-main/contract/rollouts'
import { nextRollout, type RolloutInput } from '../../../src-main/carrier/rollout/rollout-machine'
import {
  isOpenTask,
  nextTask,
  type TaskInput,
} from '../../../src-main/carrier/rollout/task-machine'

const TASK_INPUTS: readonly TaskInput[] = [
  { kind: 'asked' },
  { kind: 'answered', answer: 'yes' },
  { kind: 'answered', answer: 'no' },
  { kind: 'unanswered' },
  { kind: 'released' },
  { kind: 'accessed' },
  { kind: 'held' },
  { kind: 'auth-failed' },
  { kind: 'begun' },
  { kind: 'failed' },
  { kind: 'downloaded' },
  { kind: 'downloaded', isRestored: true },
  { kind: 'billed', state: 'open' },
  { kind: 'billed', state: 'paid' },
  { kind: 'billed', state: 'overdue' },
  { kind: 'retry' },
  { kind: 'cancel' },
]

function walk(inputs: readonly TaskInput[], attemptsMax: number) {
  let task: { state: TaskState; attempts: number } = { state: 'selected', attempts: 0 }
  const seen: TaskState[] = [task.state]
  let bills = 0
  for (const input of inputs) {
    const step = nextTask(task, input, attemptsMax)
    if (!step) continue
    bills += step.effects.filter(effect => effect === 'bill').length
    task = step
    seen.push(step.state)
  }
  return { task, seen, bills }
}

describe('one device in a rollout (spec 2.1.7)', () => {
  test('from the lookup to the payment', () => {
    const inputs: TaskInput[] = [
      { kind: 'asked' },
      { kind: 'answered', answer: 'yes' },
      { kind: 'released' },
      { kind: 'accessed' },
      { kind: 'begun' },
      { kind: 'downloaded' },
      { kind: 'billed', state: 'open' },
      { kind: 'billed', state: 'overdue' },
      { kind: 'billed', state: 'paid' },
    ]
    const { seen, bills } = walk(inputs, 3)
    expect(seen).toEqual([
      'selected',
      'awaiting-answer',
      'agreed',
      'waiting-window',
      'connecting',
      'downloading',
      'downloaded',
      'invoiced',
      'overdue',
      'paid',
    ])
    expect(bills).toBe(1)
  })

  test('an answer can be changed until the download begins', () => {
    const asked: TaskInput[] = [
      { kind: 'asked' },
      { kind: 'answered', answer: 'yes' },
      { kind: 'released' },
    ]
    const no: TaskInput = { kind: 'answered', answer: 'no' }
    expect(walk([...asked, no], 3).task.state).toBe('declined')
    expect(walk([...asked, { kind: 'accessed' }, no], 3).task.state).toBe('connecting')
  })

  test('failures are tried again until there were too many', () => {
    const attempt: TaskInput[] = [{ kind: 'accessed' }, { kind: 'auth-failed' }]
    const { seen } = walk([{ kind: 'released' }, ...attempt, ...attempt, ...attempt], 2)
    expect(seen.slice(2)).toEqual(['connecting', 'auth-failed', 'connecting', 'abandoned'])
  })

  test('whatever happens in whatever order, there is at most one bill, and none without a download', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_INPUTS), { maxLength: 60 }), inputs => {
        const { task, seen, bills } = walk(inputs, 3)
        expect(bills).toBe(seen.filter(state => state === 'downloaded').length)
        expect(bills).toBeLessThanOrEqual(1)
        const isBilled = ['invoiced', 'paid', 'overdue', 'downloaded'].includes(task.state)
        expect(isBilled).toBe(bills === 1)
      }),
      { numRuns: 2000 },
    )
  })

  test('nothing leads out of an end but another round', () => {
    const ends = taskState.options.filter(state => !isOpenTask(state))
    for (const state of ['declined', 'no-answer', 'cancelled', 'paid'] as const) {
      expect(ends).toContain(state)
      const out = TASK_INPUTS.filter(input => nextTask({ state, attempts: 0 }, input, 3))
      expect(out.every(({ kind }) => kind === 'answered')).toBe(true)
    }
  })
})

describe('a release at the carrier (spec 2.1.7)', () => {
  const run = (inputs: readonly RolloutInput[], settings: { trial: boolean; consent: boolean }) => {
    let state: RolloutState = 'notified'
    return inputs.map(input => {
      const step = nextRollout(state, input, settings)
      state = step?.state ?? state
      return step?.state
    })
  }
  const FETCHED: RolloutInput[] = [{ kind: 'fetch' }, { kind: 'stored' }]

  test.each([
    [{ trial: false, consent: false }, [], ['distributing']],
    [{ trial: false, consent: true }, [], ['collecting-consent']],
    [
      { trial: true, consent: true },
      [{ kind: 'trial-begun' }, { kind: 'trial-ended', isPassed: true }],
      ['testing', 'trial-passed', 'collecting-consent'],
    ],
  ] satisfies [{ trial: boolean; consent: boolean }, RolloutInput[], RolloutState[]][])(
    'with %j',
    (settings, trial, states) => {
      const inputs: RolloutInput[] = [...FETCHED, ...trial, { kind: 'selected' }]
      expect(run(inputs, settings)).toEqual(['fetching', 'stored', ...states])
    },
  )

  test('what was not tried, or did not pass, is distributed to nobody [S1-38] [S1-47]', () => {
    const settings = { trial: true, consent: false }
    expect(nextRollout('stored', { kind: 'selected' }, settings)).toBeUndefined()
    expect(nextRollout('testing', { kind: 'selected' }, settings)).toBeUndefined()
    const failed = nextRollout('testing', { kind: 'trial-ended', isPassed: false }, settings)
    expect(failed).toEqual({ state: 'returned', effects: ['return'] })
    for (const kind of [
      'selected',
      'fetch',
      'stored',
      'trial-begun',
      'cancel',
      'reopened',
    ] as const) {
      expect(nextRollout('returned', { kind }, settings)).toBeUndefined()
    }
  })

  test('what passed goes on although the trial was called off meanwhile', () => {
    const settings = { trial: false, consent: false }
    expect(nextRollout('trial-passed', { kind: 'selected' }, settings)?.state).toBe('distributing')
  })

  test('a refusal leads back to a new attempt', () => {
    const states = run([{ kind: 'fetch' }, { kind: 'refused' }, { kind: 'fetch' }], {
      trial: false,
      consent: false,
    })
    expect(states).toEqual(['fetching', 'auth-refused', 'fetching'])
  })
})
