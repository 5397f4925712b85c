import type { Clock } from '../base/clock'

export const realClock: Clock = {
  kind: 'real',
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
  busy: () => () => {},
}
