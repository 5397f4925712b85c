import * as z from 'zod'
import { invoiceOrder } from '../../wire/settlement/messages'

const mailPayload = z.object({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  /** Of the trace: `1:S24`. */
  label: z.string(),
})

const invoicePayload = z.object({
  taskId: z.number().int(),
  ledger: z.enum(['apparatus', 'server']),
  order: invoiceOrder,
  managerEmail: z.string(),
  software: z.object({ name: z.string(), version: z.string() }),
  /** Of the notice that follows: `1:S24`. */
  label: z.string(),
})
export type InvoicePayload = z.infer<typeof invoicePayload>

/** What the outbox can do, as it is written down. */
export const outboxPayload = {
  mail: mailPayload,
  invoice: invoicePayload,
  /** S37. */
  return: z.object({ rolloutId: z.number().int() }),
}

type Payloads = { [Kind in keyof typeof outboxPayload]: z.infer<(typeof outboxPayload)[Kind]> }

/** One thing to be done exactly once; the key says which. */
export type OutboxEntry = {
  [Kind in keyof Payloads]: {
    readonly key: string
    readonly kind: Kind
    readonly payload: Payloads[Kind]
  }
}[keyof Payloads]

/** Of all mails of the carrier's server. */
export const CARRIER_MAIL_ADDRESS = 'carrier@kintsugi.example'

/** The same mail twice is one mail. The key may have characters that RFC 5322 does not allow. */
export function messageIdOf(key: string): string {
  return `<${Buffer.from(key).toString('base64url')}@kintsugi.example>`
}
