import { beforeEach, describe, expect, test } from 'vitest'
import { viewOf } from '../../../src-main/base/bytes'
import { Board } from '../../../src-main/handset/board'
import { HANDOVER } from '../../../src-main/handset/cpu/firmware-interface'
import { NorFlash } from '../../../src-main/handset/flash/nor-flash'
import { RamControl } from '../../../src-main/handset/ram/ram-control'
import { modelNamed } from '../../../src-main/handset/service/models'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

const model = modelNamed('k1')
const PHONEBOOK_CACHE = 0b10000
/** Free memory of the k1, and the phonebook cache besides. */
const MORE_THAN_FREE = 0x9000 + 1

let clock: VirtualClock
let board: Board
let control: RamControl
let told: number
beforeEach(() => {
  clock = new VirtualClock()
  const flash = new NorFlash({ geometry: model.flash, timing: model.flash.timing })
  board = new Board(model, flash, undefined)
  told = 0
  control = new RamControl({ ram: model.ram, board, clock, onInputs: () => (told += 1) })
})

/** What the software reads and writes in the page that it shares with the boot code. */
const wanted = () => {
  board.tellLimits()
  return viewOf(board.handoverPage!).getUint32(HANDOVER.limitedTasks, true)
}
const softwareStops = (tasks: number) => {
  viewOf(board.handoverPage!).setUint32(HANDOVER.stoppedTasks, tasks, true)
  control.stoppedTasksChanged()
}

test('what is limited is told with the next pins, never while a slice runs', async () => {
  const page = viewOf(board.handoverPage!)
  const securing = control.secure(MORE_THAN_FREE, true)
  expect(page.getUint32(HANDOVER.limitedTasks, true)).toBe(0)
  board.tellLimits()
  expect(page.getUint32(HANDOVER.limitedTasks, true)).toBe(PHONEBOOK_CACHE)
  softwareStops(PHONEBOOK_CACHE)
  await securing
})

describe('RAM is secured', () => {
  test('at once where no software runs', async () => {
    const area = await control.secure(MORE_THAN_FREE, false)
    expect(area).toEqual({ address: 0x2003_0000, bytes: 0x9010 })
    expect(control.locked).toEqual(area)
    expect(told).toBe(1)
  })

  test('once the software has stopped every task that it was asked to stop', async () => {
    const pinsBefore = board.pins
    const securing = control.secure(MORE_THAN_FREE, true)
    expect(wanted()).toBe(PHONEBOOK_CACHE)
    expect(board.pins).not.toBe(pinsBefore)
    softwareStops(0b01000)
    expect(control.locked).toBeUndefined()
    expect(control.map.state).toBe('limiting')
    softwareStops(PHONEBOOK_CACHE)
    expect(control.locked).toBeUndefined()
    expect(await securing).toEqual(control.locked)
    control.release()
    expect([control.locked, wanted(), control.map.state]).toEqual([undefined, 0, 'normal'])
  })

  test('without asking where free memory is enough', async () => {
    await control.secure(4096, true)
    expect(wanted()).toBe(0)
  })
})

describe('RAM is not secured, and nothing stays limited', () => {
  test('where the software does not answer in time', async () => {
    const refusal = control.secure(MORE_THAN_FREE, true).catch((error: unknown) => error)
    await clock.advance(1999)
    expect(control.map.state).toBe('limiting')
    await clock.advance(1)
    expect(await refusal).toMatchObject({ code: 'RAM_INSUFFICIENT' })
    expect([control.locked, wanted(), control.map.state]).toEqual([undefined, 0, 'normal'])
  })

  test.each(['reset', 'release'] as const)('after a %s meanwhile', async way => {
    const refusal = control.secure(MORE_THAN_FREE, true).catch((error: unknown) => error)
    control[way]()
    expect(await refusal).toMatchObject({ code: 'RAM_INSUFFICIENT' })
    expect([control.locked, control.map.state]).toEqual([undefined, 'normal'])
  })

  test('after a release, which leaves an area alone that is secured from then on', async () => {
    const refusal = control.secure(MORE_THAN_FREE, true).catch((error: unknown) => error)
    control.release()
    const next = control.secure(MORE_THAN_FREE, true)
    expect(await refusal).toMatchObject({ code: 'RAM_INSUFFICIENT' })
    expect([wanted(), control.map.state]).toEqual([PHONEBOOK_CACHE, 'limiting'])
    softwareStops(PHONEBOOK_CACHE)
    expect(await next).toEqual(control.locked)
  })

  test('where it is impossible, which the software never hears of', async () => {
    await expect(control.secure(model.ram.bytes, true)).rejects.toMatchObject({
      code: 'RAM_INSUFFICIENT',
    })
    expect([wanted(), told]).toEqual([0, 0])
  })
})
