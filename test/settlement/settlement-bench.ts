import { onTestFinished } from 'vitest'
import type { Clock } from '../../src-main/base/clock'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import type { AuditSink, Message } from '../../src-main/observe/message'
import { realClock } from '../../src-main/observe/real-clock'
import { SettlementService } from '../../src-main/settlement/service'
import { askSite } from '../../src-main/site/ask-site'
import { messageIn } from '../../src-main/site/message-in'
import { startSite } from '../../src-main/site/start-site'
import { openDatabaseInMemory, type OpenDatabase } from '../../src-main/storage/database'
import {
  CARRIER_SETTLEMENT_PATH,
  type InvoiceOrder,
  type PaymentOrder,
  SETTLEMENT_PATHS,
  settlementNotice,
  type SettlementNotice,
} from '../../src-main/wire/settlement/messages'

export const SECRET = 'a-secret-of-the-carrier'
export const DAY_MS = 86_400_000
/** Thirty days after virtual time begins. */
export const DUE_AT = Date.UTC(2026, 0, 5) + 30 * DAY_MS
const FAR_OFF = Date.UTC(2100, 0, 1)

/** The carrier's server as far as the apparatus knows it. */
export interface CarrierDouble {
  readonly address: string
  readonly told: SettlementNotice[]
  /** What it answers from now on. */
  status: number
}

export interface SettlementBench {
  readonly settlement: SettlementService
  readonly database: OpenDatabase
  readonly events: WorkbenchEvent[]
  readonly messages: Message[]
  readonly refusals: Parameters<AuditSink['refuse']>[0][]
  readonly defects: unknown[]
  /** Asks the apparatus over HTTP. */
  readonly ask: (path: string, options?: AskOptions) => Promise<Answer>
}

interface AskOptions {
  readonly body?: unknown
  /** Null: none. */
  readonly secret?: string | null
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

interface BenchOptions {
  readonly clock?: Clock
  readonly database?: OpenDatabase
  readonly carrierAddress?: () => Promise<string>
}

/** An apparatus on a database of its own, or on that of one before it; closed after the test. */
export async function settlementBench(options: BenchOptions = {}): Promise<SettlementBench> {
  const { clock = realClock, carrierAddress = async () => 'http://127.0.0.1:1' } = options
  const database = options.database ?? (await openDatabaseInMemory())
  if (!options.database) onTestFinished(database.close)
  const events: WorkbenchEvent[] = []
  const messages: Message[] = []
  const refusals: SettlementBench['refusals'] = []
  const defects: unknown[] = []
  const settlement = new SettlementService({
    db: database.db,
    clock,
    trace: { record: message => messages.push(message) },
    audit: { refuse: refusal => refusals.push(refusal) },
    events: { publish: event => events.push(event) },
    logDefect: error => defects.push(error),
    carrierAddress,
    secret: SECRET,
  })
  onTestFinished(() => settlement.close())
  const ask = async (path: string, { body, secret = SECRET }: AskOptions = {}) => {
    const answer = await askSite(clock, {
      base: (await settlement.server()).address,
      method: body === undefined ? 'GET' : 'POST',
      path,
      headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
      ...(body === undefined ? {} : { body }),
    })
    const text = Buffer.from(await answer.bytes(64 * 1024)).toString()
    return { status: answer.status, body: JSON.parse(text) as unknown }
  }
  return { settlement, database, events, messages, refusals, defects, ask }
}

/** A carrier that takes what it is told. */
export async function carrierDouble(clock: Clock = realClock): Promise<CarrierDouble> {
  const told: SettlementNotice[] = []
  const double = { address: '', told, status: 204 }
  const site = await startSite({
    actor: 'carrier',
    statusOfCode: {},
    audit: { refuse: () => {} },
    clock,
    logDefect: error => {
      throw error
    },
    port: 0,
    mount: routes =>
      routes.post(CARRIER_SETTLEMENT_PATH, async ({ req }) => {
        const { status } = double
        if (req.header('authorization') !== `Bearer ${SECRET}`)
          return new Response(null, { status: 403 })
        if (status === 204) told.push(await messageIn(req.raw, settlementNotice, 16 * 1024))
        return new Response(null, { status })
      }),
  })
  onTestFinished(() => site.close())
  double.address = site.address
  return double
}

export function order(change: Partial<InvoiceOrder> = {}): InvoiceOrder {
  return {
    id: 'R1-ABC-123',
    rolloutId: 1,
    deviceId: 'ABC-123',
    managerName: 'Minato-ku K.K.',
    amount: 500,
    currency: 'JPY',
    dueAt: FAR_OFF,
    ...change,
  }
}

export function payment(change: Partial<PaymentOrder> = {}): PaymentOrder {
  return {
    reference: 'P-1',
    invoiceId: 'R1-ABC-123',
    amount: 500,
    method: 'electronic-money',
    account: '001-0000001',
    ...change,
  }
}

export const INVOICES = SETTLEMENT_PATHS.invoices
export const PAYMENTS = SETTLEMENT_PATHS.payments
