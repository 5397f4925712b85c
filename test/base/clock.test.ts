import { expect, test } from 'vitest'
import { sleep, type Clock } from '../../src-main/base/clock'

test('sleep asks the clock it is given, and no other', async () => {
  const asked: number[] = []
  const clock: Clock = {
    kind: 'virtual',
    busy: () => () => {},
    now: () => 0,
    after: (milliseconds, callback) => {
      asked.push(milliseconds)
      callback()
      return () => {}
    },
  }
  await sleep(clock, 1500)
  expect(asked).toEqual([1500])
})
