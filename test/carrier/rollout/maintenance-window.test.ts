import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  nextWindowDue,
  windowDue,
  windowEnd,
} from '../../../src-main/carrier/rollout/maintenance-window'

const NIGHT = { start: '01:00', end: '05:00' }
const HOUR = 3_600_000
const at = (text: string) => Date.parse(text)
const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString())

describe('when a device may be accessed [S1-16]', () => {
  test.each([
    [
      'noon waits for the night',
      NIGHT,
      'Asia/Tokyo',
      '2026-01-05T12:00+09:00',
      '2026-01-06T01:00+09:00',
    ],
    [
      'the first instant is inside',
      NIGHT,
      'Asia/Tokyo',
      '2026-01-05T01:00+09:00',
      '2026-01-05T01:00+09:00',
    ],
    [
      'the last instant is outside',
      NIGHT,
      'Asia/Tokyo',
      '2026-01-05T05:00+09:00',
      '2026-01-06T01:00+09:00',
    ],
    [
      'each device has its own night',
      NIGHT,
      'America/New_York',
      '2026-01-05T12:00+09:00',
      '2026-01-05T01:00-05:00',
    ],
    [
      'over midnight, before it',
      { start: '22:00', end: '02:00' },
      'Europe/Berlin',
      '2026-01-05T23:00+01:00',
      '2026-01-05T23:00+01:00',
    ],
    [
      'over midnight, after it',
      { start: '22:00', end: '02:00' },
      'Europe/Berlin',
      '2026-01-06T01:59+01:00',
      '2026-01-06T01:59+01:00',
    ],
    [
      'over midnight, between',
      { start: '22:00', end: '02:00' },
      'Europe/Berlin',
      '2026-01-06T02:00+01:00',
      '2026-01-06T22:00+01:00',
    ],
    [
      'start and end equal: all day',
      { start: '03:00', end: '03:00' },
      'Europe/Berlin',
      '2026-01-06T02:00+01:00',
      '2026-01-06T02:00+01:00',
    ],
    // 02:00 to 03:00 does not exist on 2026-03-29 in Berlin.
    [
      'a start that the day does not have is an hour later',
      { start: '02:30', end: '05:00' },
      'Europe/Berlin',
      '2026-03-29T00:30+01:00',
      '2026-03-29T03:30+02:00',
    ],
    [
      'a window that lies in the gap opens the day after',
      { start: '02:15', end: '03:00' },
      'Europe/Berlin',
      '2026-03-29T00:30+01:00',
      '2026-03-30T02:15+02:00',
    ],
    // 02:00 to 03:00 is there twice on 2026-10-25 in Berlin; the first counts.
    [
      'a start that the day has twice is the first',
      { start: '02:30', end: '05:00' },
      'Europe/Berlin',
      '2026-10-25T00:30+02:00',
      '2026-10-25T02:30+02:00',
    ],
    [
      'an end that the day has twice is the first',
      { start: '01:00', end: '02:30' },
      'Europe/Berlin',
      '2026-10-25T02:30+01:00',
      '2026-10-26T01:00+01:00',
    ],
  ])('%s', (...[, window, timeZone, now, due]) => {
    expect(iso(windowDue(window, timeZone, at(now)))).toBe(iso(at(due)))
  })

  test('without a window it may be at any time', () => {
    expect(windowDue(null, 'UTC', 5)).toBe(5)
    expect(windowEnd(null, 'UTC', 5)).toBeNull()
    expect(nextWindowDue(null, 'UTC', 5)).toBe(5 + HOUR)
  })

  test('an attempt that failed is made again in the next window, not in this one [S1-13] [S1-17]', () => {
    const now = at('2026-01-05T02:00+09:00')
    expect(iso(nextWindowDue(NIGHT, 'Asia/Tokyo', now))).toBe(iso(at('2026-01-06T01:00+09:00')))
    expect(iso(windowEnd(NIGHT, 'Asia/Tokyo', now))).toBe(iso(at('2026-01-05T05:00+09:00')))
  })

  test('a night in which the clock is put forward or back ends when its clock says so', () => {
    const end = (now: string) => iso(windowEnd(NIGHT, 'Europe/Berlin', at(now)))
    expect(end('2026-03-29T01:30+01:00')).toBe(iso(at('2026-03-29T05:00+02:00')))
    expect(end('2026-10-25T01:30+02:00')).toBe(iso(at('2026-10-25T05:00+01:00')))
  })

  test('at every time of a year the next opening is open, and never further than two days', () => {
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 })
    const time = minute.map(
      value =>
        `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`,
    )
    const zone = fc.constantFrom(
      'UTC',
      'Asia/Tokyo',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
    )
    const now = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-01-01T00:00Z') })
    fc.assert(
      fc.property(fc.record({ start: time, end: time }), zone, now, (window, timeZone, when) => {
        const due = windowDue(window, timeZone, when)
        expect(due).toBeGreaterThanOrEqual(when)
        expect(due - when).toBeLessThanOrEqual(50 * HOUR)
        const end = windowEnd(window, timeZone, due)
        expect(end ?? Number.POSITIVE_INFINITY).toBeGreaterThan(due)
        expect(nextWindowDue(window, timeZone, due)).toBeGreaterThan(due)
      }),
    )
  })
})
