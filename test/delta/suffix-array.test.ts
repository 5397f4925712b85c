import { assert, oneof, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { suffixArray } from '../../src-main/delta/suffix-array'

function sortedStarts(text: Uint8Array): number[] {
  const suffix = (start: number) => String.fromCharCode(...text.subarray(start))
  return [...text.keys()].toSorted((a, b) => (suffix(a) < suffix(b) ? -1 : 1))
}

test('the suffixes of "mississippi" stand in their order', () => {
  const text = Uint8Array.from('mississippi', character => character.charCodeAt(0))
  expect([...suffixArray(text, 255)]).toEqual([10, 7, 4, 1, 0, 9, 8, 6, 3, 5, 2])
})

test('suffixes of any bytes stand in their order', () => {
  const texts = oneof(
    uint8Array({ maxLength: 60, max: 2 }),
    uint8Array({ maxLength: 200, max: 1 }),
    uint8Array({ maxLength: 100 }),
  )
  assert(
    property(texts, text => {
      expect([...suffixArray(text, 255)]).toEqual(sortedStarts(text))
    }),
  )
})

test('a text of one byte over and over is sorted too', () => {
  const sorted = suffixArray(new Uint8Array(100_000).fill(0xff), 255)
  expect([...sorted.subarray(0, 3)]).toEqual([99_999, 99_998, 99_997])
})
