import { describe, expect, test } from 'vitest'
import { tokenDigestOf } from '../../../src-main/site/tokens'
import { MINATO, manyCustomers, SHINJUKU } from '../customers/fixture'
import { sampleRollout } from '../parts-bench'
import { consentBench } from './consent-bench'

describe('asking managers', () => {
  test('puts one question for each usable device to its manager [S1-54]', async () => {
    const { begin, desk, mails, rollout } = await consentBench()
    await begin()
    await desk.ask(rollout)
    expect((await mails()).map(({ key, kind, to, label }) => [key, kind, to, label])).toEqual([
      ['question:R1-ABC-123', 'mail', 'minato@shiba.co.jp', '1:S52'],
      ['question:R1-XYZ-987', 'mail', 'shinjuku@kabuki.co.jp', '1:S52'],
    ])
  })

  test('says what there is, what it costs and until when, in two languages [S1-54]', async () => {
    const { begin, desk, mails, rollout } = await consentBench({ deadline: Date.UTC(2030, 0, 4) })
    await begin()
    await desk.ask(rollout)
    const [mail] = await mails()
    expect(mail?.subject).toBe('Do you want the update? / 更新のご確認: router-os 2.0.0')
    expect(mail?.text).toContain('new software router-os 2.0.0 of Vendor A for your device ABC-123')
    expect(mail?.text).toContain('1500 JPY')
    expect(mail?.text).toContain('January 4, 2030 at 9:00')
    expect(mail?.text).toContain('2030年1月4日 9:00 (Asia/Tokyo)')
    expect(mail?.text).toContain('更新を希望されますか')
  })

  test('the same again asks nobody twice', async () => {
    const { begin, desk, linkOf, mails, rollout } = await consentBench()
    await begin()
    await desk.ask(rollout)
    const link = await linkOf('ABC-123')
    await desk.ask(rollout)
    expect(await mails()).toHaveLength(2)
    expect(await linkOf('ABC-123')).toBe(link)
  })

  test('what was asked before a stop is not asked again, the rest is', async () => {
    const { begin, db, desk, mails, rollout } = await consentBench()
    await begin()
    await desk.ask(rollout)
    await db
      .updateTable('carrier_tasks')
      .set({ question_digest: null })
      .where('device_id', '=', 'XYZ-987')
      .execute()
    await db.deleteFrom('carrier_outbox').where('key', '=', 'question:R1-XYZ-987').execute()
    await desk.ask(rollout)
    expect((await mails()).map(({ key }) => key)).toEqual([
      'question:R1-ABC-123',
      'question:R1-XYZ-987',
    ])
  })

  test('asks only where an answer is awaited', async () => {
    const { begin, desk, mails, rollout } = await consentBench()
    await begin([MINATO, SHINJUKU], 'selected')
    await desk.ask(rollout)
    expect(await mails()).toEqual([])
  })

  test('asks more devices than fit into one slice, each by a token of its own', async () => {
    const { begin, db, desk, mails, rollout } = await consentBench()
    await begin(manyCustomers(1001).slice(0, 1000))
    await desk.ask(rollout)
    const sent = await mails()
    expect(new Set(sent.map(({ to, key }) => `${key} ${to}`)).size).toBe(1000)
    const rows = await db.selectFrom('carrier_tasks').select('question_digest').execute()
    expect(new Set(rows.map(row => row.question_digest)).size).toBe(1000)
  })

  test('keeps only the digest of the token in the task', async () => {
    const { begin, desk, linkOf, rollout, task } = await consentBench()
    await begin()
    await desk.ask(rollout)
    const token = (await linkOf('ABC-123')).split('/').at(-1) ?? ''
    expect(token).toMatch(/^[\w-]{43}$/)
    expect((await task('ABC-123')).question_digest).toBe(tokenDigestOf(token))
  })

  test('lets a vendor put nothing of its own into a mail', async () => {
    const softwareName = 'os\r\nBcc: all@example.com\r\n\r\nhttp://evil.example/'
    const { begin, desk, mails, rollout } = await consentBench({ softwareName })
    await begin()
    await desk.ask(rollout)
    const [mail] = await mails()
    expect(mail?.subject).not.toMatch(/[\r\n]/)
    expect(mail?.text).not.toMatch(/^(Bcc|http:\/\/evil)/m)
  })

  test('says that a free update is free', async () => {
    const { additional } = sampleRollout()
    const free = { additional: additional && { ...additional, price: 0 } }
    const { begin, desk, mails, rollout } = await consentBench(free)
    await begin()
    await desk.ask(rollout)
    expect((await mails())[0]?.text).toContain('Price: free of charge')
  })
})
