import type { Clock } from '../base/clock'
import type { Invoice } from '../contract/settlement'
import type { EventSink } from '../observe/events'
import type { InvoiceOrder, PaymentOrder } from '../wire/settlement/messages'
import { Rounds } from './rounds'
import type { Entry, SettlementStore } from './store'

export interface BooksParts {
  readonly store: SettlementStore
  readonly clock: Clock
  readonly events: EventSink
  /** Something is to be told of an invoice in these books. */
  readonly onNews: (ledger: Invoice['ledger']) => void
  readonly onDefect: (error: unknown) => void
}

/** So many are marked in one step: others get at the database between two. */
const SLICE = 200

/** The books: what was billed and paid, and what was not paid in time. */
export class Books {
  readonly #parts: BooksParts
  readonly #due: Rounds

  constructor(parts: BooksParts) {
    const { clock, onDefect } = parts
    this.#parts = parts
    this.#due = new Rounds({ clock, onDefect, round: () => this.#fallDue() })
  }

  /** Goes on with what falls due. */
  start(): void {
    this.#due.wake()
  }

  /** The same order again gives the invoice that there is. Rejects with `INVOICE_DIFFERS`. */
  async issue(order: InvoiceOrder, ledger: Invoice['ledger']): Promise<Entry> {
    const { store, clock } = this.#parts
    const entry = await store.issue(order, ledger, clock.now())
    if (entry.isNew) this.#changed(entry.invoice)
    this.#due.wake()
    return entry
  }

  /**
   * The same payment again gives what it made of its invoice. Rejects with `INVOICE_UNKNOWN`,
   * `PAYMENT_UNFIT` or `PAYMENT_DOUBLE`.
   */
  async pay(order: PaymentOrder, ledger: Invoice['ledger']): Promise<Entry> {
    const { store, clock } = this.#parts
    const entry = await store.pay(order, ledger, clock.now())
    if (entry.isNew) this.#changed(entry.invoice)
    return entry
  }

  async close(): Promise<void> {
    await this.#due.close()
  }

  async #fallDue(): Promise<number | undefined> {
    const { store, clock } = this.#parts
    for (;;) {
      const late = await store.fallDue(clock.now(), SLICE)
      for (const invoice of late) this.#changed(invoice)
      if (late.length < SLICE) return store.nextDueAt()
    }
  }

  #changed(invoice: Invoice): void {
    const { events, onNews } = this.#parts
    events.publish({ kind: 'invoice-changed', invoice })
    if (invoice.state !== 'open') onNews(invoice.ledger)
  }
}
