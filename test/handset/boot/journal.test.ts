import { describe, expect, test } from 'vitest'
import { FaultPlan } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { Journal } from '../../../src-main/handset/boot/journal'
import {
  decodeJournalEntry,
  encodeJournalEntry,
  JOURNAL_ENTRY_BYTES,
  type JournalMark,
} from '../../../src-main/handset/boot/journal-entry'
import { PowerCut } from '../../../src-main/handset/flash/flash-port'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { smallModel } from '../small-handset'

const sha256 = Uint8Array.from({ length: 32 }, (_, index) => index)
const begin: JournalMark = { kind: 'begin', length: 0x012345, sha256 }
const done: JournalMark = { kind: 'done', length: 0x012345, sha256 }
const { timing } = smallModel.flash
const geometry = { bytes: 8192, sectorBytes: 4096, pageBytes: 256 }
const ENTRIES_PER_SECTOR = 64

function emptyFlash(): NorFlash {
  return new NorFlash({ geometry, timing })
}

describe('an entry', () => {
  test('is 64 bytes with magic, sequence, kind, length, SHA-256 and CRC', () => {
    const bytes = encodeJournalEntry({ ...begin, sequence: 0x0a0b0c0d })
    expect([...bytes.subarray(0, 16)]).toEqual([
      0x4b, 0x4a, 0x52, 0x4e, 0x0d, 0x0c, 0x0b, 0x0a, 1, 0, 0, 0, 0x45, 0x23, 0x01, 0,
    ])
    expect(bytes.subarray(16, 48)).toEqual(sha256)
    expect([...bytes.subarray(48, 60)]).toEqual(Array(12).fill(0xff))
    expect(bytes.length).toBe(64)
    expect(decodeJournalEntry(bytes)).toEqual({ ...begin, sequence: 0x0a0b0c0d })
  })

  test('with any single bit changed is no entry', () => {
    const bytes = encodeJournalEntry({ ...done, sequence: 1 })
    for (let bit = 0; bit < 8 * JOURNAL_ENTRY_BYTES; bit++) {
      const damaged = bytes.slice()
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeJournalEntry(damaged)).toBeUndefined()
    }
  })

  test('torn after any byte is no entry', () => {
    const bytes = encodeJournalEntry({ ...done, sequence: 1 })
    for (let torn = 0; torn < JOURNAL_ENTRY_BYTES; torn++) {
      const state = bytes.map((byte, at) => (at < torn ? byte : 0xff))
      expect(decodeJournalEntry(state)).toBeUndefined()
    }
  })

  test('that is erased, all zeros, short or of an unknown kind is no entry', () => {
    expect(decodeJournalEntry(new Uint8Array(64).fill(0xff))).toBeUndefined()
    expect(decodeJournalEntry(new Uint8Array(64))).toBeUndefined()
    expect(
      decodeJournalEntry(encodeJournalEntry({ ...done, sequence: 1 }).subarray(1)),
    ).toBeUndefined()
  })
})

