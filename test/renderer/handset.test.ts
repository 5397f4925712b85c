import { describe, expect, test } from 'vitest'
import type { HandsetView } from '../../src-main/contract/handsets'
import { FLASH_FAULTS as FLASH_FAULT_KINDS } from '../../src-main/handset/flash/flash-faults'
import { rgbaFromRgb565 } from '../../src-renderer/components/handset/rgb565'
import { cellAfterKey, cellAt, gridFor } from '../../src-renderer/components/memory/cells'
import { layersOf } from '../../src-renderer/components/memory/layers'
import { groupMarks, sumOfMarks } from '../../src-renderer/views/handset/execution'
import { explain } from '../../src-renderer/views/handset/explain'
import { FLASH_FAULTS } from '../../src-renderer/views/handset/fault-kinds'
import { flashLayers } from '../../src-renderer/views/handset/flash-cells'
import { HeldKeys } from '../../src-renderer/views/handset/held-keys'
import { phoneKeyFor, type KeyPress } from '../../src-renderer/views/handset/key-map'
import {
  limitedInOrder,
  movedBlocks,
  ramBorders,
  ramHolder,
} from '../../src-renderer/views/handset/ram-cells'
import {
  sectorContent,
  softwarePart,
  surveyOf,
} from '../../src-renderer/views/handset/region-survey'
import { foldedLines, linesText, rawLines } from '../../src-renderer/views/handset/terminal-lines'
import { handset } from './handset-view'

const bytesOf = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))

describe('The screen', () => {
  test('turns RGB565 into colours that reach full black and full white', () => {
    const pixels = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0xf8, 0x00, 0x07, 0xe0, 0x00, 0x1f)
    const colours = [
      [0, 0, 0, 255],
      [255, 255, 255, 255],
      [255, 0, 0, 255],
      [0, 255, 0, 255],
      [0, 0, 255, 255],
    ]
    expect([...rgbaFromRgb565(pixels)]).toEqual(colours.flat())
  })
})

describe('The keys of the phone', () => {
  const press = (key: string, held: Partial<KeyPress> = {}) =>
    phoneKeyFor({ key, ctrlKey: false, metaKey: false, altKey: false, ...held })

  test('are those of the keyboard that mean the same', () => {
    expect(
      ['ArrowUp', 'Enter', 'Escape', 'Backspace', '7', '*', '#'].map(key => press(key)),
    ).toEqual(['up', 'select', 'back', 'back', '7', 'star', 'hash'])
    expect(['Tab', 'a', 'F1', 'toString'].map(key => press(key))).toEqual(Array(4).fill(undefined))
    expect(press('1', { altKey: true })).toBe(undefined)
    expect(press('Enter', { ctrlKey: true })).toBe(undefined)
  })

  test('are told once when they go down and once when the last holder lets go', () => {
    const sent: string[] = []
    const held = new HeldKeys((key, pressed) => sent.push(`${pressed ? '+' : '-'}${key}`))
    held.hold('pointer 1', 'select')
    held.hold('keyboard Enter', 'select')
    held.hold('keyboard Enter', 'select')
    held.letGo('pointer 1')
    held.letGo('pointer 1')
    expect(sent).toEqual(['+select'])
    held.hold('keyboard Enter', 'up')
    held.hold('pointer 2', '5')
    held.letGoAll()
    expect(sent).toEqual(['+select', '-select', '+up', '+5', '-up', '-5'])
  })
})

describe('The terminal', () => {
  const frame = '\x06\x09AAoAAAAAAAAAAAAA\n\x04\x14AAAA\n'

  test('folds SMP frames, however many in a run, and keeps the text around them', () => {
    expect(foldedLines(bytesOf(`ready\r\n${frame}${frame}prompt> ${frame}radio\n`))).toEqual([
      { kind: 'text', text: 'ready' },
      { kind: 'frames', frames: 2, bytes: 52 },
      { kind: 'text', text: 'prompt> ' },
      { kind: 'frames', frames: 1, bytes: 26 },
      { kind: 'text', text: 'radio' },
    ])
  })

  test('shows what has no line end yet, and empty lines', () => {
    expect(foldedLines(bytesOf('\na'))).toEqual([
      { kind: 'text', text: '' },
      { kind: 'text', text: 'a' },
    ])
    expect(foldedLines(bytesOf(''))).toEqual([])
  })

  test('drops colours and lets no control character through', () => {
    expect(foldedLines(bytesOf('\x1b[31mred\x1b[0m \x07\x1b]0;x\r\n'))).toEqual([
      { kind: 'text', text: 'red ␇␛]0;x' },
    ])
    expect(foldedLines(bytesOf('10%\r20%\r\n'))).toEqual([{ kind: 'text', text: '20%' }])
    const hidden = new TextEncoder().encode('a\u202eb')
    expect(foldedLines(hidden)).toEqual([{ kind: 'text', text: 'a\uFFFDb' }])
  })

  test('breaks lines that never end', () => {
    const lines = foldedLines(bytesOf('x'.repeat(1300)))
    expect(lines.map(line => line.kind === 'text' && line.text.length)).toEqual([512, 512, 276])
  })

  test('shows every byte when asked, frames too', () => {
    expect(rawLines(bytesOf('a\r\n\x06\x09AAA=\n'))).toEqual([
      { kind: 'text', text: 'a␍' },
      { kind: 'text', text: '␆    AAA=' },
    ])
  })

  test('is saved as it is shown', () => {
    const lines = foldedLines(bytesOf(`ready\n${frame}`))
    expect(linesText(lines, ({ bytes }) => `(${bytes})`)).toBe('ready\n(26)\n')
  })
})

