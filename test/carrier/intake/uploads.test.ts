import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { uploadState } from '../../../src-main/wire/vendor/messages'
import { intakeBench, vendorSays } from './intake-bench'
import { recordOf, SOFTWARE } from './vendor-stand-in'

const bytes = new Uint8Array(SOFTWARE)

describe('a vendor without a database', () => {
  test('uploads: nothing happens before, and the rollout goes on after', async () => {
    const { book, look, messages, send, storage, upload, vendor } = await intakeBench()
    const { status, body } = await upload(recordOf())
    expect([status, body]).toEqual([201, { uploadId: 1 }])
    expect(await (await look(1)).json()).toEqual({ state: 'expected', report: null })
    expect(book.history).toEqual([])
    expect((await send(1, bytes)).status).toBe(204)
    expect(book.history).toEqual(['1 fetching', '1 stored'])
    expect(await book.rollout(1)).toMatchObject({ state: 'stored', digest: recordOf().digest })
    expect(Buffer.from(await storage.read(recordOf().digest)).equals(SOFTWARE)).toBe(true)
    expect(await (await look(1)).json()).toEqual({ state: 'taken', report: null })
    expect(messages().map(({ label, from, type }) => `${label} ${from} ${type}`)).toEqual([
      '1:S1 vendor upload',
      '1:S1 carrier upload-answer',
      '1:S1 vendor software',
      '1:S1 carrier software-answer',
    ])
    expect(vendor.asked).toEqual([])
  })

  test('may say everything twice', async () => {
    const { book, send, upload } = await intakeBench()
    await upload(recordOf())
    expect((await upload(recordOf())).body).toEqual({ uploadId: 1 })
    await send(1, bytes)
    expect((await upload(recordOf())).body).toEqual({ uploadId: 1 })
    expect((await send(1, bytes)).status).toBe(204)
    expect(book.history).toEqual(['1 fetching', '1 stored'])
  })

  test.each([
    ['other bytes', new Uint8Array(SOFTWARE.length)],
    ['too few bytes', bytes.subarray(1)],
    ['too many bytes', new Uint8Array(SOFTWARE.length + 1)],
  ])('is refused with %s, and may try again', async (_what, wrong) => {
    const { refusals, send, state, upload } = await intakeBench()
    await upload(recordOf())
    expect((await send(1, new Uint8Array(wrong))).status).toBe(422)
    expect(await state()).toBe('notified')
    expect(await refusals()).toEqual(['SOFTWARE_WRONG'])
    expect((await send(1, bytes)).status).toBe(204)
    expect(await state()).toBe('stored')
  })

  test('whose line breaks may try again', async () => {
    const { address, book, send, state, upload } = await intakeBench()
    await upload(recordOf())
    const half = await beginHalf(address)
    await expect.poll(() => book.history).toEqual(['1 fetching'])
    half.destroy()
    await expect.poll(() => book.history).toEqual(['1 fetching', '1 notified'])
    expect((await send(1, bytes)).status).toBe(204)
    expect(await state()).toBe('stored')
  })

  test('sends a release once at a time', async () => {
    const { address, book, refusals, send, upload } = await intakeBench()
    await upload(recordOf())
    const half = await beginHalf(address)
    await expect.poll(() => book.history).toEqual(['1 fetching'])
    expect((await send(1, bytes)).status).toBe(409)
    expect(await refusals()).toEqual(['UPLOAD_STATE'])
    half.destroy()
    await expect.poll(() => book.history).toEqual(['1 fetching', '1 notified'])
  })

  test('cannot send a release of another, nor see its uploads [S1-71]', async () => {
    const { look, refusals, register, send, upload, vendor } = await intakeBench()
    const databaseAddress = `${vendor.address}/b`
    await register({ vendorName: 'Vendor B', databaseAddress, vendorPassword: 'b' })
    const other = vendorSays('Vendor B', 'b')
    expect((await upload(recordOf(), other)).status).toBe(403)
    await upload(recordOf())
    expect((await look(1, other)).status).toBe(404)
    expect((await send(1, bytes, other)).status).toBe(404)
    expect((await look('1e3')).status).toBe(404)
    expect(await refusals()).toEqual([
      'RELEASE_FOREIGN',
      'UPLOAD_UNKNOWN',
      'UPLOAD_UNKNOWN',
      'UPLOAD_UNKNOWN',
    ])
  })

  test('must say who it is', async () => {
    const { look, send, upload } = await intakeBench()
    expect((await upload(recordOf(), '')).status).toBe(401)
    expect((await send(1, bytes, vendorSays('Vendor A', 'x'))).status).toBe(401)
    expect((await look(1, '')).status).toBe(401)
  })

  test.each([
    ['no types of devices', { additional: { ...recordOf().additional, deviceTypes: null } }],
    ['no vendor', { vendorName: '' }],
    ['no digest', { digest: '' }],
    ['no additional information', { additional: null }],
  ])('is refused with a record of %s [S1-04]', async (_what, changes) => {
    const { book, post } = await intakeBench()
    const answer = await post('/v1/uploads', { ...recordOf(), ...changes })
    expect(answer.status).toBe(400)
    expect(book.rollouts).toEqual([])
  })

  test('finds what was returned, and cannot send the revision again [S1-48] [S1-49]', async () => {
    const { book, look, send, upload } = await intakeBench()
    await upload(recordOf())
    await send(1, bytes)
    const report = {
      deviceId: 'TEST-1',
      outcome: 'no-answer' as const,
      answer: null,
      message: 'It kept silent.',
      startedAt: 1,
      endedAt: 2,
    }
    book.move(1, { kind: 'trial-begun' })
    book.move(1, { kind: 'trial-ended', isPassed: false }, { report })
    const shown = uploadState.parse(await (await look(1)).json())
    expect(shown).toEqual({ state: 'returned', report })
    expect((await upload(recordOf())).status).toBe(409)
    expect((await send(1, bytes)).status).toBe(409)
    const again = await upload(recordOf({ id: 8, revision: 2 }))
    expect(again.body).toEqual({ uploadId: 2 })
  })
})

/** A line on which half of the software was sent. */
async function beginHalf(address: string) {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.on('error', () => {})
  const head = [
    'PUT /v1/uploads/1/software HTTP/1.1',
    `Host: ${new URL(address).host}`,
    `Authorization: ${vendorSays()}`,
    `Content-Length: ${SOFTWARE.length}`,
    '',
    '',
  ]
  await new Promise<void>(sent => {
    socket.write(head.join('\r\n'))
    socket.write(SOFTWARE.subarray(0, SOFTWARE.length / 2), () => sent())
  })
  return socket
}
