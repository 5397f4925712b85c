import { describe, expect, test } from 'vitest'
import type { HandsetState, HandsetView } from '../../src-main/contract/handsets'
import type { Identity, RestorePlan, RestoreView } from '../../src-main/contract/restore'
import { commandFor, keysOf, type Press } from '../../src-renderer/commands/shortcut'
import { hexLine, hexLineCount } from '../../src-renderer/components/hex'
import { cellPath, changedCells, gridFor, seam } from '../../src-renderer/components/memory/cells'
import { pauseAfter } from '../../src-renderer/rpc/backoff'
import { formatsOf } from '../../src-renderer/text/format'
import { ramHolder, ramInUse } from '../../src-renderer/views/handset/ram-cells'
import { imageMap } from '../../src-renderer/views/restore/memory'
import {
  canGoOn,
  heldBytes,
  planToFollow,
  sharesOf,
  slotParts,
  standingOf,
} from '../../src-renderer/views/restore/plan'
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
  resumedFrom: null,
  startedOver: null,
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
    const grid = gridFor(64)
    expect(grid.columns).toBe(32)
    expect(cellPath([0, 33], 'full', grid)).toBe('M0 0h10v10h-10zM12 12h10v10h-10z')
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
  expect([0.67, 9.94, 9.96].map(seconds => english.brief(seconds))).toEqual([
    '0.7 sec',
    '9.9 sec',
    '10 sec',
  ])
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

describe('A plan', () => {
  const identity: Identity = {
    protocol: 'smp',
    encoding: 'console',
    device: { name: 'K1-0', model: 'k1', mode: 'restore-mode', information: null },
    software: null,
    memory: { bufferBytes: 1024, bufferCount: 2, slotBytes: 4000 },
  }
  const fresh: RestorePlan = {
    link: 'virtual:a',
    image: { digest: '0'.repeat(64), name: 'a.bin', bytes: 1000 },
    sha256: '0'.repeat(64),
    device: identity,
    verdict: 'write',
    reason: '',
    nextStep: null,
    canForce: false,
    entersRestoreMode: false,
    erased: { image: 0, slot: 0, bytes: 4000 },
    written: { fromByte: 0, bytes: 1000 },
    kept: [],
    wire: { requests: 2, pieceBytes: 500, window: 2, sentBytes: 1400, receivedBytes: 80 },
    seconds: 1,
    bytesPerSecond: 1000,
    interruptedAt: 400,
    warnings: [],
  }
  const onward: RestorePlan = {
    ...fresh,
    verdict: 'resume',
    written: { fromByte: 400, bytes: 600 },
  }

  test('goes on only where the device can, and where a person wants it', () => {
    expect(planToFollow({ fresh, onward: null }, true)).toBe(fresh)
    expect(planToFollow({ fresh, onward }, true)).toBe(onward)
    expect(planToFollow({ fresh, onward }, false)).toBe(fresh)
    const refusal = { ...fresh, reason: 'From the start: …' }
    expect(planToFollow({ fresh, onward: refusal }, true)).toBe(refusal)
    expect([refusal, onward].map(one => canGoOn({ fresh, onward: one }))).toEqual([false, true])
    expect(heldBytes(onward)).toBe(400)
    expect(heldBytes({ ...onward, written: null })).toBe(1000)
  })

  test('shows the slot from its start to its end, as far as its size is known', () => {
    expect(slotParts(onward)).toEqual([
      { kind: 'held', from: 0, bytes: 400 },
      { kind: 'written', from: 400, bytes: 600 },
      { kind: 'untouched', from: 1000, bytes: 3000 },
    ])
    const unsized = { ...fresh, erased: { image: 0, slot: 0, bytes: null } }
    expect(slotParts(unsized)).toEqual([{ kind: 'written', from: 0, bytes: 1000 }])
    expect(slotParts({ ...fresh, written: null })).toEqual([])
  })

  test('leaves most of the picture to what is written, and no part unseen', () => {
    expect(sharesOf(slotParts(onward)).map(share => Math.round(share * 100))).toEqual([30, 45, 25])
    const narrow = sharesOf([
      { kind: 'held', from: 0, bytes: 1 },
      { kind: 'written', from: 1, bytes: 99_999 },
    ])
    expect(narrow[0]).toBeGreaterThan(0.01)
    expect((narrow[0] ?? 0) + (narrow[1] ?? 0)).toBeCloseTo(1)
  })
})

test('A plan for a virtual handset holds until its mode, its cable or its flash is another', () => {
  const standing = (state: HandsetState, cable: boolean, operations: number) =>
    standingOf({ state, cable, flash: { operations } } as HandsetView)
  const planned = standing('restore-wait', true, 5)
  expect(standing('restore-linked', true, 5)).toBe(planned)
  expect(standing('restore-wait', false, 5)).not.toBe(planned)
  expect(standing('restore-wait', true, 6)).not.toBe(planned)
  expect(standing('off', true, 5)).not.toBe(planned)
  expect(standing('normal', true, 5)).toBe(standing('starting', true, 9))
})

test('Where no software runs, no task holds RAM', () => {
  const task = { name: 'kernel', address: 0, bytes: 4, limitRank: null, limited: false }
  const ram = { address: 0, bytes: 8, tasks: [task], secured: null, handover: null }
  expect(ramHolder(ramInUse(ram, true), 0)).toEqual({ kind: 'exempt', task })
  expect(ramHolder(ramInUse(ram, false), 0)).toEqual({ kind: 'empty' })
})
