import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { FaultPlan } from '../../../src-main/base/fault-plan'
import { seededRandom } from '../../../src-main/base/random'
import { Journal } from '../../../src-main/handset/boot/journal'
import {
  decodeJournalEntry,
  encodeJournalEntry,
  JOURNAL_ENTRY_BYTES,
  type ImageMark,
  type JournalEntry,
} from '../../../src-main/handset/boot/journal-entry'
import { parseFlashFault } from '../../../src-main/handset/flash/flash-faults'
import { FlashFailure, PowerCut } from '../../../src-main/handset/flash/flash-port'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { smallModel } from '../small-handset'

const sha256 = Uint8Array.from({ length: 32 }, (_, index) => index)
const begin: ImageMark = { kind: 'begin', length: 0x012345, sha256 }
const done: ImageMark = { kind: 'done', length: 0x012345, sha256 }
const { timing } = smallModel.flash
const geometry = { bytes: 3 * 4096, sectorBytes: 4096, pageBytes: 256 }
const ENTRIES_PER_SECTOR = 64
const ENTRIES_MAX = 3 * ENTRIES_PER_SECTOR

function emptyFlash(): NorFlash {
  return new NorFlash({ geometry, timing })
}

function powerCycle(flash: NorFlash): void {
  flash.settle()
  flash.interrupt(0)
  flash.powerUp()
}

const entry = { ...done, sequence: 1, opens: false }

describe('an entry', () => {
  test('is 64 bytes with magic, sequence, kind, length, SHA-256 and CRC', () => {
    const bytes = encodeJournalEntry({ ...begin, sequence: 0x0a0b0c0d, opens: false })
    expect([...bytes.subarray(0, 16)]).toEqual([
      0x4b, 0x4a, 0x52, 0x4e, 0x0d, 0x0c, 0x0b, 0x0a, 1, 0, 0, 0, 0x45, 0x23, 0x01, 0,
    ])
    expect(bytes.subarray(16, 48)).toEqual(sha256)
    expect([...bytes.subarray(48, 60)]).toEqual(Array(12).fill(0xff))
    expect(bytes.length).toBe(64)
    expect(decodeJournalEntry(bytes)).toEqual({ ...begin, sequence: 0x0a0b0c0d, opens: false })
  })

  // The CRC is that of Python's zlib.crc32 over the 60 bytes before.
  const digest = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
  const file = { kind: 'rewrite' as const, length: 0x2468, sha256, sequence: 7 }
  test.each<[string, JournalEntry, string]>([
    [
      'a first step with a backup',
      { ...file, opens: true, step: 0, backup: 0x100, backupBefore: null },
      `4b4a524e 07000000 03010000 68240000 ${digest} 00000000 00010000 ffffffff 09e5cae1`,
    ],
    [
      'a later step without one',
      { ...file, opens: false, step: 0x0102, backup: null, backupBefore: 0x2f00 },
      `4b4a524e 07000000 03000000 68240000 ${digest} 02010000 ffffffff 002f0000 d95d41d7`,
    ],
    [
      'a rewrite that is done',
      { kind: 'rewritten', length: 0x10, sha256, sequence: 8, opens: false },
      `4b4a524e 08000000 04000000 10000000 ${digest} ffffffff ffffffff ffffffff 064a8739`,
    ],
    [
      'a rewrite that failed',
      { kind: 'failed', length: 0x10, sha256, sequence: 9, opens: true },
      `4b4a524e 09000000 05010000 10000000 ${digest} ffffffff ffffffff ffffffff 4f56e087`,
    ],
  ])('of %s has these bytes', (_what, each, hex) => {
    expect(toHex(encodeJournalEntry(each))).toBe(hex.replaceAll(' ', ''))
    expect(decodeJournalEntry(encodeJournalEntry(each))).toEqual(each)
  })

  test('with any single bit changed is no entry', () => {
    const bytes = encodeJournalEntry(entry)
    for (let bit = 0; bit < 8 * JOURNAL_ENTRY_BYTES; bit++) {
      const damaged = bytes.slice()
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeJournalEntry(damaged)).toBeUndefined()
    }
  })

  test('torn after any byte is no entry', () => {
    const bytes = encodeJournalEntry(entry)
    for (let torn = 0; torn < JOURNAL_ENTRY_BYTES; torn++) {
      const state = bytes.map((byte, at) => (at < torn ? byte : 0xff))
      expect(decodeJournalEntry(state)).toBeUndefined()
    }
  })

  test('that is erased, all zeros, short or of an unknown kind is no entry', () => {
    expect(decodeJournalEntry(new Uint8Array(64).fill(0xff))).toBeUndefined()
    expect(decodeJournalEntry(new Uint8Array(64))).toBeUndefined()
    expect(decodeJournalEntry(encodeJournalEntry(entry).subarray(1))).toBeUndefined()
  })
})

