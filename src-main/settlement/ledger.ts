import { CodedError } from '../base/coded-error'
import type { Invoice, Payment } from '../contract/settlement'
import type { InvoiceOrder, PaymentOrder } from '../wire/settlement/messages'

// What the books say to an order or a payment. Pure: the store keeps what is decided here.

/** The account of the operator of the software management server (S1-21). */
export const CARRIER_ACCOUNT = { number: '001-0000001', owner: 'carrier', currency: 'JPY' } as const

type Ledger = Invoice['ledger']

/** A new invoice. Where there is nothing to pay, it is paid. */
export function issued(order: InvoiceOrder, ledger: Ledger, now: number): Invoice {
  const isFree = order.amount === 0
  return {
    ...order,
    ledger,
    account: CARRIER_ACCOUNT.number,
    issuedAt: now,
    state: isFree ? 'paid' : 'open',
    paidAt: isFree ? now : null,
  }
}

/**
 * The same order again changes nothing. Throws `INVOICE_DIFFERS` where the invoice that there is,
 * of the same ID or for the same download, says something else.
 */
export function mustBeSameOrder(known: Invoice, order: InvoiceOrder, ledger: Ledger): void {
  const same =
    known.ledger === ledger &&
    known.id === order.id &&
    known.rolloutId === order.rolloutId &&
    known.deviceId === order.deviceId &&
    known.managerName === order.managerName &&
    known.amount === order.amount &&
    known.currency === order.currency &&
    known.dueAt === order.dueAt
  if (same) return
  const message = `Invoice ${known.id} bills ${known.deviceId} for rollout ${known.rolloutId} otherwise: ${known.amount} ${known.currency}. A download has one invoice, which never changes.`
  throw new CodedError('INVOICE_DIFFERS', message, { invoice: known.id })
}

interface PaymentCase {
  readonly order: PaymentOrder
  readonly ledger: Ledger
  readonly invoice: Invoice | undefined
  /** The payment that has the same reference. */
  readonly known: Payment | undefined
  readonly now: number
}

interface PaymentDecision {
  readonly invoice: Invoice
  /** Undefined: it was taken before. */
  readonly payment: Payment | undefined
}

/**
 * Takes a payment, also of what is overdue. Throws `INVOICE_UNKNOWN`, `PAYMENT_DOUBLE` or
 * `PAYMENT_UNFIT`.
 */
export function paid({ order, ledger, invoice, known, now }: PaymentCase): PaymentDecision {
  const { account, ...given } = order
  if (invoice?.ledger !== ledger) throw unknownInvoice(order.invoiceId)
  if (known) {
    if (isSamePayment(known, order) && account === invoice.account) {
      return { invoice, payment: undefined }
    }
    const message = `Reference ${order.reference} was used for a payment of ${known.amount} for invoice ${known.invoiceId}. Give every payment its own.`
    throw new CodedError('PAYMENT_DOUBLE', message, { invoice: invoice.id })
  }
  if (invoice.state === 'paid') {
    const message = `Invoice ${invoice.id} is paid. Nothing was taken.`
    throw new CodedError('PAYMENT_DOUBLE', message, { invoice: invoice.id })
  }
  if (order.amount !== invoice.amount || account !== invoice.account) {
    const message = `Invoice ${invoice.id} asks for ${invoice.amount} ${invoice.currency} to account ${invoice.account}, not for ${order.amount} to ${account}. Nothing was taken.`
    throw new CodedError('PAYMENT_UNFIT', message, { invoice: invoice.id })
  }
  const settled = { ...invoice, state: 'paid', paidAt: now } as const
  return { invoice: settled, payment: { ...given, receivedAt: now } }
}

export function unknownInvoice(id: string): CodedError {
  const message = `There is no invoice ${id} in these books.`
  return new CodedError('INVOICE_UNKNOWN', message, { invoice: id })
}

function isSamePayment(known: Payment, order: PaymentOrder): boolean {
  return (
    known.invoiceId === order.invoiceId &&
    known.amount === order.amount &&
    known.method === order.method
  )
}
