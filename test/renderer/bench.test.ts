import { describe, expect, test } from 'vitest'
import type { RestoreView } from '../../src-main/contract/restore'
import { commandFor, keysOf, type Press } from '../../src-renderer/commands/shortcut'
import { hexLine, hexLineCount } from '../../src-renderer/components/hex'
import { pauseAfter } from '../../src-renderer/rpc/backoff'
import { formatsOf } from '../../src-renderer/text/format'
import {
  changedCells,
  gridFor,
  imageMap,
  seam,
  squares,
} from '../../src-renderer/views/restore/memory'
import { fractionOf, stagesOf } from '../../src-renderer/views/restore/progress'

const restore: RestoreView = {
  id: 7,
  link: 'virtual:a',
  image: { digest: '0'.repeat(64), name: 'a.bin', bytes: 1000 },
  protocol: 'smp',
  stage: 'writing',
  device: null,
  doneBytes: 999,
  totalBytes: 1000,
  bytesPerSecond: 10,
  secondsLeft: 1,
  startedAt: 0,
  endedAt: null,
  result: null,
  seconds: null,
  lineRateRatio: null,
  sha256: '0'.repeat(64),
  verified: false,
  retries: 0,
  error: null,
}

describe('Progress', () => {
  test('never says one hundred per cent before all bytes are there', () => {
    expect(fractionOf(restore)).toBe(0.99)
    expect(fractionOf({ ...restore, doneBytes: 1000 })).toBe(1)
    expect(fractionOf({ ...restore, doneBytes: 0, totalBytes: 0 })).toBe(0)
  })

  test('shows at which stage a failed restore stopped', () => {
    const error = { code: 'NO_ANSWER', message: '', data: {} }
    const states = (changed: Partial<RestoreView>) =>
      stagesOf({ ...restore, ...changed }).map(({ state }) => state)
    expect(states({})).toEqual(['done', 'done', 'active', 'ahead', 'ahead'])
    expect(states({ stage: 'ended', error })).toEqual([
      'stopped',
      'ahead',
      'ahead',
      'ahead',
      'ahead',
    ])
    expect(states({ stage: 'ended' })).toEqual(Array(5).fill('done'))
  })
})

describe('The memory map', () => {
  test('shows the image sent in whole cells, never ahead of the bytes', () => {
    expect(imageMap(1023, 4096)).toEqual({ cells: '....', sent: { from: 0, end: 0 } })
    expect(imageMap(2048, 4096)).toEqual({ cells: '....', sent: { from: 0, end: 2 } })
    expect(imageMap(0, 0)).toEqual({ cells: '.', sent: { from: 0, end: 0 } })
  })

  test('finds the cells that changed, and none between memories of different size', () => {
    expect(changedCells('..##', '.###')).toEqual([1])
    expect(changedCells('..', '...')).toEqual([])
  })

  test('draws cells row by row and a seam before a region', () => {
    const grid = gridFor('.'.repeat(64))
    expect(grid.columns).toBe(32)
    expect(squares([0, 33], grid)).toBe('M0 0h10v10h-10zM12 12h10v10h-10z')
    expect(seam(32, 64, grid)).toBe('M-1 11H383')
    expect(seam(4, 64, grid)).toBe('M-1 11H47V-1H383')
  })
})

describe('Shortcuts', () => {
  const press = (key: string, held: Partial<Press> = {}): Press => ({
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...held,
  })

  test('belong to Control elsewhere and to Command on a Mac', () => {
    const control = press('P', { ctrlKey: true, shiftKey: true })
    const command = press('p', { metaKey: true, shiftKey: true })
    expect(commandFor(control, false)).toBe('view.palette')
    expect(commandFor(control, true)).toBe(undefined)
    expect(commandFor(command, true)).toBe('view.palette')
    expect(keysOf('Mod+Shift+P', false)).toEqual(['Ctrl', 'Shift', 'P'])
    expect(keysOf('Mod+Shift+P', true)).toEqual(['⌘', '⇧', 'P'])
  })

  test('with a digit go by the place of the key, whatever Alt makes of it', () => {
    expect(commandFor(press('¡', { altKey: true, code: 'Digit1' }), true)).toBe('go.restore')
    expect(commandFor(press('1'), false)).toBe(undefined)
  })
})

test('Figures are written as the language writes them', () => {
  const [english, japanese] = [formatsOf('en'), formatsOf('ja')]
  expect(english.size(273_432)).toBe('267 KiB')
  expect(english.size(1023)).toBe('1,023 B')
  expect(english.duration(80)).toBe('1 min 20 sec')
  expect(japanese.duration(80)).toBe('1 分 20 秒')
  expect(english.percent(0.58)).toBe('58%')
})

test('A dump shows offset, bytes and what of them is text', () => {
  const hex = '6b696e7473756769000a41ff'
  expect(hexLineCount(hex)).toBe(1)
  expect(hexLine(hex, 0)).toEqual({
    offset: '0000',
    hex: '6b 69 6e 74 73 75 67 69  00 0a 41 ff',
    ascii: 'kintsugi..A.',
  })
})

test('Attempts to connect again come less and less often, but never stop', () => {
  expect([1, 2, 3, 6, 7, 50].map(pauseAfter)).toEqual([250, 500, 1000, 8000, 10_000, 10_000])
})
