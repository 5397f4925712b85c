import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Journal } from '../../src-main/handset/boot/journal'
import { JOURNAL_ENTRY_BYTES } from '../../src-main/handset/boot/journal-entry'
import { flashWindow } from '../../src-main/handset/flash/flash-window'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import type { Handset } from '../../src-main/handset/handset'
import { regionOf } from '../../src-main/handset/model/model'
import { builtInSoftware } from '../../src-main/handset/service/built-in-software'
import { modelNamed } from '../../src-main/handset/service/models'
import { memoryPair } from '../../src-main/link/memory-link'
import { binOf, LINK, openWorkshop, type Workshop } from '../restore/workshop'
import { k1Handset, untilState } from './running-handset'

const model = modelNamed('k2')
const IMAGE = builtInSoftware.image('k2', '1.1.0')

test('a k2 leaves the factory with its first software, boots it and says who it is', async () => {
  const running = k1Handset({ model })
  running.handset.powerOn()
  await untilState(running, 'normal')
  const { terminalId } = running.handset
  expect(terminalId).toMatch(/^K2-[0-9A-F]{12}$/)
  expect(running.printed()).toContain(`Kintsugi k2 1.0.0 ${terminalId}\r\n`)
  expect(running.printed()).toContain('self-test passed: 7 tests\r\nready\r\n')
  expect(running.defects).toEqual([])
})

test('software of the k2 that fails its self-test says so and answers', async () => {
  const running = k1Handset({ model, software: builtInSoftware.image('k2', '2.0.1') })
  running.handset.powerOn()
  await untilState(running, 'self-test-failed')
  expect(running.printed()).toContain('self-test failed: test 5, calendar\r\n')
})

describe('a k2 restored over SMP', () => {
  let handset: Handset
  let workshop: Workshop
  afterEach(() => workshop.close())

  /** A bench at which a bricked k2 lies, and this image to be written. */
  async function bench(image: Uint8Array): Promise<Workshop> {
    workshop = await openWorkshop(() => {
      const [ours, theirs] = memoryPair({ names: [LINK, 'handset'] })
      handset.attach(theirs)
      return Promise.resolve(ours)
    }, binOf(image))
    handset = k1Handset({ model, bricked: true, clock: workshop.clock }).handset
    handset.powerOn()
    return workshop
  }

  test('runs what was written, a block of 128 KiB at a time, in the time of its flash', async () => {
    const { restore, clock } = await bench(IMAGE)
    expect([handset.state, handset.reason]).toEqual(['restore-wait', 'journal-open'])
    const startedAt = clock.now()
    const ended = await restore()
    expect(ended).toMatchObject({ result: 'restored', verified: true })
    expect([handset.state, handset.view().software?.version]).toEqual(['normal', '1.1.0'])
    const { address } = regionOf(model, 'executable')
    expect(handset.flash.peek(address, IMAGE.length)).toEqual(IMAGE)
    // Its only block, and one of the journal for each mark: begin, again begin, done.
    expect(handset.flash.erases).toBe(4)
    expect(clock.now() - startedAt).toBeGreaterThan(700)
  })

  test('refuses the software of a k1 before anything is erased', async () => {
    const { restore } = await bench(builtInSoftware.image('k1', '1.1.0'))
    const ended = await restore()
    expect(ended).toMatchObject({
      result: 'refused',
      error: { message: expect.stringContaining('was made for k1, and the device is a k2') },
    })
    expect(handset.flash.operations).toBe(0)
  })
})

describe('the journal of a k2', () => {
  let flash: NorFlash
  let journal: Journal
  beforeEach(() => {
    flash = new NorFlash({ geometry: model.flash, timing: model.flash.timing })
    journal = new Journal(flashWindow(flash, regionOf(model, 'journal')))
  })
  const mark = (length: number) => {
    return { kind: 'begin' as const, length, sha256: new Uint8Array(32).fill(length & 255) }
  }

  test('takes several entries in one page, each in one operation', () => {
    // Three sectors are written in turn.
    const marks = 3 * (model.flash.pageBytes / JOURNAL_ENTRY_BYTES + 1)
    for (let length = 1; length <= marks; length++) journal.append(mark(length))
    expect(journal.newest()).toMatchObject({ ...mark(marks), sequence: marks + 1 })
    expect([flash.programs, flash.erases]).toEqual([marks + 1, 3])
  })
})
