import { expect, test } from 'vitest'
import { readMail } from '../../src-main/mail/read-mail'

function mailOf(text: string): Uint8Array {
  return Buffer.from(`Subject: links\r\n\r\n${text}\r\n`)
}

test('a mail that looks like one endless link holds nobody up', async () => {
  const { links } = await readMail(mailOf(`http://${'.'.repeat(1_000_000)}a http://y.example/.`))
  expect(links).toEqual(['http://y.example/'])
})

test('a link ends before the end of its sentence, is named once, and only the first twenty are', async () => {
  const text = 'Look at http://x.example/a?b=c!), or http://x.example/a?b=c.'
  expect((await readMail(mailOf(text))).links).toEqual(['http://x.example/a?b=c'])
  const many = Array.from({ length: 30 }, (_, index) => `http://x.example/${index}`)
  expect((await readMail(mailOf(many.join(' ')))).links).toEqual(many.slice(0, 20))
})
