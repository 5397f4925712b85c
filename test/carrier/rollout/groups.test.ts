import { describe, expect, test } from 'vitest'
import type { TaskState } from '../../../src-main/contract/rollouts'
import {
  decideGroups,
  forgiven,
  plannedGroups,
  type TaskCount,
} from '../../../src-main/carrier/rollout/groups'

const THRESHOLDS = { successThreshold: 80, errorThreshold: 30 }

function counts(...groups: readonly Partial<Record<TaskState, number>>[]): TaskCount[] {
  return groups.flatMap((states, index) =>
    Object.entries(states).map(([state, count]) => ({
      group: index + 1,
      count,
      state: state as TaskState,
    })),
  )
}

describe('groups of a rollout', () => {
  test.each([
    [[100], 5, [5]],
    [[10, 90], 1, [1, 0]],
    [[10, 90], 1000, [100, 900]],
    [[1, 9, 90], 7, [1, 0, 6]],
    [[33.3, 33.3, 33.4], 10, [4, 3, 3]],
    [[50, 50], 0, [0, 0]],
  ])('shares %j of %i devices', (shares, devices, sizes) => {
    expect(plannedGroups(shares, devices).map(({ size }) => size)).toEqual(sizes)
  })

  test('the next one begins once enough of the one before ended well', () => {
    const groups = plannedGroups([10, 90], 100)
    const states = (...tasks: Partial<Record<TaskState, number>>[]) =>
      decideGroups(groups, counts(...tasks), THRESHOLDS).groups.map(({ state }) => state)
    expect(states({ selected: 10 }, { selected: 90 })).toEqual(['running', 'waiting'])
    expect(states({ invoiced: 7, downloading: 3 }, { selected: 90 })).toEqual([
      'running',
      'waiting',
    ])
    expect(states({ invoiced: 7, paid: 1, failed: 2 }, { selected: 90 })).toEqual([
      'running',
      'running',
    ])
    expect(states({ declined: 10 }, { selected: 90 })).toEqual(['done', 'running'])
  })

  test('too many failures stop everything, until somebody goes on', () => {
    const groups = plannedGroups([50, 50], 20)
    const failing = counts({ failed: 4, downloading: 6 }, { selected: 10 })
    const stopped = decideGroups(groups, failing, THRESHOLDS)
    expect(stopped.stop).toMatch(/group 1 4 of 10/)
    expect(stopped.groups.map(({ state }) => state)).toEqual(['stopped', 'waiting'])
    const again = decideGroups(forgiven(stopped.groups), failing, THRESHOLDS)
    expect(again.stop).toBeUndefined()
    const more = counts({ failed: 8, downloading: 2 }, { selected: 10 })
    expect(decideGroups(forgiven(stopped.groups), more, THRESHOLDS).stop).toBeDefined()
  })

  test('a group that ended with too few stops what follows', () => {
    const groups = plannedGroups([50, 50], 20)
    const settings = { successThreshold: 80, errorThreshold: 100 }
    const ended = counts({ invoiced: 5, abandoned: 5 }, { selected: 10 })
    const decided = decideGroups(groups, ended, settings)
    expect(decided.stop).toMatch(/5 of 10/)
    const states = decideGroups(forgiven(decided.groups), ended, settings).groups
    expect(states.map(({ state }) => state)).toEqual(['done', 'running'])
  })

  test('it ends when no task is open', () => {
    const groups = plannedGroups([100], 3)
    const isEnded = (states: Partial<Record<TaskState, number>>) =>
      decideGroups(groups, counts(states), THRESHOLDS).isEnded
    expect(isEnded({ invoiced: 1, declined: 1, abandoned: 1 })).toBe(true)
    expect(isEnded({ invoiced: 2, failed: 1 })).toBe(false)
    expect(isEnded({})).toBe(true)
  })
})
