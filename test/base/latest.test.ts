import { expect, describe, test } from 'vitest'
import { Latest } from '../../src-main/base/latest'

describe('a reader of the newest value', () => {
  test('waits for a value, misses what came too quickly, and gets the last one after the end', async () => {
    const latest = new Latest<number>()
    const first = latest.next()
    latest.push(1)
    latest.push(2)
    latest.push(3)
    latest.end()
    latest.push(4)
    expect(await first).toEqual({ done: false, value: 1 })
    expect(await latest.next()).toEqual({ done: false, value: 3 })
    expect(await latest.next()).toEqual({ done: true, value: undefined })
  })

  test('is released when it leaves while it waits', async () => {
    let left = 0
    const latest = new Latest<number>(() => (left += 1))
    const waiting = latest.next()
    await latest.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(left).toBe(1)
  })

  test('hears of a failure, now or later', async () => {
    const now = new Latest<number>()
    const waiting = now.next()
    now.fail(new Error('broken'))
    await expect(waiting).rejects.toThrow('broken')
    const later = new Latest<number>()
    later.fail(new Error('broken'))
    await expect(later.next()).rejects.toThrow('broken')
  })
})
