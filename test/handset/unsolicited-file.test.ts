import { beforeAll, describe, expect, test } from 'vitest'
import { UPDATE_MESSAGE_BYTES_MAX } from '../../src-main/wire/update/messages'
import { k1Image, offerOf } from '../support/update-offer'
import type { Offer, Step } from '../support/update-server'
import { regionBytes, statesOf, updated, updatingHandset } from './updating-handset'

const old = k1Image('1.0.0')
const fresh = k1Image('1.1.0')
let full: Offer
/** Short enough for a message. */
let differential: Offer
beforeAll(async () => {
  full = await offerOf(new Uint8Array(0), fresh)
  differential = await offerOf(old, fresh)
})

type Running = Awaited<ReturnType<typeof updatingHandset>>

/** The server answers one step with the bytes of a file, as if it had been asked for them. */
function sendsFileAt(step: Step, { server }: Running, { file, update }: Offer): void {
  server.answer = (asked, response) => {
    if (asked !== step) return false
    const headers = { 'content-type': 'application/octet-stream', etag: `"${update.file.sha256}"` }
    response.writeHead(200, headers).end(file)
    return true
  }
}

/** All RAM of a handset that asks now, ten seconds later. */
async function ramAfterAsking({ clock, handset }: Running): Promise<Uint8Array> {
  handset.startUpdate()
  await clock.advance(10_000)
  return handset.board.memory.ram.slice()
}

/** The handset has not a piece of the file, and its flash is as it was. */
function expectNothingTaken({ handset, defects }: Running, { file }: Offer): void {
  const ram = Buffer.from(handset.board.memory.ram)
  expect(ram.indexOf(file.subarray(0, 64))).toBe(-1)
  expect(handset.view()).toMatchObject({ state: 'normal', ram: { secured: null } })
  expect(handset.view().ram.tasks.some(({ limited }) => limited)).toBe(false)
  expect(regionBytes(handset, old.length)).toEqual(old)
  expect(defects).toEqual([])
}

describe('a file that the handset did not request', () => {
  test.each([
    ['longer than any message', true, () => full],
    ['as short as a message', false, () => differential],
  ])(
    '[S0-43] is refused in the answer to an inquiry, %s: nothing is secured, the RAM stays as it is',
    async (_, isLong, offer) => {
      expect(offer().file.length > UPDATE_MESSAGE_BYTES_MAX).toBe(isLong)
      const running = await updatingHandset([offer()])
      const { handset, server } = running
      sendsFileAt('U1', running, offer())
      const operations = handset.flash.operations
      const ram = await ramAfterAsking(running)
      expect(handset.update).toMatchObject({
        outcome: 'link-lost',
        message: expect.stringContaining('answered wrongly'),
      })
      expect(server.steps).toEqual(['U1'])
      expect(statesOf(handset)).toEqual(['starting', 'normal'])
      // As in one that was told there is no update.
      expect(ram).toEqual(await ramAfterAsking(await updatingHandset([])))
      expect(handset.flash.operations).toBe(operations)
      expectNothingTaken(running, offer())
    },
  )

  test('[S0-43] is refused in the answer to a request, where a token is expected', async () => {
    for (const offer of [full, differential]) {
      const running = await updatingHandset([offer])
      const { handset, server } = running
      sendsFileAt('U5', running, offer)
      const operations = handset.flash.operations
      expect(await updated(running)).toMatchObject({
        outcome: 'file-refused',
        message: expect.stringContaining('answered wrongly'),
      })
      expect(server.steps).toEqual(['U1', 'U5', 'U10'])
      expect(statesOf(handset)).not.toContain('receiving')
      expect(handset.flash.operations).toBe(operations)
      expectNothingTaken(running, offer)
    }
  })

  test('[S0-43] is refused in the place of the one that was requested', async () => {
    const running = await updatingHandset([differential])
    const { handset } = running
    sendsFileAt('U6', running, full)
    const operations = handset.flash.operations
    expect(await updated(running)).toMatchObject({
      outcome: 'file-refused',
      message: expect.stringContaining('more than'),
    })
    expect(handset.flash.operations).toBe(operations)
    expect(statesOf(handset)).not.toContain('stored')
    expect(regionBytes(handset, old.length)).toEqual(old)
    expect(handset.view()).toMatchObject({ state: 'normal', ram: { secured: null } })
  })

  test('[S0-43] is refused in the answer to a report, after an update was refused', async () => {
    const wrong = await offerOf(k1Image('2.0.0'), fresh)
    const running = await updatingHandset([wrong])
    sendsFileAt('U10', running, full)
    expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
    expectNothingTaken(running, full)
  })
})