describe('A map that can be walked', () => {
  const grid = gridFor(100)

  test('goes by arrow keys and stays within its cells', () => {
    const after = (key: string, place: number) => cellAfterKey(key, place, 100, grid)
    expect(grid.columns).toBe(32)
    expect([after('ArrowRight', 5), after('ArrowDown', 5), after('ArrowUp', 40)]).toEqual([
      6, 37, 8,
    ])
    expect([after('ArrowLeft', 0), after('ArrowUp', 5), after('ArrowDown', 90)]).toEqual([0, 5, 90])
    expect([after('Home', 50), after('End', 50), after('a', 5)]).toEqual([0, 99, undefined])
  })

  test('finds the cell under the pointer, and none beside them', () => {
    expect(cellAt(13, 25, 100, grid)).toBe(65)
    expect(cellAt(12 * 32 + 1, 0, 100, grid)).toBe(undefined)
    expect(cellAt(12 * 31, 12 * 3, 100, grid)).toBe(undefined)
    expect(cellAt(-1, 0, 100, grid)).toBe(undefined)
  })

  test('groups its cells by what they stand for', () => {
    const layers = layersOf(4, { empty: 'ring' }, place => (place === 2 ? 'programmed' : 'empty'))
    expect(layers).toEqual([
      { kind: 'empty', shape: 'ring', places: [0, 1, 3] },
      { kind: 'programmed', shape: 'full', places: [2] },
    ])
  })
})

describe('The map of the flash', () => {
  const { flash } = handset
  const rewritten = new Set<number>()

  test('shows wear in classes and weak cells over it', () => {
    const health = { erases: [0, 1, 10, 11, 100, 101, 0, 0], weakCells: [0, 0, 0, 0, 0, 3, 0, 0] }
    const layers = flashLayers({ flash, overlay: 'wear', health, execution: null, rewritten })
    expect(layers.map(({ kind, places }) => [kind, ...places])).toEqual([
      ['empty', 0, 6, 7],
      ['worn-1', 1, 2],
      ['worn-2', 3, 4],
      ['worn-3', 5],
      ['weak', 5],
    ])
  })

  test('shows what was executed sector by sector, from the start of the software on', () => {
    const cells = `${'x'.repeat(4)}${'.'.repeat(124)}${'.'.repeat(122)}`
    const execution = { cellBytes: 4, cells, executedBytes: 16, readBytes: 0, softwareBytes: 1000 }
    const layers = flashLayers({ flash, overlay: 'execution', health: null, execution, rewritten })
    expect(layers.map(({ kind, places }) => [kind, ...places])).toEqual([
      ['empty', 0, 1, 4, 5, 6, 7],
      ['executed', 2],
      ['untouched', 3],
    ])
  })

  test('sums up what many small pieces were used for', () => {
    expect(['..', '.x', 'r.', 'xr', 'b.', ''].map(sumOfMarks)).toEqual([
      '.',
      'x',
      'r',
      'b',
      'b',
      '.',
    ])
    expect(groupMarks('xx..rr.', 4)).toEqual({ marks: ['x', '.', 'r', '.'], each: 2 })
    expect(groupMarks('', 4)).toEqual({ marks: [], each: 1 })
  })
})

