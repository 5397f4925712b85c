import { createTransport } from 'nodemailer'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { MailServer } from '../contract/app'
import type { OutgoingMail } from './outgoing-mail'

type Pool = ReturnType<typeof poolTo>

// In real time: a mail server that hangs is given up.
const CONNECT_MS_MAX = 10_000
const SILENCE_MS_MAX = 20_000
const IDLE_MS = 5000
const CONNECTIONS_MAX = 4
const MAILS_OF_A_CONNECTION = 10_000
const OWN_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

/** Sends mails over SMTP; lines stay open for the next mail. Virtual time waits for each. */
export class MailSender {
  readonly #clock: Clock
  #open: { readonly key: string; readonly pool: Pool } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when the server has taken the mail. Rejects with `MAIL_REFUSED`. */
  async send(server: MailServer, mail: OutgoingMail): Promise<void> {
    const { from, to, subject, text, messageId } = mail
    const landed = this.#clock.busy()
    try {
      await this.#poolTo(server).sendMail({
        from: bare(from),
        to: [bare(to)],
        subject,
        text,
        messageId,
        date: new Date(this.#clock.now()),
        disableFileAccess: true,
        disableUrlAccess: true,
      })
    } catch (cause) {
      const name = `${server.host}:${server.port}`
      const message = `The mail server ${name} did not take the mail to ${to}: ${reasonOf(cause)}.`
      throw new CodedError('MAIL_REFUSED', message, { server: name, to }, { cause })
    } finally {
      landed()
    }
  }

  /** What is being sent fails. */
  close(): void {
    this.#open?.pool.close({ force: true })
    this.#open = undefined
  }

  #poolTo(server: MailServer): Pool {
    const key = JSON.stringify(server)
    if (this.#open?.key === key) return this.#open.pool
    this.close()
    const pool = poolTo(server)
    this.#open = { key, pool }
    return pool
  }
}

function poolTo({ host, port, isSecure, user, password }: MailServer) {
  return createTransport({
    pool: true,
    host,
    port,
    secure: isSecure,
    name: 'localhost',
    // A password leaves this machine over TLS only.
    requireTLS: password !== null && !OWN_HOSTS.has(host),
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    dnsTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    maxConnections: CONNECTIONS_MAX,
    maxMessages: MAILS_OF_A_CONNECTION,
    idleTimeout: IDLE_MS,
  })
}

/** An address as it is, never read as a list of them. */
function bare(address: string): { name: string; address: string } {
  return { name: '', address }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message.replace(/\.$/, '')
}
