import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Invoice, Payment } from '../contract/settlement'
import type { InvoicesTable, PaymentsTable } from '../storage/tables/settlement'
import type { Schema } from '../storage/schema'
import type { InvoiceOrder, PaymentOrder } from '../wire/settlement/messages'
import { issued, mustBeSameOrder, paid } from './ledger'

type Ledger = Invoice['ledger']

export interface InvoicePage {
  readonly offset: number
  readonly limit: number
  readonly state?: Invoice['state'] | undefined
  readonly rolloutId?: number | undefined
  /** Words that an invoice must hold somewhere in its ID, device or manager. */
  readonly filter: string
}

/** What is in the books after a step; `isNew`: that step changed them. */
export interface Entry {
  readonly invoice: Invoice
  readonly isNew: boolean
}

/** Something that the carrier is to be told of. */
interface News {
  readonly invoice: Invoice
  readonly attempts: number
}

/** Invoices, payments and what is to be told of them. All SQL of this subsystem is here. */
export class SettlementStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  /** Rejects with `INVOICE_DIFFERS`. */
  issue(order: InvoiceOrder, ledger: Ledger, now: number): Promise<Entry> {
    return this.#db.transaction().execute(async transaction => {
      const row = await transaction
        .selectFrom('settlement_invoices')
        .selectAll()
        .where(where =>
          where.or([
            where('id', '=', order.id),
            where.and({ rollout_id: order.rolloutId, device_id: order.deviceId }),
          ]),
        )
        .orderBy('number')
        .executeTakeFirst()
      if (row) {
        const known = invoiceOf(row)
        mustBeSameOrder(known, order, ledger)
        return { invoice: known, isNew: false }
      }
      const invoice = issued(order, ledger, now)
      await transaction.insertInto('settlement_invoices').values(rowOf(invoice)).execute()
      if (invoice.state !== 'open') await addNews(transaction, invoice, now)
      return { invoice, isNew: true }
    })
  }

  /** The payment and what it makes of its invoice are one step. Rejects as {@link paid} throws. */
  pay(order: PaymentOrder, ledger: Ledger, now: number): Promise<Entry> {
    return this.#db.transaction().execute(async transaction => {
      const row = await invoiceRow(transaction, order.invoiceId)
      const knownRow = await transaction
        .selectFrom('settlement_payments')
        .selectAll()
        .where('reference', '=', order.reference)
        .executeTakeFirst()
      const known = knownRow && paymentOf(knownRow)
      const { invoice, payment } = paid({
        order,
        ledger,
        invoice: row && invoiceOf(row),
        known,
        now,
      })
      if (!payment) return { invoice, isNew: false }
      await transaction
        .insertInto('settlement_payments')
        .values({
          reference: payment.reference,
          invoice_id: payment.invoiceId,
          amount: payment.amount,
          currency: invoice.currency,
          method: payment.method,
          received_at: payment.receivedAt,
        })
        .execute()
      await transaction
        .updateTable('settlement_invoices')
        .set({ state: invoice.state, paid_at: invoice.paidAt })
        .where('id', '=', invoice.id)
        .execute()
      await addNews(transaction, invoice, now)
      return { invoice, isNew: true }
    })
  }

  /** Marks so many of the open invoices whose time is over, the one due first at first. */
  fallDue(now: number, limit: number): Promise<Invoice[]> {
    return this.#db.transaction().execute(async transaction => {
      const rows = await transaction
        .selectFrom('settlement_invoices')
        .selectAll()
        .where('state', '=', 'open')
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(limit)
        .execute()
      const late = rows.map(row => ({ ...invoiceOf(row), state: 'overdue' as const }))
      for (const invoice of late) {
        await transaction
          .updateTable('settlement_invoices')
          .set({ state: invoice.state })
          .where('id', '=', invoice.id)
          .execute()
        await addNews(transaction, invoice, now)
      }
      return late
    })
  }

  /** When the next open invoice falls due. */
  async nextDueAt(): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('settlement_invoices')
      .select('due_at')
      .where('state', '=', 'open')
      .orderBy('due_at')
      .executeTakeFirst()
    return row?.due_at
  }

  async invoice(id: string): Promise<Invoice | undefined> {
    const row = await invoiceRow(this.#db, id)
    return row && invoiceOf(row)
  }

  /** Newest first. */
  async invoices(page: InvoicePage): Promise<{ total: number; rows: Invoice[] }> {
    const chosen = this.#chosen(page)
    const { total } = await chosen
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    const rows = await chosen
      .selectAll()
      .orderBy('number', 'desc')
      .offset(page.offset)
      .limit(page.limit)
      .execute()
    return { total, rows: rows.map(invoiceOf) }
  }

  /** Newest first. */
  async payments(page: {
    readonly offset: number
    readonly limit: number
  }): Promise<{ total: number; rows: Payment[] }> {
    const all = this.#db.selectFrom('settlement_payments')
    const { total } = await all
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    const rows = await all
      .selectAll()
      .orderBy('number', 'desc')
      .offset(page.offset)
      .limit(page.limit)
      .execute()
    return { total, rows: rows.map(paymentOf) }
  }

  /** Of all payments, by currency. */
  async balances(): Promise<{ currency: string; balance: number }[]> {
    return this.#db
      .selectFrom('settlement_payments')
      .select(['currency', ({ fn }) => fn.sum<number>('amount').as('balance')])
      .groupBy('currency')
      .orderBy('currency')
      .execute()
  }

  async counts(): Promise<{ open: number; paid: number; overdue: number }> {
    const rows = await this.#db
      .selectFrom('settlement_invoices')
      .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute()
    const byState = Object.fromEntries(rows.map(({ state, count }) => [state, count]))
    return { open: 0, paid: 0, overdue: 0, ...byState }
  }

  /** What has waited longest of what is to be told now. */
  async news(ledger: Ledger, now: number): Promise<News | undefined> {
    const row = await this.#db
      .selectFrom('settlement_news')
      .innerJoin('settlement_invoices', 'settlement_invoices.id', 'settlement_news.invoice_id')
      .selectAll('settlement_invoices')
      .select('attempts')
      .where('settlement_news.ledger', '=', ledger)
      .where('next_at', '<=', now)
      .orderBy('next_at')
      .orderBy('settlement_invoices.number')
      .executeTakeFirst()
    return row && { invoice: invoiceOf(row), attempts: row.attempts }
  }

  /** When there is something to tell next. */
  async nextNewsAt(ledger: Ledger): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('settlement_news')
      .select('next_at')
      .where('ledger', '=', ledger)
      .orderBy('next_at')
      .executeTakeFirst()
    return row?.next_at
  }

  /** Unless something newer has happened to the invoice meanwhile. */
  async told({ id, state }: Invoice): Promise<void> {
    await this.#db
      .deleteFrom('settlement_news')
      .where('invoice_id', '=', id)
      .where('state', '=', state)
      .execute()
  }

  /** Whatever it waited for: a restart is a new beginning. */
  async tellAgain(now: number): Promise<void> {
    await this.#db.updateTable('settlement_news').set({ attempts: 0, next_at: now }).execute()
  }

  async notTold({ invoice, attempts }: News, nextAt: number): Promise<void> {
    await this.#db
      .updateTable('settlement_news')
      .set({ attempts: attempts + 1, next_at: nextAt })
      .where('invoice_id', '=', invoice.id)
      .where('state', '=', invoice.state)
      .execute()
  }

  #chosen({ state, rolloutId, filter }: InvoicePage) {
    let query = this.#db.selectFrom('settlement_invoices')
    if (state !== undefined) query = query.where('state', '=', state)
    if (rolloutId !== undefined) query = query.where('rollout_id', '=', rolloutId)
    for (const word of filter.split(/\s+/).filter(part => part !== '')) {
      query = query.where(
        sql<boolean>`instr(lower(id || ' ' || device_id || ' ' || manager_name), ${word.toLowerCase()}) > 0`,
      )
    }
    return query
  }
}

