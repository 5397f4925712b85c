import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { MailServer } from '../contract/app'
import type { Mail } from '../contract/mail'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import { InFlight } from '../site/in-flight'
import type { DefectLog } from '../site/refusal'
import type { Schema } from '../storage/schema'
import { MailSender } from './mail-sender'
import { type IncomingMail, type RunningMailServer, startMailServer } from './mail-server'
import type { OutgoingMail } from './outgoing-mail'
import { readMail } from './read-mail'
import { type MailPage, MailStore } from './store'

export interface MailServiceParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  /** The mail server of the settings, where there is one. */
  readonly mailServer: () => MailServer | null
}

/** Who hears of a mail is asked again after the next start until this has resolved. */
type MailListener = (mail: Mail) => void | Promise<void>

const HOST = '127.0.0.1'

/**
 * Sends the servers' mails, and keeps the mailbox of the embedded mail server, which listens from
 * when somebody first sends to it or wants to know where it is.
 */
export class MailService {
  readonly #parts: MailServiceParts
  readonly #store: MailStore
  readonly #sender: MailSender
  readonly #inFlight: InFlight
  readonly #listeners = new Set<MailListener>()
  /** IDs of mails on their way from here: who sends them puts them into the trace. */
  readonly #own = new Set<string>()
  #handing: Promise<void> = Promise.resolve()
  /** Of the last mail that was handed over since the start. */
  #handedId = 0
  #server: Promise<RunningMailServer> | undefined
  #isClosed = false

  constructor(parts: MailServiceParts) {
    this.#parts = parts
    this.#store = new MailStore(parts.db)
    this.#sender = new MailSender(parts.clock)
    this.#inFlight = new InFlight(parts.clock)
  }

  async server(): Promise<{ mailbox: string; sendsTo: string }> {
    const mailbox = `smtp://${HOST}:${await this.#port()}`
    const other = this.#parts.mailServer()
    if (!other) return { mailbox, sendsTo: mailbox }
    return { mailbox, sendsTo: `smtp${other.isSecure ? 's' : ''}://${other.host}:${other.port}` }
  }

  /** Newest first. */
  list(page: MailPage): Promise<Mail[]> {
    return this.#store.list(page)
  }

  /** Rejects with `MAIL_UNKNOWN`. */
  async message({ id }: { readonly id: number }): Promise<{ mail: Mail; source: string }> {
    const found = await this.#store.withSource(id)
    if (found) return found
    const message = `No mail ${id} is in the mailbox, which keeps the newest ones only.`
    throw new CodedError('MAIL_UNKNOWN', message, { id })
  }

  async clear(): Promise<void> {
    await this.#store.clear()
    this.#parts.events.publish({ kind: 'mailbox-cleared' })
  }

  /** Resolves when the mail server has taken the mail. Rejects with `MAIL_REFUSED`. */
  async send(mail: OutgoingMail): Promise<void> {
    await this.#inFlight.during(this.#send(mail))
  }

  /**
   * Hears of every mail that comes in: at least once, also of those that came before a crash, and
   * after the next start again of those at which it failed. Returns the unsubscribe.
   */
  onReceived(listener: MailListener): () => void {
    this.#listeners.add(listener)
    this.#hand()
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#sender.close()
    await this.#inFlight.settle()
    const server = await this.#server?.catch(() => undefined)
    await server?.close()
    await this.#inFlight.settle()
  }

  async #send(mail: OutgoingMail): Promise<void> {
    const { mailServer, audit } = this.#parts
    this.#own.add(nameIn(mail.messageId))
    try {
      const own = { host: HOST, isSecure: false, user: null, password: null }
      const server = mailServer() ?? { ...own, port: await this.#port() }
      await this.#sender.send(server, mail)
    } catch (error) {
      if (error instanceof CodedError) {
        audit.refuse({ actor: 'mail', code: error.code, message: error.message })
      }
      throw error
    } finally {
      this.#own.delete(nameIn(mail.messageId))
    }
  }

  async #port(): Promise<number> {
    // Nobody would end a server that begins now.
    if (this.#isClosed) throw new CodedError('CLOSED', 'The mail server has ended.')
    const { clock, logDefect, audit } = this.#parts
    const starting = (this.#server ??= startMailServer({
      clock,
      logDefect,
      take: mail => this.#inFlight.during(this.#take(mail)),
      onRefused: ({ code, message }) => audit.refuse({ actor: 'mail', code, message }),
    }))
    try {
      return (await starting).port
    } catch (error) {
      this.#server = undefined
      throw error
    }
  }

  /** The same mail again is taken as it was. */
  async #take({ from, to, source }: IncomingMail): Promise<void> {
    const { clock, events } = this.#parts
    const read = await readMail(source)
    const mail = await this.#store.add({ at: clock.now(), from, to: [...to], ...read })
    if (mail) {
      this.#traced(mail, source)
      events.publish({ kind: 'mail-received', mail })
    }
    // Not waited for: whoever hears of it may send a mail in turn.
    this.#hand()
  }

  #traced({ messageId, from, to, subject }: Mail, payload: Uint8Array): void {
    if (this.#own.has(nameIn(messageId))) return
    this.#parts.trace.record({
      from: 'sender',
      to: 'mail',
      label: '',
      type: 'mail',
      fields: { messageId, from, to: to.join(', ').slice(0, 1000), subject },
      outcome: 'sent',
      payload,
    })
  }

  /** One mail after the other, oldest first. */
  #hand(): void {
    const handing = this.#handing.then(() => this.#handAll())
    this.#handing = handing.catch(error => this.#parts.logDefect(error, 'mail'))
    void this.#inFlight.during(this.#handing)
  }

  async #handAll(): Promise<void> {
    while (this.#listeners.size > 0 && !this.#isClosed) {
      const mail = await this.#store.unhanded(this.#handedId)
      if (!mail) return
      this.#handedId = mail.id
      if (await this.#handOver(mail)) await this.#store.handed(mail.id)
    }
  }

  /** False where somebody failed at it, which must not keep back the mails after it. */
  async #handOver(mail: Mail): Promise<boolean> {
    let isDone = true
    for (const listener of this.#listeners) {
      try {
        await listener(mail)
      } catch (error) {
        isDone = false
        this.#parts.logDefect(error, 'mail')
      }
    }
    return isDone
  }
}

/** On the line an ID stands in angle brackets, which senders may leave out. */
function nameIn(messageId: string): string {
  return messageId.replaceAll(/[<>]/g, '')
}
