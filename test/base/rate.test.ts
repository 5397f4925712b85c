import { describe, expect, test } from 'vitest'
import { addSample, rateOf, type Sample } from '../../src-main/base/rate'

function after(...samples: [at: number, doneBytes: number][]) {
  const kept = samples.reduce<readonly Sample[]>(
    (before, [at, doneBytes]) => addSample(before, { at, doneBytes }),
    [],
  )
  return { kept, ...rateOf(kept, 10_000) }
}

describe('speed and time left', () => {
  test('are unknown until time has passed and bytes have moved', () => {
    const unknown = { bytesPerSecond: 0, secondsLeft: null }
    expect(after()).toMatchObject(unknown)
    expect(after([0, 0])).toMatchObject(unknown)
    expect(after([0, 0], [0, 500])).toMatchObject(unknown)
    expect(after([0, 0], [500, 0])).toMatchObject(unknown)
  })

  test('come from the bytes of the last seconds', () => {
    expect(after([0, 0], [1000, 2000])).toMatchObject({ bytesPerSecond: 2000, secondsLeft: 4 })
    expect(after([0, 0], [1000, 5000], [6000, 5500], [7000, 6000])).toMatchObject({
      bytesPerSecond: 500,
      secondsLeft: 8,
    })
  })

  test('begin anew when the device lost what it had', () => {
    expect(after([0, 0], [1000, 5000], [2000, 0], [3000, 100])).toMatchObject({
      bytesPerSecond: 100,
      secondsLeft: 99,
    })
  })

  test('take a bounded number of samples', () => {
    const many = Array.from({ length: 10_000 }, (_, at): [number, number] => [at / 10, at])
    const { kept, bytesPerSecond } = after(...many)
    expect(kept.length).toBeLessThanOrEqual(64)
    expect(bytesPerSecond).toBeCloseTo(10_000, -1)
  })
})