describe('The map of the RAM', () => {
  const { ram } = handset

  test('tells who holds each block; the secured area lies over what it was taken from', () => {
    const kinds = [0, 0x800, 0x1000, 0x1400, 0x1c00].map(
      at => ramHolder(ram, ram.address + at).kind,
    )
    expect(kinds).toEqual(['exempt', 'limited', 'secured', 'empty', 'handover'])
    expect(ramBorders(ram, 1024)).toEqual([2, 4, 5, 7])
  })

  test('names limited tasks in their order, not in that of their addresses', () => {
    expect(limitedInOrder(ram).map(({ name }) => name)).toEqual(['cache', 'browser'])
  })

  test('finds the blocks that were stored to, even where the count wrapped', () => {
    expect(movedBlocks([0xffff_ffff, 4, 5], [0, 4, 6])).toEqual([0, 2])
    expect(movedBlocks([], [1, 2])).toEqual([])
  })
})

describe('Why a handset does not boot', () => {
  const erased = 'ff'.repeat(256)
  const programmed = '5a'.repeat(256)

  test('shows in sectors: erased, written in part, whole', () => {
    expect(sectorContent(erased + erased)).toBe('erased')
    expect(sectorContent(programmed + erased)).toBe('part')
    expect(sectorContent(programmed + programmed)).toBe('whole')
  })

  test('is looked for where the software lies, with what it says it needs', () => {
    expect(softwarePart(handset)).toEqual({ address: 1024, bytes: 1024 })
    expect(softwarePart({ ...handset, software: null })).toEqual({ address: 1024, bytes: 512 })
    const empty = { ...handset.flash, sectors: '........' }
    expect(softwarePart({ ...handset, software: null, flash: empty })).toBe(null)
  })

  test('does not blame the last sector for what lies behind the end of the image', () => {
    const part = { address: 1024, bytes: 1024 }
    const whole = programmed + programmed
    const short = { ...handset, software: { name: 'k', version: '1.0.0', bytes: 700 } }
    expect(surveyOf(short, part, whole + programmed + erased)).toMatchObject({
      part: [],
      erased: [],
    })
    expect(surveyOf(handset, part, whole + programmed + erased).part).toEqual([0x600])
    expect(surveyOf(handset, part, whole + erased + erased).erased).toEqual([0x600])
  })

  test('is said in sentences, with the damage that is found and the way out', () => {
    const survey = { address: 1024, sectorBytes: 512, contents: [], erased: [0x600], part: [0x400] }
    const { because, offers, tone } = explain(handset, survey, null)
    expect(because.map(({ key }) => key)).toEqual([
      'handset.why.journal-open',
      'handset.why.sectorsPart',
      'handset.why.sectorsErased',
    ])
    expect(because[1]?.values).toEqual({ n: 1, addresses: '0x00000400' })
    expect({ offers, tone }).toEqual({ offers: ['restore'], tone: 'caution' })
  })

  test('does not speak of holes where the software was found whole, nor guesses its length', () => {
    const survey = { address: 1024, sectorBytes: 512, contents: [], erased: [0x600], part: [] }
    const keys = (changed: Partial<HandsetView>) =>
      explain({ ...handset, ...changed }, survey, null).because.map(({ key }) => key)
    expect(keys({ reason: 'watchdog' })).toEqual(['handset.why.watchdog'])
    expect(keys({ reason: 'key-held' })).toEqual(['handset.why.key-held'])
    expect(
      keys({ reason: 'region-invalid', flaw: 'it holds no software', software: null }),
    ).toEqual(['handset.why.region-invalid', 'handset.why.flaw', 'handset.why.sectorsBetween'])
  })

  test('names the last fault where the watchdog gave up', () => {
    const fault = { kind: 'flash-store', at: 0, pc: 0x1001_0203, address: 0x1001_0000 } as const
    const stuck = { ...handset, reason: 'watchdog', watchdogResets: 3, fault } as const
    const { because } = explain(stuck, null, null)
    expect(because.map(({ key }) => key)).toEqual([
      'handset.why.watchdog',
      'handset.why.watchdogResets',
      'handset.fault.flash-store',
      'handset.why.faultTouching',
    ])
    expect(because.at(-1)?.values).toEqual({ pc: '0x10010203', address: '0x10010000' })
  })

  test('tells a cut in the middle of writing from a handset that is merely off', () => {
    const off = { ...handset, state: 'off', reason: null } as const
    expect(explain(off, null, 'restore-writing').because[0]?.key).toBe('handset.why.cutInWriting')
    expect(explain(off, null, 'normal').because[0]?.key).toBe('handset.why.off')
  })
})

test('Every fault that the flash has can be chosen from the list', () => {
  expect(FLASH_FAULTS).toEqual(FLASH_FAULT_KINDS.map(({ kind }) => kind))
})
