import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  FLASH_FAULTS,
  parametersOf,
  type FlashFaultKind,
} from '../../../src-main/handset/flash/flash-faults'
import { FlashFailure, PowerCut } from '../../../src-main/handset/flash/flash-port'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { powerCycle, timing, tiny, tinyFlash } from './sample-flash'

const SECTORS = 4
const PAGES = 8

const contents = fc.uint8Array({ minLength: tiny.bytes, maxLength: tiny.bytes })
const sector = fc.nat({ max: SECTORS - 1 })
const page = fc.nat({ max: PAGES - 1 })
const pageBytes = fc.uint8Array({ minLength: tiny.pageBytes, maxLength: tiny.pageBytes })

/** An operation that the port allows, however it ends, and the sector that it is for. */
interface Step {
  (flash: NorFlash): void
  readonly sector: number
}

function stepOn(number: number, operate: (flash: NorFlash) => void): Step {
  const act = (flash: NorFlash) => {
    try {
      operate(flash)
    } catch (error) {
      if (!(error instanceof PowerCut || error instanceof FlashFailure)) throw error
    }
  }
  return Object.assign(act, { sector: number })
}

const step: fc.Arbitrary<Step> = fc.oneof(
  sector.map(number => stepOn(number, flash => flash.erase(number * tiny.sectorBytes))),
  fc.tuple(page, pageBytes).map(([number, bytes]) => {
    const address = number * tiny.pageBytes
    return stepOn(Math.floor(address / tiny.sectorBytes), flash => {
      const cells = flash.peek(address, tiny.pageBytes)
      const wanted = bytes.map((byte, at) => byte & cells[at]!)
      flash.program(address, wanted)
    })
  }),
)

/** A line of a kind with any of its parameters. */
function lineOf(kind: FlashFaultKind, at: number): fc.Arbitrary<string> {
  const parameters = parametersOf(kind).map(({ name, min, max }) =>
    fc
      .oneof(fc.constant(''), fc.integer({ min, max: Math.min(max, 200) }), fc.constant(max))
      .map(number => (number === '' ? '' : `,${name}=${number}`)),
  )
  return fc.tuple(...parameters).map(list => `flash:${kind.kind}@${at}${list.join('')}`)
}

test('without a fault, a program clears exactly its bits and an erase sets exactly its sector', () => {
  fc.assert(
    fc.property(contents, fc.array(fc.tuple(page, pageBytes, fc.boolean())), (chip, steps) => {
      const expected = chip.slice()
      const flash = new NorFlash({ geometry: tiny, timing, contents: chip })
      for (const [number, bytes, erases] of steps) {
        const address = number * tiny.pageBytes
        const start = address - (address % tiny.sectorBytes)
        if (erases) {
          flash.erase(start)
          expected.fill(0xff, start, start + tiny.sectorBytes)
        }
        const wanted = bytes.map((byte, at) => byte & expected[address + at]!)
        flash.program(address, wanted)
        expected.set(wanted, address)
        expect(flash.read(address, tiny.pageBytes)).toEqual(wanted)
        expect(flash.dump()).toEqual(expected)
      }
      expect(flash.erasedSectors()).toEqual(
        Array.from({ length: SECTORS }, (_, index) =>
          expected.subarray(16 * index, 16 * index + 16).every(byte => byte === 0xff),
        ),
      )
    }),
  )
})

test.each(FLASH_FAULTS)('$kind never changes a byte outside of its sector', kind => {
  const steps = fc.array(step, { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(contents, steps, lineOf(kind, 3), (chip, order, line) => {
      const flash = tinyFlash([line], { contents: chip })
      for (const act of order) {
        const before = flash.dump()
        act(flash)
        expect(changedSectors(before, flash.dump()).filter(each => each !== act.sector)).toEqual([])
        for (let count = 0; count < 4; count++) powerCycle(flash)
        expect(changedSectors(before, flash.dump()).filter(each => each !== act.sector)).toEqual([])
      }
    }),
    { numRuns: 60 },
  )
})

const programTears = FLASH_FAULTS.filter(({ kind }) => kind.startsWith('torn'))

test.each(programTears)(
  '$kind of a program clears some of the bits that had to fall, no other',
  kind => {
    fc.assert(
      fc.property(pageBytes, pageBytes, lineOf(kind, 1), (before, mask, line) => {
        const chip = new Uint8Array(tiny.bytes)
        chip.set(before)
        const wanted = before.map((byte, at) => byte & mask[at]!)
        const flash = tinyFlash([line], { contents: chip })
        try {
          flash.program(0, wanted)
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error
        }
        for (const [at, byte] of flash.peek(0, tiny.pageBytes).entries()) {
          expect(byte & ~before[at]!).toBe(0)
          expect(wanted[at]! & ~byte).toBe(0)
        }
      }),
    )
  },
)

test('a cut by hand leaves every sector old, new or in the middle of its own operation', () => {
  const elapsed = fc.double({ min: 0, max: 300, noNaN: true })
  fc.assert(
    fc.property(contents, fc.array(step, { maxLength: 6 }), elapsed, (chip, order, time) => {
      const flash = tinyFlash([], { contents: chip })
      const states = [flash.dump()]
      for (const act of order) {
        act(flash)
        states.push(flash.dump())
      }
      flash.interrupt(time)
      const after = flash.dump()
      const nearest = Math.min(...states.map(state => changedSectors(state, after).length))
      expect(nearest).toBeLessThan(2)
      expect(flash.powered).toBe(false)
    }),
  )
})

function changedSectors(before: Uint8Array, after: Uint8Array): number[] {
  const changed = [...before.keys()].filter(at => before[at] !== after[at])
  return [...new Set(changed.map(at => Math.floor(at / tiny.sectorBytes)))]
}
