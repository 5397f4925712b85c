import { beforeAll, describe, expect, test } from 'vitest'
import { k1Image, offerOf } from '../support/update-offer'
import { send, type Offer } from '../support/update-server'
import { onState, statesOf, until, updated, updatingHandset } from './updating-handset'

let full: Offer
beforeAll(async () => void (full = await offerOf(new Uint8Array(0), k1Image('1.1.0'))))

describe('a link that is lost', () => {
  test('[S0-18] [S0-34] is taken up where it stopped once a cell is in reach again', async () => {
    const running = await updatingHandset([full])
    const { handset, server } = running
    handset.startUpdate()
    await until(running, () => (handset.update?.doneBytes ?? 0) > 8000)
    handset.switchRadio(false)
    const { doneBytes } = handset.update ?? { doneBytes: 0 }
    await running.clock.advance(1000)
    expect(handset.state).toBe('requesting')
    expect(handset.update?.doneBytes).toBe(doneBytes)
    handset.switchRadio(true)
    await until(running, () => handset.update?.endedAt !== null)
    expect(handset.update).toMatchObject({ outcome: 'updated' })
    const files = server.heard.filter(({ step }) => step === 'U6')
    expect(files.map(({ range }) => range)).toEqual([undefined, `bytes=${doneBytes}-`])
  })

  test('[S0-34] and stays lost leaves the flash, and gives area and limits back', async () => {
    const { update } = full
    const running = await updatingHandset([{ ...full, update: { ...update, workBytes: 150_000 } }])
    const { handset } = running
    const before = handset.flash.operations
    handset.startUpdate()
    await until(running, () => handset.state === 'receiving')
    expect(handset.view().ram.tasks.some(({ limited }) => limited)).toBe(true)
    handset.switchRadio(false)
    await until(running, () => handset.update?.endedAt !== null)
    expect(handset.update).toMatchObject({
      outcome: 'link-lost',
      message: expect.stringContaining('No radio cell'),
    })
    expect(handset.view()).toMatchObject({ state: 'normal', ram: { secured: null } })
    expect(handset.view().ram.tasks.some(({ limited }) => limited)).toBe(false)
    expect(handset.flash.operations).toBe(before)
  })

  test('[S0-34] a server that fails every time is asked a bounded number of times', async () => {
    const running = await updatingHandset([full])
    running.server.answer = (step, response) => {
      if (step !== 'U6') return false
      send(response, 503, { code: 'BUSY', message: 'Not now.' })
      return true
    }
    expect(await updated(running)).toMatchObject({
      outcome: 'link-lost',
      message: expect.stringContaining('Not now.'),
    })
    expect(running.server.steps.filter(step => step === 'U6').length).toBe(5)
    expect(running.server.reports).toMatchObject([{ outcome: 'link-lost' }])
    expect(running.handset.state).toBe('normal')
  })

  test('a server that hangs up after every piece is asked again as long as pieces come', async () => {
    const running = await updatingHandset([full])
    const { server } = running
    const bytes = full.file.length
    server.answer = (step, response, { range }) => {
      if (step !== 'U6') return false
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
      const etag = '"x"'
      const end = Math.min(from + 3000, bytes)
      const headers = { etag, 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` }
      response.writeHead(from === 0 ? 200 : 206, headers).end(full.file.subarray(from, end))
      return true
    }
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
    expect(server.steps.filter(step => step === 'U6').length).toBe(Math.ceil(bytes / 3000))
  })

  test.each([401, 403])('a token that is refused with %s is asked for again', async status => {
    const running = await updatingHandset([full])
    let refusals = 1
    running.server.answer = (step, response) => {
      if (step !== 'U6' || refusals-- <= 0) return false
      send(response, status, { code: 'TOKEN_UNKNOWN', message: 'Too late.' })
      return true
    }
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
    expect(running.server.steps).toEqual(['U1', 'U5', 'U6', 'U5', 'U6', 'U10'])
  })

  test.each([
    ['no JSON', '<html>'],
    ['no text', Buffer.of(0xff, 0xfe)],
    ['something else', '{"update":{"id":"x"}}'],
    ['too much', ' '.repeat(17_000)],
    ['an impossible size', JSON.stringify({ update: { file: { bytes: 1e12 } } })],
  ])('a server that answers %s is not believed', async (_what, answer) => {
    const running = await updatingHandset([full])
    running.server.answer = (_step, response) => {
      response.writeHead(200).end(answer)
      return true
    }
    expect(await updated(running)).toMatchObject({ outcome: 'link-lost' })
    expect(statesOf(running.handset)).toEqual(['starting', 'normal'])
  })

  test('a token that no header can carry is not believed', async () => {
    const running = await updatingHandset([full])
    running.server.answer = (step, response) => {
      if (step === 'U5') send(response, 200, { token: 'let me in\r\nhost: elsewhere' })
      return step === 'U5'
    }
    expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
    expect(running.server.steps).toEqual(['U1', 'U5', 'U10'])
  })

  test('[S0-35] another part of the file than was asked for is refused', async () => {
    const running = await updatingHandset([full])
    const { server, handset } = running
    server.answer = (step, response) => {
      if (step !== 'U6') return false
      const [from, to] =
        server.steps.filter(each => each === 'U6').length === 1 ? [0, 4000] : [0, 9]
      const headers = { 'content-range': `bytes ${from}-${to}/${full.file.length}` }
      response.writeHead(from === 0 && to > 9 ? 200 : 206, headers)
      response.end(full.file.subarray(from, to))
      return true
    }
    expect(await updated(running)).toMatchObject({ outcome: 'file-refused' })
    expect(handset.state).toBe('normal')
  })
})

describe('an update that is cancelled', () => {
  test('gives area and limits back, and the next one goes through', async () => {
    const running = await updatingHandset([full])
    const { handset } = running
    handset.startUpdate()
    await until(running, () => handset.state === 'receiving')
    handset.cancelUpdate()
    expect(handset.view()).toMatchObject({
      state: 'normal',
      ram: { secured: null },
      update: { outcome: 'cancelled' },
    })
    await running.clock.advance(5000)
    expect(handset.state).toBe('normal')
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
  })

  test('is refused once the flash is rewritten', async () => {
    const running = await updatingHandset([full])
    const { handset } = running
    let thrown: unknown
    onState(handset, 'rewriting', () => {
      try {
        handset.cancelUpdate()
      } catch (error) {
        thrown = error
      }
    })
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
    expect(thrown).toMatchObject({ code: 'UPDATE_RUNNING' })
  })

  test('leaves an area that somebody secured by hand', async () => {
    const running = await updatingHandset([full])
    const { clock, handset } = running
    await clock.runUntil(handset.secureRam(4096))
    expect(await updated(running)).toMatchObject({ outcome: 'ram-insufficient' })
    expect(handset.view().ram.secured).not.toBeNull()
  })
})