describe('a journal', () => {
  test('that was never written is closed and has no entry', () => {
    expect(new Journal(emptyFlash()).newest()).toBeUndefined()
  })

  test('is open from a begin mark until a done mark', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    expect(new Journal(flash).newest()).toEqual({ ...begin, sequence: 2, opens: false })
    journal.append(done)
    expect(new Journal(flash).newest()).toEqual({ ...done, sequence: 3, opens: false })
  })

  test('takes a fresh begin mark on top of an old one', () => {
    const journal = new Journal(emptyFlash())
    journal.append(begin)
    journal.append({ ...begin, length: 7 })
    expect(journal.newest()).toMatchObject({ ...begin, length: 7, sequence: 3 })
  })

  test('writes the first mark twice, then each once, in three sectors in turn', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    const places = Array.from({ length: 6 }, () => {
      journal.append(begin)
      const { sequence } = journal.newest()!
      return [0, 1, 2]
        .flatMap(sector =>
          Array.from({ length: ENTRIES_PER_SECTOR }, (_, slot) => [sector, slot] as const),
        )
        .find(([sector, slot]) => entryAt(flash, sector, slot)?.sequence === sequence)
    })
    expect(entryAt(flash, 0, 0)).toMatchObject({ sequence: 1, opens: true })
    expect(places).toEqual([
      [1, 0],
      [2, 0],
      [0, 1],
      [1, 1],
      [2, 1],
      [0, 2],
    ])
    expect([flash.erases, flash.programs]).toEqual([3, 7])
  })

  test('erases a sector where it is full, which never holds the newest entry', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    const erasedAt: number[] = []
    for (let count = 2; count <= 2 * ENTRIES_MAX; count++) {
      const before = flash.erases
      journal.append(begin)
      if (flash.erases > before) erasedAt.push(count)
    }
    const full = [1, 2, 3].map(sector => ENTRIES_MAX + sector)
    expect(erasedAt).toEqual([2, 3, ...full])
    expect([0, 1, 2].map(sector => flash.wear(sector))).toEqual([2, 2, 2])
    expect(journal.newest()?.sequence).toBe(2 * ENTRIES_MAX)
  })

  test('erases every sector before it is used for the first time since the power came', () => {
    const flash = emptyFlash()
    new Journal(flash).append(begin)
    powerCycle(flash)
    const journal = new Journal(flash)
    const before = flash.erases
    for (let count = 0; count < 5; count++) journal.append(done)
    expect(flash.erases - before).toBe(3)
    expect([0, 1, 2].map(sector => entryAt(flash, sector, 0)?.opens)).toEqual([false, false, true])
    expect(journal.newest()).toEqual({ ...done, sequence: 8, opens: false })
  })

  test('begins again with two marks where somebody else has written meanwhile', () => {
    const flash = emptyFlash()
    const [one, other] = [new Journal(flash), new Journal(flash)]
    one.append(begin)
    other.append(begin)
    one.append(done)
    expect(one.newest()).toEqual({ ...done, sequence: 6, opens: false })
    expect(flash.programs).toBe(6)
  })

  test.each(['done', 'rewritten', 'failed'] as const)('confirms a %s mark once', kind => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    journal.append({ ...done, kind })
    journal.confirm()
    expect(journal.newest()?.sequence).toBe(3)
    for (let power = 0; power < 3; power++) {
      powerCycle(flash)
      new Journal(flash).confirm()
      expect(journal.newest()).toEqual({ ...done, kind, sequence: 5, opens: false })
    }
  })

  test('confirms nothing that the boot code does not act on by itself', () => {
    const flash = emptyFlash()
    new Journal(flash).confirm()
    new Journal(flash).append(begin)
    new Journal(flash).append({
      ...begin,
      kind: 'rewrite',
      step: 0,
      backup: null,
      backupBefore: null,
    })
    const before = flash.operations
    new Journal(flash).confirm()
    expect(flash.operations).toBe(before)
  })

  test.each([
    ['lost with its weak cells', false, 'begin'],
    ['kept once it is confirmed', true, 'done'],
  ])('a done mark at which the power failed is %s', (_, isConfirmed, kept) => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    const at = flash.faults.passed('flash') + 2
    flash.faults.add({ point: 'flash', kind: 'weak', at, parameters: { p: 100, new: 1 } })
    expect(() => journal.append(done)).toThrow(PowerCut)
    flash.powerUp()
    expect(journal.newest()?.kind).toBe('done')
    if (isConfirmed) new Journal(flash).confirm()
    powerCycle(flash)
    expect(journal.newest()?.kind).toBe(kept)
  })

  test('a chip that does not take the second done mark keeps the first', () => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(begin)
    journal.append(done)
    powerCycle(flash)
    flash.faults.add(parseFlashFault(`flash:protected@${flash.faults.passed('flash') + 1}`))
    new Journal(flash).confirm()
    expect(journal.newest()).toMatchObject({ ...done, sequence: 3 })
  })

  test.each([1, 2, 3, 4])('says that a mark was not written, operation %i failing', at => {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    flash.faults.add({ point: 'flash', kind: 'protected', at })
    expect(() => journal.append(begin)).toThrow(FlashFailure)
    journal.append(done)
    expect(journal.newest()).toMatchObject({ kind: 'done', opens: false })
  })

  test('that holds only noise begins anew', () => {
    const contents = seededRandom(3).bytes(geometry.bytes)
    const journal = new Journal(new NorFlash({ geometry, timing, contents }))
    expect(journal.newest()).toBeUndefined()
    journal.append(begin)
    expect(journal.newest()?.kind).toBe('begin')
  })
})

