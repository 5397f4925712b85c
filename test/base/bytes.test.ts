import { describe, expect, test } from 'vitest'
import {
  asciiBytes,
  asciiText,
  concatBytes,
  equalBytes,
  formatAddress,
  toHex,
  viewOf,
} from '../../src-main/base/bytes'
import { fromHex } from '../support/from-hex'

test('arrays are joined in order, into a new one', () => {
  const part = Uint8Array.of(1, 2)
  const joined = concatBytes([part, new Uint8Array(), Uint8Array.of(3)])
  expect(joined).toEqual(Uint8Array.of(1, 2, 3))
  joined[0] = 9
  expect(part[0]).toBe(1)
})

test('bytes are equal when all are', () => {
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
})

describe('hexadecimal', () => {
  test('there and back', () => {
    expect(toHex(Uint8Array.of(0, 0x0f, 0xa0, 255))).toBe('000fa0ff')
    expect(fromHex('00 0fA0\nff')).toEqual(Uint8Array.of(0, 0x0f, 0xa0, 255))
    expect(fromHex('')).toEqual(new Uint8Array())
  })

  test.each(['0', '0x00', 'gg', '-1', '+1', '1.'])('"%s" is none', text => {
    expect(fromHex(text)).toBeUndefined()
  })
})

test('a view sees the part of the buffer that the bytes are', () => {
  const part = Uint8Array.of(9, 9, 1, 2, 9).subarray(2, 4)
  expect(viewOf(part).getUint16(0)).toBe(0x0102)
  expect(viewOf(part).byteLength).toBe(2)
})

describe('text', () => {
  test('bytes as characters', () => {
    expect(asciiText(Uint8Array.of(0x41, 0x0a, 0xe9))).toBe('A\né')
    expect(asciiBytes('A\n')).toEqual(Uint8Array.of(0x41, 0x0a))
  })

  test('what is no ASCII is a defect of the caller', () => {
    expect(() => asciiBytes('é')).toThrow('Not an ASCII character: é')
  })
})

test('addresses have eight digits or more', () => {
  expect(formatAddress(0x08000000)).toBe('0x08000000')
  expect(formatAddress(0x1_0000_0000)).toBe('0x100000000')
})
