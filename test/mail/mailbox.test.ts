import { expect, onTestFinished, test } from 'vitest'
import type { Mail } from '../../src-main/contract/mail'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { mailBench, notice } from './mail-bench'

test('a mail that is sent lies in the mailbox as it was written', async () => {
  const { mail, events, refusals, messages } = await mailBench()
  await mail.send(
    notice({
      subject: '港区株式会社: 更新のお知らせ',
      text: '支払い: 500 JPY\nhttp://127.0.0.1:8080/pages/consent?t=a_b-c. または (http://x.example/no)\n',
    }),
  )
  const [received] = await mail.list({ limit: 10 })
  expect(received).toMatchObject({
    messageId: '<R1-ABC-123@kintsugi.example>',
    from: 'carrier@kintsugi.example',
    to: ['minato@shiba.co.jp'],
    subject: '港区株式会社: 更新のお知らせ',
    links: ['http://127.0.0.1:8080/pages/consent?t=a_b-c', 'http://x.example/no'],
  })
  expect(received?.text).toContain('支払い: 500 JPY\n')
  expect(events).toEqual([{ kind: 'mail-received', mail: received }])
  const { mail: again, source } = await mail.message({ id: received?.id ?? 0 })
  expect(again).toEqual(received)
  expect(source).toMatch(/^Message-ID: <R1-ABC-123@kintsugi\.example>\r?$/im)
  expect(refusals).toEqual([])
  // Who sends a mail puts it into the trace.
  expect(messages).toEqual([])
})

test('an ID without its brackets names the same mail', async () => {
  const { mail, messages } = await mailBench()
  await mail.send(notice({ messageId: 'R1-ABC-123@kintsugi.example' }))
  await mail.send(notice())
  expect(await mail.list({ limit: 10 })).toMatchObject([
    { messageId: '<R1-ABC-123@kintsugi.example>' },
  ])
  expect(messages).toEqual([])
})

test('the same mail sent again is one mail, also after a restart', async () => {
  const first = await mailBench()
  await first.mail.send(notice())
  await first.mail.send(notice())
  await first.mail.close()
  const { mail } = await mailBench({ database: first.database })
  await mail.send(notice())
  expect(await mail.list({ limit: 10 })).toHaveLength(1)
  expect(first.events).toHaveLength(1)
})

test('many mails at once are all taken, and the list goes by pages and addresses', async () => {
  const { mail } = await mailBench()
  const numbers = Array.from({ length: 40 }, (_, index) => index)
  await Promise.all(
    numbers.map(number =>
      mail.send(
        notice({
          messageId: `<${number}@kintsugi.example>`,
          to: number % 2 === 0 ? 'minato@shiba.co.jp' : 'shinjuku@kabuki.co.jp',
        }),
      ),
    ),
  )
  const newest = await mail.list({ limit: 30 })
  const older = await mail.list({ limit: 30, before: newest.at(-1)?.id })
  expect(newest).toHaveLength(30)
  expect(older).toHaveLength(10)
  const ids = [...newest, ...older].map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
  expect(await mail.list({ limit: 100, address: 'Minato@Shiba.co.jp' })).toHaveLength(20)
  expect(await mail.list({ limit: 100, address: 'carrier@kintsugi.example' })).toHaveLength(40)
})

test('no more than the newest ten thousand are kept', async () => {
  const { mail, database } = await mailBench()
  await mail.send(notice({ messageId: '<oldest@kintsugi.example>' }))
  await database.db.updateTable('mails').set({ id: 1 }).execute()
  await database.db
    .insertInto('mails')
    .columns([
      'id',
      'at',
      'message_id',
      'sender',
      'recipients',
      'subject',
      'text',
      'links',
      'source',
      'is_handed',
    ])

    .expression(rows =>
      rows
        .selectFrom('mails')
        .select(row => [
          row.val(10_000).as('id'),
          'at',
          row.val('<newer@x>').as('message_id'),
          'sender',
          'recipients',
          'subject',
          'text',
          'links',
          'source',
          'is_handed',
        ]),
    )
    .execute()
  await mail.send(notice({ messageId: '<newest@kintsugi.example>' }))
  const kept = await mail.list({ limit: 10 })
  expect(kept.map(({ messageId }) => messageId)).toEqual(['<newest@kintsugi.example>', '<newer@x>'])
})

