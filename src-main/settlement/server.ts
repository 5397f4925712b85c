import { hash, timingSafeEqual } from 'node:crypto'
import type { Hono } from 'hono'
import { CodedError } from '../base/coded-error'
import type { Invoice } from '../contract/settlement'
import type { TraceSink } from '../observe/message'
import { messageIn } from '../site/message-in'
import { type RunningSite, type SiteEnv, type SiteOptions, startSite } from '../site/start-site'
import {
  invoiceOrder,
  paymentOrder,
  SETTLEMENT_MESSAGE_BYTES_MAX,
  SETTLEMENT_PATHS,
} from '../wire/settlement/messages'
import type { Books } from './books'
import { unknownInvoice } from './ledger'
import { traceSettlement } from './settlement-trace'
import type { Entry, SettlementStore } from './store'

export interface SettlementServerOptions extends Pick<
  SiteOptions,
  'audit' | 'clock' | 'logDefect'
> {
  readonly books: Books
  readonly store: SettlementStore
  readonly trace: TraceSink
  /** Who knows it is the carrier. */
  readonly secret: string
}

const STATUS_OF_CODE = {
  INVOICE_UNKNOWN: 404,
  INVOICE_DIFFERS: 409,
  PAYMENT_DOUBLE: 409,
  PAYMENT_UNFIT: 422,
}

/** The settlement apparatus on 127.0.0.1 (docs/formats/settlement.md). */
export function startSettlementServer(options: SettlementServerOptions): Promise<RunningSite> {
  const { audit, clock, logDefect } = options
  return startSite({
    actor: 'settlement',
    statusOfCode: STATUS_OF_CODE,
    port: 0,
    audit,
    clock,
    logDefect,
    mount: site => mountSettlement(site, options),
  })
}

function mountSettlement(site: Hono<SiteEnv>, options: SettlementServerOptions): void {
  const { books, secret, store } = options
  const bytesMax = SETTLEMENT_MESSAGE_BYTES_MAX
  site.post(SETTLEMENT_PATHS.invoices, async ({ req }) => {
    mustBeCarrier(req.raw, secret)
    const order = await messageIn(req.raw, invoiceOrder, bytesMax)
    const fields = { invoice: order.id, amount: order.amount, currency: order.currency }
    const exchange = { from: 'carrier', type: 'invoice order', asked: order, fields } as const
    return answered(options, exchange, () => books.issue(order, 'apparatus'))
  })
  site.post(SETTLEMENT_PATHS.payments, async ({ req }) => {
    const order = await messageIn(req.raw, paymentOrder, bytesMax)
    const { invoiceId: invoice, amount, account, method, reference } = order
    const fields = { invoice, amount, account, method, reference }
    const exchange = { from: 'manager', type: 'payment', asked: order, fields } as const
    return answered(options, exchange, () => books.pay(order, 'apparatus'))
  })
  site.get(SETTLEMENT_PATHS.invoice(':id'), async ({ req }) => {
    mustBeCarrier(req.raw, secret)
    const id = (req.param('id') ?? '').slice(0, 100)
    const invoice = await store.invoice(id)
    if (invoice?.ledger !== 'apparatus') throw unknownInvoice(id)
    return Response.json(invoice)
  })
}

interface Exchange {
  readonly from: 'carrier' | 'manager'
  readonly type: string
  readonly asked: unknown
  readonly fields: Readonly<Record<string, string | number>>
}

/** What is asked and what comes of it, both in the trace. */
async function answered(
  { trace }: SettlementServerOptions,
  { from, type, asked, fields }: Exchange,
  work: () => Promise<Entry>,
): Promise<Response> {
  const [apparatus, sent] = ['settlement', 'sent'] as const
  traceSettlement(trace, { from, to: apparatus, type, fields, payload: asked, outcome: sent })
  try {
    const { invoice, isNew } = await work()
    const told = { from: apparatus, to: from, type: 'invoice', payload: invoice } as const
    traceSettlement(trace, { ...told, fields: shownFields(invoice), outcome: 'answered' })
    return Response.json(invoice, { status: isNew ? 201 : 200 })
  } catch (error) {
    if (error instanceof CodedError) {
      const { code, message } = error
      const told = {
        from: apparatus,
        to: from,
        type: 'refusal',
        payload: { code, message },
      } as const
      traceSettlement(trace, { ...told, fields: { code }, outcome: 'refused' })
    }
    throw error
  }
}

function shownFields({ id, state, amount, currency, account }: Invoice) {
  return { invoice: id, state, amount, currency, account }
}

function mustBeCarrier({ headers }: Request, secret: string): void {
  const value = headers.get('authorization') ?? ''
  const given = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(value)?.[1]
  if (given === undefined) {
    throw new CodedError('TOKEN_REQUIRED', 'The carrier says with its secret who it is.')
  }
  const [a, b] = [given, secret].map(text => Buffer.from(hash('sha256', text, 'hex')))
  if (a && b && timingSafeEqual(a, b)) return
  throw new CodedError('TOKEN_WRONG', "This is not the carrier's secret.")
}
