import * as z from 'zod'
import { invoice, payment } from '../../contract/settlement'

/**
 * What the carrier, payers and the settlement apparatus say to each other, as JSON over HTTP
 * (spec 2.1.2; docs/formats/settlement.md). The apparatus:
 *
 *     POST /v1/invoices     Authorization: Bearer SECRET, invoiceOrder -> 201 invoice; the same again -> 200
 *     POST /v1/payments     paymentOrder -> 201 invoice
 *     GET  /v1/invoices/ID  Authorization: Bearer SECRET -> invoice
 *
 * Who is refused gets `settlementRefusal`.
 *
 * The carrier, which is told what became of an invoice:
 *
 *     POST /v1/settlements  Authorization: Bearer SECRET, settlementNotice -> 204
 */
export const SETTLEMENT_PATHS = {
  invoices: '/v1/invoices',
  invoice: (id: string) => `/v1/invoices/${id}`,
  payments: '/v1/payments',
} as const

export const CARRIER_SETTLEMENT_PATH = '/v1/settlements'

export const SETTLEMENT_MESSAGE_BYTES_MAX = 16 * 1024

export const invoiceOrder = invoice.pick({
  id: true,
  rolloutId: true,
  deviceId: true,
  managerName: true,
  amount: true,
  currency: true,
  dueAt: true,
})
export type InvoiceOrder = z.infer<typeof invoiceOrder>

/** Exactly the amount of the invoice, into the account that it names. */
export const paymentOrder = payment
  .omit({ receivedAt: true })
  .extend({ account: invoice.shape.account })
export type PaymentOrder = z.infer<typeof paymentOrder>

export const settlementNotice = invoice.pick({ id: true, state: true, paidAt: true })
export type SettlementNotice = z.infer<typeof settlementNotice>

export const settlementRefusal = z.object({
  code: z.string().max(64),
  message: z.string().max(1000),
})