test('a mail is heard of once, in order, and a listener that fails keeps nothing back', async () => {
  const { mail, defects } = await mailBench()
  const heard: string[] = []
  const leave = mail.onReceived(({ subject }) => {
    heard.push(subject)
    if (subject === 'first') throw new Error('no sense in it')
  })
  for (const subject of ['first', 'second', 'third']) {
    await mail.send(notice({ subject, messageId: `<${subject}@kintsugi.example>` }))
  }
  await expect.poll(() => heard).toEqual(['first', 'second', 'third'])
  expect(defects).toEqual([new Error('no sense in it')])
  leave()
})

test('a mail at which its listener failed is heard of again after the next start, once', async () => {
  const first = await mailBench()
  const failed: string[] = []
  first.mail.onReceived(({ subject }) => {
    failed.push(subject)
    if (subject === 'first') throw new Error('the disk is full')
  })
  for (const subject of ['first', 'second']) {
    await first.mail.send(notice({ subject, messageId: `<${subject}@kintsugi.example>` }))
  }
  await expect.poll(() => failed).toEqual(['first', 'second'])
  await first.mail.close()
  const heard: string[] = []
  const hear = async () => {
    const { mail } = await mailBench({ database: first.database })
    mail.onReceived(({ subject }) => void heard.push(subject))
    return mail
  }
  const second = await hear()
  await expect.poll(() => heard).toEqual(['first'])
  await second.close()
  const third = await hear()
  await third.send(notice({ subject: 'third', messageId: '<third@kintsugi.example>' }))
  await expect.poll(() => heard).toEqual(['first', 'third'])
})

test('a mail that nobody was done with when the process ended is heard of after the start', async () => {
  const first = await mailBench()
  const begun: Mail[] = []
  const dying = Promise.withResolvers<void>()
  onTestFinished(() => dying.resolve())
  first.mail.onReceived(received => {
    begun.push(received)
    return dying.promise
  })
  await first.mail.send(notice())
  await first.mail.send(notice({ messageId: '<next@kintsugi.example>' }))
  await expect.poll(() => begun).toHaveLength(1)
  // As after a kill: the first listener never comes to its end.
  const { mail } = await mailBench({ database: first.database })
  const heard: string[] = []
  mail.onReceived(({ messageId }) => void heard.push(messageId))
  await expect
    .poll(() => heard)
    .toEqual(['<R1-ABC-123@kintsugi.example>', '<next@kintsugi.example>'])
  await mail.close()
  const later = await mailBench({ database: first.database })
  const again: string[] = []
  later.mail.onReceived(({ messageId }) => void again.push(messageId))
  await later.mail.close()
  expect(again).toEqual([])
})

test('who hears of a mail may send one and wait for it', async () => {
  const { mail } = await mailBench()
  const answered = Promise.withResolvers<void>()
  mail.onReceived(async ({ subject }) => {
    if (subject !== 'question') return
    await mail.send(notice({ subject: 'answer', messageId: '<answer@kintsugi.example>' }))
    answered.resolve()
  })
  await mail.send(notice({ subject: 'question' }))
  await answered.promise
  expect((await mail.list({ limit: 5 })).map(({ subject }) => subject)).toEqual([
    'answer',
    'question',
  ])
})

test('virtual time stands while a mail is on its way', async () => {
  const clock = new VirtualClock()
  const { mail } = await mailBench({ clock })
  const start = clock.now()
  clock.after(1, () => {})
  await clock.runUntil(mail.send(notice()))
  expect(clock.now()).toBe(start)
  const [received] = await mail.list({ limit: 1 })
  expect(received?.at).toBe(start)
  const { source } = await mail.message({ id: received?.id ?? 0 })
  expect(source).toContain('Date: Mon, 05 Jan 2026 00:00:00 +0000')
})

test('the mailbox can be emptied, and says which mail it does not have', async () => {
  const { mail, events } = await mailBench()
  await mail.send(notice())
  await mail.clear()
  expect(await mail.list({ limit: 10 })).toEqual([])
  expect(events.at(-1)).toEqual({ kind: 'mailbox-cleared' })
  await expect(mail.message({ id: 1 })).rejects.toMatchObject({ code: 'MAIL_UNKNOWN' })
})
