import * as z from 'zod'
import { call, errorCodes, instant, queryNumber } from './procedure'

const count = z.number().int().nonnegative()
const word = z.string().min(1).max(64)
/** Names a download: `R1-ABC-123`. */
const invoiceId = z.string().min(1).max(96)
/** `001-0000001` */
const accountNumber = word

export const settlementErrors = errorCodes({
  INVOICE_UNKNOWN: [404, 'No such invoice.'],
  PAYMENT_UNFIT: [422, 'The payment does not fit its invoice.'],
  PAYMENT_DOUBLE: [409, 'The invoice is paid, or the payment was taken before.'],
})

/** A bill for one download (spec 2.1.2; S1-18 to S1-23, S1-62). */
export const invoice = z.object({
  id: invoiceId,
  /** Whose books it is in: the settlement apparatus, or the carrier's own (S1-23). */
  ledger: z.enum(['apparatus', 'server']),
  rolloutId: z.number().int().positive(),
  deviceId: z.string(),
  managerName: z.string(),
  /** In the smallest unit of the currency. */
  amount: count,
  currency: z.string(),
  /** To be paid into: the carrier's. */
  account: accountNumber,
  issuedAt: instant,
  dueAt: instant,
  state: z.enum(['open', 'paid', 'overdue']),
  paidAt: instant.nullable(),
})
export type Invoice = z.infer<typeof invoice>

export const payment = z.object({
  /** Of the payer's: the same reference is the same payment. */
  reference: word,
  invoiceId,
  amount: count,
  method: z.enum(['electronic-money', 'bank-transfer', 'card']),
  receivedAt: instant,
})
export type Payment = z.infer<typeof payment>

const page = z.object({
  offset: queryNumber(count).default(0),
  limit: queryNumber(z.number().int().min(1).max(1000)).default(100),
})

export const settlement = {
  // Queries
  server: call
    .route({ method: 'GET', path: '/settlement/server', summary: 'Where the apparatus listens' })
    .output(z.object({ address: z.string() })),
  account: call
    .route({ method: 'GET', path: '/settlement/account', summary: "The carrier's account" })
    .output(
      z.object({
        number: accountNumber,
        owner: z.string(),
        currency: z.string(),
        /** Of all payments in this currency, in its smallest unit. */
        balance: count,
        /** Of payments in other currencies. */
        otherBalances: z.array(z.object({ currency: z.string(), balance: count })),
        invoices: z.object({ open: count, paid: count, overdue: count }),
      }),
    ),
  invoices: call
    .route({ method: 'GET', path: '/settlement/invoices', summary: 'Invoices, newest first' })
    .input(
      page.extend({
        state: invoice.shape.state.optional(),
        rolloutId: queryNumber(z.number().int().positive()).optional(),
        filter: z.string().max(128).default(''),
      }),
    )
    .output(z.object({ total: count, rows: z.array(invoice) })),
  payments: call
    .route({ method: 'GET', path: '/settlement/payments', summary: 'Payments, newest first' })
    .input(page)
    .output(z.object({ total: count, rows: z.array(payment) })),
  // Commands
  pay: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/settlement/payments',
      summary: 'Pays an invoice, as the manager of a device does',
    })
    .input(
      z.object({
        invoiceId,
        amount: count,
        method: payment.shape.method.default('electronic-money'),
        reference: word,
        /** Paid into; left out: the one that the invoice names. */
        account: accountNumber.optional(),
      }),
    )
    .errors(settlementErrors)
    .output(invoice),
}
