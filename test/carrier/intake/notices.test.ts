import { describe, expect, test } from 'vitest'
import { intakeBench, noticeOf, vendorSays } from './intake-bench'

const MINUTE = 60_000

describe('a notice of a release', () => {
  test('by API starts the fetch without anybody [S1-29] [S1-30]', async () => {
    const { book, notify, state, vendor } = await intakeBench()
    expect((await notify()).status).toBe(202)
    await expect.poll(() => state()).toBe('stored')
    expect(book.history).toEqual(['1 fetching', '1 stored'])
    expect(vendor.asked[0]).toBe('GET /v1/releases/7 nobody')
  })

  test('by mail starts the fetch [S1-28] [S1-30]', async () => {
    const { mail, state, book } = await intakeBench()
    await mail('Vendor: Vendor A\nRelease: 7\nSoftware: router-os 2.0.0\nRevision: 1\n\nThank you.')
    await expect.poll(() => book.rollouts.length).toBe(1)
    await expect.poll(() => state()).toBe('stored')
  })

  test('that somebody enters by hand starts the fetch, which learns the names [S1-28]', async () => {
    const { book, intake, messages, state } = await intakeBench()
    const rollout = await intake.markNotified({ vendorName: 'Vendor A', vendorReleaseId: 7 })
    expect(rollout).toMatchObject({ vendorReleaseId: 7, softwareName: '?' })
    await expect.poll(() => state()).toBe('stored')
    expect(await book.rollout(1)).toMatchObject({ softwareName: 'router-os', version: '2.0.0' })
    expect(messages()[0]).toMatchObject({ label: '1:S11', from: 'vendor', to: 'carrier' })
  })

  test('of a vendor that nobody registered is refused, however it comes', async () => {
    const { book, intake, mail, refusals } = await intakeBench()
    const marking = intake.markNotified({ vendorName: 'Vendor X', vendorReleaseId: 1 })
    await expect(marking).rejects.toMatchObject({ code: 'VENDOR_UNKNOWN' })
    await mail('Vendor: Vendor X\nRelease: 7\nSoftware: router-os 2.0.0\nRevision: 1')
    await expect.poll(refusals).toEqual(['VENDOR_UNKNOWN', 'VENDOR_UNKNOWN'])
    expect(book.rollouts).toEqual([])
  })

  test.each([
    ['nobody', '', 'AUTHENTICATION_REQUIRED'],
    ['a wrong password', vendorSays('Vendor A', 'guessed'), 'CREDENTIALS_WRONG'],
    ['an unknown vendor', vendorSays('Vendor X'), 'CREDENTIALS_WRONG'],
  ])('forged by %s is refused and audited', async (_who, authorization, code) => {
    const { book, notify, refusals } = await intakeBench()
    const answer = await notify({}, authorization)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Basic')
    expect(await answer.json()).toMatchObject({ code })
    expect(await refusals()).toEqual([code])
    expect(book.rollouts).toEqual([])
  })

  test('of another vendor is refused [S1-71]', async () => {
    const { book, notify, refusals, register, vendor } = await intakeBench()
    const databaseAddress = `${vendor.address}/b`
    await register({ vendorName: 'Vendor B', databaseAddress, vendorPassword: 'b' })
    const answer = await notify({}, vendorSays('Vendor B', 'b'))
    expect(answer.status).toBe(403)
    expect(await refusals()).toEqual(['RELEASE_FOREIGN'])
    expect(book.rollouts).toEqual([])
  })

  test.each([-16 * MINUTE, 16 * MINUTE])('sent %d ms off is refused', async offset => {
    const { book, clock, notify, refusals } = await intakeBench()
    const answer = await notify({ sentAt: clock.now() + offset })
    expect(answer.status).toBe(409)
    expect(await refusals()).toEqual(['NOTICE_STALE'])
    expect(book.rollouts).toEqual([])
  })

  test('that is repeated is refused for as long as it could be taken', async () => {
    const { clock, notify, refusals, vendor } = await intakeBench()
    // As far in the future as is taken, so that it can be tried for the longest time.
    const notice = noticeOf(clock.now() + 15 * MINUTE)
    expect((await notify(notice)).status).toBe(202)
    await clock.advance(29 * MINUTE)
    await notify({ vendorReleaseId: 8 })
    expect((await notify(notice)).status).toBe(409)
    await clock.advance(2 * MINUTE)
    expect((await notify(notice)).status).toBe(409)
    expect(await refusals()).toContain('NOTICE_REPLAYED')
    expect((await refusals()).at(-1)).toBe('NOTICE_STALE')
    expect(vendor.asked.filter(line => line.includes('/7/software'))).toHaveLength(1)
  })

  test('of a revision that was returned is refused, and nothing is fetched [S1-48]', async () => {
    const { book, notify, state, vendor } = await intakeBench()
    await notify()
    await expect.poll(() => state()).toBe('stored')
    book.move(1, { kind: 'trial-begun' })
    book.move(1, { kind: 'trial-ended', isPassed: false })
    const askedBefore = vendor.asked.length
    const answer = await notify()
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'RELEASE_RETURNED' })
    expect(vendor.asked).toHaveLength(askedBefore)
  })

  test.each([
    ['no release', 'Vendor: Vendor A\nSoftware: router-os 2.0.0\nRevision: 1'],
    ['a release that is no number', 'Vendor: Vendor A\nRelease: x\nSoftware: a 1\nRevision: 1'],
    ['software without a version', 'Vendor: Vendor A\nRelease: 7\nSoftware: a\nRevision: 1'],
    ['nothing', ''],
  ])('by mail with %s is audited', async (_what, text) => {
    const { book, mail, refusals } = await intakeBench()
    await mail(text)
    await expect.poll(refusals).toEqual(['NOTICE_UNREADABLE'])
    expect(book.rollouts).toEqual([])
  })

  test('is no mail to others or about something else', async () => {
    const { audit, book, mail, refusals } = await intakeBench()
    await mail('Vendor: Vendor A', { to: ['minato@shiba.co.jp'] })
    await mail('Vendor: Vendor A', { subject: 'Lunch' })
    await audit.settle()
    expect(await refusals()).toEqual([])
    expect(book.rollouts).toEqual([])
  })
})