async function addNews(
  transaction: Transaction<Schema>,
  { id, ledger, state }: Invoice,
  now: number,
): Promise<void> {
  const news = { invoice_id: id, ledger, state, attempts: 0, next_at: now }
  await transaction
    .insertInto('settlement_news')
    .values(news)
    .onConflict(conflict => conflict.column('invoice_id').doUpdateSet(news))
    .execute()
}

function invoiceRow(db: Kysely<Schema>, id: string) {
  return db.selectFrom('settlement_invoices').selectAll().where('id', '=', id).executeTakeFirst()
}

function invoiceOf(row: Selectable<InvoicesTable>): Invoice {
  return {
    id: row.id,
    ledger: row.ledger,
    rolloutId: row.rollout_id,
    deviceId: row.device_id,
    managerName: row.manager_name,
    amount: row.amount,
    currency: row.currency,
    account: row.account,
    issuedAt: row.issued_at,
    dueAt: row.due_at,
    state: row.state,
    paidAt: row.paid_at,
  }
}

function rowOf(invoice: Invoice) {
  return {
    id: invoice.id,
    ledger: invoice.ledger,
    rollout_id: invoice.rolloutId,
    device_id: invoice.deviceId,
    manager_name: invoice.managerName,
    amount: invoice.amount,
    currency: invoice.currency,
    account: invoice.account,
    issued_at: invoice.issuedAt,
    due_at: invoice.dueAt,
    state: invoice.state,
    paid_at: invoice.paidAt,
  }
}

function paymentOf(row: Selectable<PaymentsTable>): Payment {
  return {
    reference: row.reference,
    invoiceId: row.invoice_id,
    amount: row.amount,
    method: row.method,
    receivedAt: row.received_at,
  }
}