describe('a journal', () => {
  test('that was never written is closed and has no entry', () => {
    const journal = new Journal(emptyFlash())
    expect(journal.newest()).toBeUndefined()
    expect(journal.newest()?.kind).not.toBe('begin')
  })

  test('is open from a begin mark until a done mark', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    expect(journal.newest()?.kind).toBe('begin')
    expect(new Journal(flash).newest()).toEqual({ ...begin, sequence: 1 })
    journal.append(done)
    expect(journal.newest()?.kind).not.toBe('begin')
    expect(new Journal(flash).newest()).toEqual({ ...done, sequence: 2 })
  })

  test('takes a fresh begin mark on top of an old one', () => {
    const journal = new Journal(emptyFlash())
    journal.append(begin)
    journal.append({ ...begin, length: 7 })
    expect(journal.newest()).toEqual({ ...begin, length: 7, sequence: 2 })
  })

  test('writes one entry in one operation, and one more where it goes to the other sector', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    const operations = Array.from({ length: 3 * ENTRIES_PER_SECTOR }, () => {
      const before = flash.operations
      journal.append(begin)
      return flash.operations - before
    })
    const twice = operations.flatMap((count, index) => (count === 2 ? [index] : []))
    expect(twice).toEqual([0, ENTRIES_PER_SECTOR, 2 * ENTRIES_PER_SECTOR])
    expect(operations.filter(count => count === 1).length).toBe(3 * ENTRIES_PER_SECTOR - 3)
    expect([flash.wear(0), flash.wear(1)]).toEqual([2, 1])
    expect(journal.newest()?.sequence).toBe(3 * ENTRIES_PER_SECTOR)
  })

  test('writes behind what a torn entry left', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    flash.program(64, Uint8Array.of(0x4b))
    flash.program(64 + 63, Uint8Array.of(0x00))
    journal.append(done)
    expect(decodeJournalEntry(flash.read(128, 64))).toEqual({ ...done, sequence: 2 })
  })

  test('confirms a done mark once, and nothing else', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.confirm()
    journal.append(begin)
    journal.confirm()
    expect(journal.newest()?.sequence).toBe(1)
    journal.append(done)
    journal.confirm()
    journal.confirm()
    expect(journal.newest()).toEqual({ ...done, sequence: 3 })
  })

  test.each([
    ['lost with its weak cells', false, 'begin'],
    ['kept once it is confirmed', true, 'done'],
  ])('a done mark at which the power failed is %s', (_, isConfirmed, kept) => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    const at = flash.faults.passed('flash') + 1
    flash.faults.add({ point: 'flash', kind: 'weak', at, parameters: { p: 100, new: 1 } })
    expect(() => journal.append(done)).toThrow(PowerCut)
    flash.powerUp()
    expect(journal.newest()?.kind).toBe('done')
    if (isConfirmed) journal.confirm()
    flash.settle()
    flash.interrupt(0)
    flash.powerUp()
    expect(journal.newest()?.kind).toBe(kept)
  })

  test('that holds only noise begins anew', () => {
    const contents = seededRandom(3).bytes(geometry.bytes)
    const journal = new Journal(new NorFlash({ geometry, timing, contents }))
    expect(journal.newest()).toBeUndefined()
    journal.append(begin)
    expect(journal.newest()?.kind).toBe('begin')
  })
})

describe('a power cut at any operation, in or before it, over a change of sectors', () => {
  /** The journal with `count` entries: begin and done in turns. */
  function filled(count: number): NorFlash {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    for (let index = 0; index < count; index++) journal.append(index % 2 === 0 ? begin : done)
    return flash
  }

  const full = [filled(ENTRIES_PER_SECTOR), filled(2 * ENTRIES_PER_SECTOR)]
  const cases = full.flatMap(flash =>
    [1, 2].flatMap(at =>
      ['power-cut', 'torn'].flatMap(kind =>
        Array.from({ length: kind === 'torn' ? 64 : 1 }, (_, seed) => ({ flash, at, kind, seed })),
      ),
    ),
  )

  test('leaves the entry of before or the new one, and the next entry is taken', () => {
    for (const { flash, at, kind, seed } of cases) {
      const before = new Journal(flash).newest()!
      const faults = new FaultPlan([{ point: 'flash', kind, at }])
      const cut = flash.clone({ faults, random: seededRandom(seed) })
      const journal = new Journal(cut)
      expect(() => journal.append(begin)).toThrow(PowerCut)
      cut.powerUp()
      const after = new Journal(cut).newest()
      expect([before.sequence, before.sequence + 1]).toContain(after?.sequence)
      expect(after?.kind).toBe(after?.sequence === before.sequence ? 'done' : 'begin')
      journal.append(begin)
      expect(journal.newest()?.kind).toBe('begin')
      expect(journal.newest()?.sequence).toBe(after!.sequence + 1)
    }
  })
})
