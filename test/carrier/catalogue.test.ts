import { expect, test } from 'vitest'
import { compareVersions } from '../../src-main/wire/update/versions'

test.each<[a: string, b: string, order: number]>([
  ['1.0.0', '1.0.0', 0],
  ['1.0.0', '1.0.1', -1],
  ['1.9.0', '1.10.0', -1],
  ['2.0.0', '1.99.99', 1],
  ['10.0.0', '9.0.0', 1],
  ['01.0.0', '1.0.0', 0],
  ['1.0', '0.0.1', -1],
  ['1.0.0-beta', '0.0.1', -1],
  ['', '0.0.0', -1],
  ['nonsense', 'other', 0],
])('%s and %s', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order)
  expect(Math.sign(compareVersions(b, a))).toBe(0 - order)
})
