import type { Kysely } from 'kysely'
import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import { type Invoice, invoice as invoiceSchema, type Payment } from '../contract/settlement'
import type { EventSink } from '../observe/events'
import type { AuditSink, TraceSink } from '../observe/message'
import { askSite } from '../site/ask-site'
import { InFlight } from '../site/in-flight'
import type { DefectLog } from '../site/refusal'
import type { RunningSite } from '../site/start-site'
import type { Schema } from '../storage/schema'
import {
  type InvoiceOrder,
  type PaymentOrder,
  SETTLEMENT_MESSAGE_BYTES_MAX,
  SETTLEMENT_PATHS,
  settlementRefusal,
} from '../wire/settlement/messages'
import { Books } from './books'
import { CarrierTelling } from './carrier-telling'
import { CARRIER_ACCOUNT } from './ledger'
import { NewsTeller, type Telling } from './news'
import { startSettlementServer } from './server'
import { type InvoicePage, SettlementStore } from './store'

/** Who hears of an invoice is asked again until this has resolved, also after a restart. */
type InvoiceListener = (invoice: Invoice) => void | Promise<void>

/** Invoices that no message to the apparatus is needed for. */
export interface OwnBooks {
  /** The same order again gives the invoice that there is. */
  issue(order: InvoiceOrder): Promise<Invoice>
  /** Hears of what was paid, or not in time, at least once. Returns the unsubscribe. */
  onChanged(listener: InvoiceListener): () => void
}

export interface SettlementServiceParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  /** Of the carrier's server, which is told what became of an invoice. */
  readonly carrierAddress: () => Promise<string>
  /** Shared with the carrier: each says with it who it is. */
  readonly secret: string
}

interface PaymentInput extends Omit<PaymentOrder, 'account'> {
  readonly account?: string | undefined
}

/**
 * The settlement apparatus (spec 2.1.2), and the carrier's own books. It listens from when somebody
 * first wants to know where.
 */
export class SettlementService {
  /** The carrier's own books, for rollouts that the server itself settles (S1-23). */
  readonly ownBooks: OwnBooks
  readonly #parts: SettlementServiceParts
  readonly #store: SettlementStore
  readonly #books: Books
  readonly #news: NewsTeller
  readonly #ownNews: NewsTeller
  readonly #listeners = new Set<InvoiceListener>()
  readonly #inFlight: InFlight
  readonly #closing = new AbortController()
  #server: Promise<RunningSite> | undefined

  constructor(parts: SettlementServiceParts) {
    const { clock, events } = parts
    this.#parts = parts
    const store = new SettlementStore(parts.db)
    const onDefect = (error: unknown) => parts.logDefect(error, 'settlement')
    const carrier = new CarrierTelling({ ...parts, signal: this.#closing.signal })
    const told = { store, clock, onDefect }
    this.#store = store
    this.#inFlight = new InFlight(clock)
    this.#news = new NewsTeller({
      ...told,
      ledger: 'apparatus',
      tell: invoice => carrier.tell(invoice),
    })
    this.#ownNews = new NewsTeller({
      ...told,
      ledger: 'server',
      tell: invoice => this.#tellListeners(invoice),
    })
    this.#books = new Books({ ...told, events, onNews: ledger => this.#wake(ledger) })
    this.ownBooks = {
      issue: async order => (await this.#books.issue(order, 'server')).invoice,
      onChanged: listener => this.#listen(listener),
    }
  }

  /** Where the apparatus is reached. Rejects with `CLOSED` after the end. */
  async server(): Promise<{ address: string }> {
    // Nobody would end a server that begins now.
    if (this.#closing.signal.aborted) {
      throw new CodedError(
        'CLOSED',
        'The settlement apparatus has ended. Open the workbench again.',
      )
    }
    const [books, store] = [this.#books, this.#store]
    const starting = (this.#server ??= startSettlementServer({ ...this.#parts, books, store }))
    try {
      const { address } = await starting
      return { address }
    } catch (error) {
      this.#server = undefined
      throw error
    }
  }

  async account() {
    const balances = await this.#store.balances()
    const own = balances.find(({ currency }) => currency === CARRIER_ACCOUNT.currency)
    return {
      ...CARRIER_ACCOUNT,
      balance: own?.balance ?? 0,
      otherBalances: balances.filter(other => other !== own),
      invoices: await this.#store.counts(),
    }
  }

  invoices(page: InvoicePage): Promise<{ total: number; rows: Invoice[] }> {
    return this.#store.invoices(page)
  }

  payments(page: {
    readonly offset: number
    readonly limit: number
  }): Promise<{ total: number; rows: Payment[] }> {
    return this.#store.payments(page)
  }

  /**
   * Pays an invoice as the manager of a device does: over HTTP at the apparatus, or at the carrier
   * where the invoice is in its own books. Rejects with `INVOICE_UNKNOWN`, `PAYMENT_UNFIT` or
   * `PAYMENT_DOUBLE`.
   */
  pay(input: PaymentInput): Promise<Invoice> {
    return this.#inFlight.during(this.#pay(input))
  }

  /** Goes on with what falls due, and with what the carrier was not told. */
  async start(): Promise<void> {
    await this.#store.tellAgain(this.#parts.clock.now())
    this.#books.start()
    this.#wake('apparatus')
    this.#wake('server')
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#inFlight.settle()
    await Promise.all([this.#books.close(), this.#news.close(), this.#ownNews.close()])
    const server = await this.#server?.catch(() => undefined)
    await server?.close()
  }

  async #pay(input: PaymentInput): Promise<Invoice> {
    const known = await this.#store.invoice(input.invoiceId)
    const account = input.account ?? known?.account ?? CARRIER_ACCOUNT.number
    const order = { ...input, account }
    return known?.ledger === 'server' ? this.#payCarrier(order) : this.#payApparatus(order)
  }

  async #payApparatus(order: PaymentOrder): Promise<Invoice> {
    const { clock } = this.#parts
    const answer = await askSite(clock, {
      base: (await this.server()).address,
      method: 'POST',
      path: SETTLEMENT_PATHS.payments,
      body: order,
    })
    const isTaken = answer.status === 200 || answer.status === 201
    if (isTaken) return answer.message(invoiceSchema, SETTLEMENT_MESSAGE_BYTES_MAX)
    const refusal = await answer.message(settlementRefusal, SETTLEMENT_MESSAGE_BYTES_MAX)
    throw new CodedError(refusal.code, refusal.message, { invoice: order.invoiceId })
  }

  async #payCarrier(order: PaymentOrder): Promise<Invoice> {
    try {
      return (await this.#books.pay(order, 'server')).invoice
    } catch (error) {
      if (error instanceof CodedError) {
        const { code, message } = error
        this.#parts.audit.refuse({ actor: 'carrier', code, message })
      }
      throw error
    }
  }

  #listen(listener: InvoiceListener): () => void {
    this.#listeners.add(listener)
    this.#ownNews.wake()
    return () => void this.#listeners.delete(listener)
  }

  #wake(ledger: Invoice['ledger']): void {
    if (ledger === 'apparatus') this.#news.wake()
    // What nobody listens for waits until somebody does.
    else if (this.#listeners.size > 0) this.#ownNews.wake()
  }

  async #tellListeners(invoice: Invoice): Promise<Telling> {
    if (this.#listeners.size === 0) return 'nobody'
    try {
      for (const listener of this.#listeners) await listener(invoice)
      return 'told'
    } catch (error) {
      this.#parts.logDefect(error, 'settlement')
      return 'later'
    }
  }
}
