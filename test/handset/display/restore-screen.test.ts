import { describe, expect, test } from 'vitest'
import type { HandsetState, RestoreReason } from '../../../src-main/contract/handsets'
import { Picture } from '../../../src-main/handset/display/picture'
import { drawRestoreScreen } from '../../../src-main/handset/display/restore-screen'

const SIZE = { width: 128, height: 160 }

function screen(
  state: HandsetState,
  reason: RestoreReason,
  progress: { doneBytes: number; bytes: number } | null = null,
): Uint8Array {
  const pixels = new Uint8Array(SIZE.width * SIZE.height * 2)
  const picture = new Picture(pixels, SIZE)
  drawRestoreScreen(picture, { state, reason, progress, terminalId: 'K1-0123456789AB' })
  return pixels
}

/** The dots of a picture in one colour, as text. */
function dots(pixels: Uint8Array, width: number, color: number): string[] {
  const rows: string[] = []
  for (let at = 0; at < pixels.length; at += width * 2) {
    const row = Array.from({ length: width }, (_, x) => {
      const pixel = ((pixels[at + 2 * x] ?? 0) << 8) | (pixels[at + 2 * x + 1] ?? 0)
      return pixel === color ? '#' : '.'
    })
    rows.push(row.join(''))
  }
  return rows
}

test('text is drawn dot by dot, and cut off at the edge', () => {
  const pixels = new Uint8Array(16 * 9 * 2)
  const picture = new Picture(pixels, { width: 16, height: 9 })
  picture.text({ x: 1, y: 1 }, 'k1x', { color: 0x1234 })
  expect(dots(pixels, 16, 0x1234)).toEqual([
    '................',
    '.#...#...#...#..',
    '.#..#...##...#..',
    '.#.#.....#....#.',
    '.##......#.....#',
    '.#.#.....#....#.',
    '.#..#....#...#..',
    '.#...#..###..#..',
    '................',
  ])
})

describe('the screen of restore mode', () => {
  test('differs with every state and every reason', () => {
    const states: HandsetState[] = [
      'restore-wait',
      'restore-linked',
      'restore-writing',
      'restore-verifying',
    ]
    const reasons: RestoreReason[] = [
      'key-held',
      'reset-requested',
      'region-invalid',
      'journal-open',
      'watchdog',
      'no-cpu',
    ]
    const pictures = states.flatMap(state => reasons.map(reason => screen(state, reason).join()))
    expect(new Set(pictures).size).toBe(states.length * reasons.length)
  })

  test('shows the progress as a bar of 108 dots', () => {
    const gold = (doneBytes: number) => {
      const pixels = screen('restore-writing', 'journal-open', { doneBytes, bytes: 1000 })
      return dots(pixels, SIZE.width, 0xd5a9)[115]?.match(/#/g)?.length ?? 0
    }
    expect([0, 1, 500, 999, 1000].map(gold)).toEqual([0, 0, 54, 107, 108])
  })
})
