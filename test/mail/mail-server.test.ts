import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { mailBench, notice, speak } from './mail-bench'

const MAIL_BYTES_MAX = 256 * 1024
const ENVELOPE = ['EHLO test', 'MAIL FROM:<a@x.example>', 'RCPT TO:<b@x.example>', 'DATA']

test('a mail of anybody on this machine is taken, and the trace has it', async () => {
  const { mail, messages, port } = await mailBench()
  const answers = await speak(await port(), [
    ...ENVELOPE,
    'Subject: Release notice\r\n\r\nVendor: Vendor A\r\n.',
    'QUIT',
  ])
  expect(answers.at(-2)).toMatch(/^250 /)
  const [received] = await mail.list({ limit: 1 })
  expect(received).toMatchObject({ from: 'a@x.example', to: ['b@x.example'] })
  expect(received?.messageId).toMatch(/^<[0-9a-f]{64}@mailbox>$/)
  expect(messages).toMatchObject([{ from: 'sender', to: 'mail', type: 'mail', outcome: 'sent' }])
})

test.each([
  ['longer than 256 KiB', `Subject: x\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(300)}.`, '552'],
  [
    'with headers of more than 64 KiB',
    `${`X-A: ${'x'.repeat(990)}\r\n`.repeat(80)}\r\n\r\n.`,
    '554',
  ],
])('a mail %s is refused', async (_what, content, code) => {
  const { mail, refusals, defects, port } = await mailBench()
  const answers = await speak(await port(), [...ENVELOPE, content])
  expect(answers.at(-1)?.slice(0, 3)).toBe(code)
  expect(refusals).toEqual([code === '552' ? 'MAIL_TOO_LARGE' : 'MAIL_UNREADABLE'])
  expect(await mail.list({ limit: 1 })).toEqual([])
  expect(defects).toEqual([])
})

test.each([
  [
    'announced too large',
    ['EHLO test', `MAIL FROM:<a@x.example> SIZE=${MAIL_BYTES_MAX + 1}`],
    /^552 /,
  ],
  ['to no address', ['EHLO test', 'MAIL FROM:<a@x.example>', 'RCPT TO:<>'], /^5\d\d /],
  ['without a greeting', ['MAIL FROM:<a@x.example>'], /^503 /],
  ['with a login', ['EHLO test', 'AUTH PLAIN AGEAYg=='], /^5\d\d /],
  ['of a web page', ['POST / HTTP/1.1'], /^421 /],
  [
    'to more than a hundred',
    [
      ...ENVELOPE.slice(0, 2),
      ...Array.from({ length: 101 }, (_, i) => `RCPT TO:<b${i}@x.example>`),
    ],
    /^452 /,
  ],
])('a mail %s is refused before its text', async (_what, lines, answer) => {
  const { mail, defects, port } = await mailBench()
  const answers = await speak(await port(), lines)
  expect(answers.at(-1)).toMatch(answer)
  expect(await mail.list({ limit: 1 })).toEqual([])
  expect(defects).toEqual([])
})

test('a line that breaks in the middle of a mail leaves nothing, and the next mail is taken', async () => {
  const { mail, defects, port } = await mailBench()
  const socket = connect(await port(), '127.0.0.1')
  const left = [...ENVELOPE]
  const closed = new Promise(done => socket.once('close', done))
  socket.on('data', () => {
    const line = left.shift()
    if (line !== undefined) socket.write(`${line}\r\n`)
    else socket.write('Subject: half of it\r\n\r\n', () => socket.destroy())
  })
  await closed
  await mail.send(notice())
  expect(await mail.list({ limit: 5 })).toHaveLength(1)
  expect(defects).toEqual([])
})

test('long parts of a mail are kept as their start', async () => {
  const { mail, port } = await mailBench()
  await speak(await port(), [
    ...ENVELOPE,
    `Message-ID: <${'m'.repeat(400)}@x>\r\nSubject: ${'s'.repeat(900)}\r\n\r\n${`${'t'.repeat(900)}\r\n`.repeat(100)}.`,
    'QUIT',
  ])
  const [received] = await mail.list({ limit: 1 })
  expect(received?.messageId).toMatch(/@mailbox>$/)
  expect(received?.subject).toHaveLength(500)
  expect(received?.text).toHaveLength(16 * 1024)
  const { source } = await mail.message({ id: received?.id ?? 0 })
  expect(source).toHaveLength(64 * 1024)
})
