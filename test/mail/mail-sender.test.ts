import { once } from 'node:events'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import type { MailServer } from '../../src-main/contract/app'
import { mailBench, notice } from './mail-bench'

const running: SMTPServer[] = []

afterEach(async () => {
  for (const server of running.splice(0)) await new Promise<void>(done => server.close(done))
})

/** A mail server of the user's own. Answers how it is named in the settings. */
async function otherServer(options: SMTPServerOptions): Promise<MailServer> {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    closeTimeout: 1,
    disableReverseLookup: true,
    ...options,
  })
  running.push(server)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { host: '127.0.0.1', port, isSecure: false, user: null, password: null }
}

test('the mail server of the settings gets the mails, with its user and password', async () => {
  const got: string[] = []
  const server = await otherServer({
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'carrier' && password === 'right'
        ? done(null, { user: username })
        : done(new Error('wrong password')),
    onData(stream, _session, done) {
      stream.on('data', piece => got.push(String(piece))).once('end', () => done())
    },
  })
  const { mail } = await mailBench({
    mailServer: () => ({ ...server, user: 'carrier', password: 'right' }),
  })
  await mail.send(notice())
  expect(got.join('')).toContain('Please pay 500 JPY.')
  expect(await mail.list({ limit: 1 })).toEqual([])
  expect((await mail.server()).sendsTo).toBe(`smtp://127.0.0.1:${server.port}`)
})

test('a change of the settings counts from the next mail on', async () => {
  let got = 0
  const server = await otherServer({
    authOptional: true,
    onData(stream, _session, done) {
      got += 1
      stream.resume().once('end', () => done())
    },
  })
  let chosen: MailServer | null = server
  const { mail } = await mailBench({ mailServer: () => chosen })
  await mail.send(notice())
  chosen = null
  await mail.send(notice())
  expect(got).toBe(1)
  expect(await mail.list({ limit: 5 })).toHaveLength(1)
})

test('a mail that the server does not take is refused with the reason and noted', async () => {
  const refusing = await otherServer({
    authOptional: true,
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })),
  })
  const { mail, refusals } = await mailBench({ mailServer: () => refusing })
  await expect(mail.send(notice())).rejects.toMatchObject({
    code: 'MAIL_REFUSED',
    message: expect.stringMatching(
      /^The mail server 127\.0\.0\.1:\d+ did not take the mail to minato@shiba\.co\.jp: .*550 no such mailbox/,
    ),
  })
  expect(refusals).toEqual(['MAIL_REFUSED'])
})

test('a wrong password is refused, and is not in the message', async () => {
  const server = await otherServer({
    allowInsecureAuth: true,
    onAuth: (_login, _session, done) => done(new Error('wrong')),
  })
  const { mail } = await mailBench({
    mailServer: () => ({ ...server, user: 'carrier', password: 'a-secret' }),
  })
  const error: unknown = await mail.send(notice()).catch((refused: unknown) => refused)
  expect(error).toMatchObject({ code: 'MAIL_REFUSED' })
  expect(String(error)).not.toContain('a-secret')
})

test('a password goes to another machine over TLS only', async () => {
  const server = await otherServer({ allowInsecureAuth: true })
  const { mail } = await mailBench({
    // The same machine under a name that the sender does not take for it.
    mailServer: () => ({ ...server, host: '127.0.0.2', user: 'carrier', password: 'a-secret' }),
  })
  await expect(mail.send(notice())).rejects.toMatchObject({ code: 'MAIL_REFUSED' })
})

test('nobody there is refused at once', async () => {
  const { mail } = await mailBench({
    mailServer: () => ({ host: '127.0.0.1', port: 1, isSecure: false, user: null, password: null }),
  })
  await expect(mail.send(notice())).rejects.toMatchObject({ code: 'MAIL_REFUSED' })
})

test('an address is one address, and a subject one line', async () => {
  const { mail } = await mailBench()
  await mail
    .send(notice({ to: 'a@x.example,b@y.example', subject: 'one\r\nBcc: c@z.example' }))
    .catch(() => undefined)
  const [received] = await mail.list({ limit: 5 })
  expect(received?.to ?? []).not.toContain('b@y.example')
  expect(received?.to ?? []).not.toContain('c@z.example')
})
