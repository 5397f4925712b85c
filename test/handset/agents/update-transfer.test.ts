import { expect, test } from 'vitest'
import { retrying } from '../../../src-main/handset/agents/update-transfer'
import { RadioLost } from '../../../src-main/handset/radio/radio'
import { StopSignal } from '../../../src-main/handset/radio/stop-signal'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

test('[S0-34] who stops between two attempts leaves no timer behind', async () => {
  const clock = new VirtualClock()
  const stop = new StopSignal()
  const begun = clock.now()
  const trying = retrying({ clock, stop }, () => Promise.reject(new RadioLost('Nobody answers.')))
  const ended = trying.catch((error: unknown) => error)
  await clock.advance(100)
  const reason = new Error('The power failed.')
  stop.stop(reason)
  expect(await ended).toBe(reason)
  await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow('Deadlock')
  expect(clock.now()).toBe(begun + 100)
})
