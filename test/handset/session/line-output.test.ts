import { expect, test } from 'vitest'
import { LineOutput } from '../../../src-main/handset/session/line-output'

const KEPT = 65_536

test('what was sent can be read from any position on', () => {
  const output = new LineOutput()
  output.append(Uint8Array.of(1, 2, 3))
  output.append(Uint8Array.of(4, 5))
  expect(output.next).toBe(5)
  expect(output.since(0)).toEqual({ from: 0, bytes: Uint8Array.of(1, 2, 3, 4, 5) })
  expect(output.since(2)).toEqual({ from: 2, bytes: Uint8Array.of(3, 4, 5) })
  expect(output.since(5)).toEqual({ from: 5, bytes: new Uint8Array(0) })
})

test('a position that is still to come gives nothing, from the end on', () => {
  const output = new LineOutput()
  output.append(Uint8Array.of(7))
  expect(output.since(100)).toEqual({ from: 1, bytes: new Uint8Array(0) })
})

test('only the newest 64 KiB are kept, and the answer says where they begin', () => {
  const output = new LineOutput()
  for (let sent = 0; sent < 3 * KEPT; sent += 1000) {
    output.append(new Uint8Array(1000).fill((sent / 1000) % 251))
  }
  const { from, bytes } = output.since(0)
  expect(bytes.length).toBe(KEPT)
  expect(from + bytes.length).toBe(output.next)
  expect(bytes.at(-1)).toBe((output.next / 1000 - 1) % 251)
  output.append(Uint8Array.of(9))
  expect(output.since(output.next - 1).bytes).toEqual(Uint8Array.of(9))
})