function entryAt(flash: NorFlash, sector: number, slot: number): JournalEntry | undefined {
  const bytes = flash.peek(sector * 4096 + slot * JOURNAL_ENTRY_BYTES, JOURNAL_ENTRY_BYTES)
  return decodeJournalEntry(bytes)
}

describe('a power cut at any operation, in or before it', () => {
  /** The journal with `count` entries: begin and done in turns. */
  function filled(count: number): NorFlash {
    const flash = emptyFlash()
    const journal = new Journal(flash)
    journal.append(done)
    for (let index = 2; index < count; index++) journal.append(index % 2 === 0 ? begin : done)
    return flash
  }

  const cuts = [
    'power-cut',
    'weak,new=0',
    'weak,new=1',
    ...['torn', 'disturb', 'weak-erase'].flatMap(kind =>
      Array.from({ length: 16 }, (_, seed) => `${kind},seed=${seed}`),
    ),
  ]

  test.each([2, 3, 4, ENTRIES_MAX, ENTRIES_MAX + 1])(
    'of the first mark since the power came, behind %i, leaves the mark of before or the new one',
    count => {
      const full = filled(count)
      const before = new Journal(full).newest()!
      const mark = { ...begin, length: 4711 }
      for (const at of [1, 2, 3, 4]) {
        for (const cut of cuts) {
          const flash = full.clone({ faults: new FaultPlan() })
          const [kind, ...parameters] = cut.split(',')
          flash.faults.add(parseFlashFault([`flash:${kind}@${at}`, ...parameters].join(',')))
          const journal = new Journal(flash)
          expect(() => {
            // A fault of programs waits for one.
            for (let more = 0; more < 8; more++) journal.append(mark)
          }).toThrow(PowerCut)
          for (let power = 0; power < 3; power++) {
            powerCycle(flash)
            const { sequence, opens, ...after } = new Journal(flash).newest()!
            const isOld = sequence === before.sequence
            expect(isOld ? { sequence, opens, ...after } : after).toEqual(isOld ? before : mark)
          }
          new Journal(flash).append(done)
          expect(new Journal(flash).newest()).toMatchObject(done)
        }
      }
    },
  )

  test('of a later mark leaves the newest or the new one, whatever it does to its sector', () => {
    const cutsOfPrograms = cuts.filter(cut => !cut.startsWith('weak-erase'))
    for (const count of [2, 3, 4, 5]) {
      for (const cut of cutsOfPrograms) {
        const flash = emptyFlash()
        const journal = new Journal(flash)
        for (let length = 1; length <= count; length++) journal.append({ ...begin, length })
        const [kind, ...parameters] = cut.split(',')
        const at = flash.faults.passed('flash') + 1
        flash.faults.add(parseFlashFault([`flash:${kind}@${at}`, ...parameters].join(',')))
        let length = count
        expect(() => {
          while (length < count + 8) journal.append({ ...begin, length: ++length })
        }).toThrow(PowerCut)
        for (let power = 0; power < 3; power++) {
          powerCycle(flash)
          expect([length - 1, length]).toContain(new Journal(flash).newest()?.length)
        }
      }
    }
  })
})
