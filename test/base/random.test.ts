import { expect, test } from 'vitest'
import { toHex } from '../../src-main/base/bytes'
import { seededRandom } from '../../src-main/base/random'

test('a seed gives the same numbers everywhere', () => {
  expect(toHex(seededRandom(1).bytes(16))).toBe('966e1c8145a8c85e7a74649a1400258a')
  expect(toHex(seededRandom(2).bytes(16))).toBe('74677794a0cecc017a4c2c41c0506209')
})

test('numbers stay below their limit and reach every value', () => {
  const random = seededRandom(7)
  const seen = new Set(Array.from({ length: 1000 }, () => random.below(6)))
  expect(seen).toEqual(new Set([0, 1, 2, 3, 4, 5]))
  expect(random.below(1)).toBe(0)
  expect(Number.isSafeInteger(random.below(2 ** 32))).toBe(true)
})
