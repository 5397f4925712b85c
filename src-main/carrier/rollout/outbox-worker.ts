import type { Kysely } from 'kysely'
import type * as z from 'zod'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import { invoice, type Invoice } from '../../contract/settlement'
import type { AuditSink, TraceSink } from '../../observe/message'
import { askSite } from '../../site/ask-site'
import type { DefectLog } from '../../site/refusal'
import { readStored } from '../../storage/stored-json'
import type { Schema } from '../../storage/schema'
import { SETTLEMENT_MESSAGE_BYTES_MAX, SETTLEMENT_PATHS } from '../../wire/settlement/messages'
import { onInvoiced } from './completion'
import {
  CARRIER_MAIL_ADDRESS,
  type InvoicePayload,
  messageIdOf,
  outboxPayload,
} from './outbox-message'
import {
  dueOutbox,
  enterOutbox,
  leaveOutbox,
  nextOutbox,
  type OutboxRow,
  putOffOutbox,
} from './outbox-store'
import type { Returns } from './ports'
import { type RolloutStore, shownRollout } from './rollout-store'
import type { CarrierSurroundings } from './surroundings'
import { applyTo, type TaskMoved } from './task-book'

export interface OutboxWorkerParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly logDefect: DefectLog
  readonly surroundings: Pick<
    CarrierSurroundings,
    'settlementAddress' | 'settlementSecret' | 'ownBooks' | 'sendMail'
  >
  readonly returns: Returns
  readonly rollouts: RolloutStore
  readonly moved: (moved: TaskMoved) => void
}

/** Done at the same time. */
const WORKS_MAX = 8
const BACKOFF_MS = 1000
const BACKOFF_MS_MAX = 3_600_000

/**
 * Does what was written into the outbox: at least once, and what it is done to knows the same thing
 * again by its key. What fails is tried again after 1, 2, 4 … seconds, in the end every hour.
 */
export class OutboxWorker {
  readonly #parts: OutboxWorkerParts
  readonly #works = new Map<number, Promise<void>>()
  #cancelTimer = () => {}
  #run: Promise<void> | undefined
  #isAgain = false
  #isClosed = false

  constructor(parts: OutboxWorkerParts) {
    this.#parts = parts
  }

  /** Something may be there to be done. */
  wake(): void {
    if (this.#isClosed) return
    this.#isAgain = true
    this.#run ??= this.#runs()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelTimer()
    await this.#run
    await Promise.allSettled(this.#works.values())
  }

  async #runs(): Promise<void> {
    const landed = this.#parts.clock.busy()
    try {
      while (this.#isAgain && !this.#isClosed) {
        this.#isAgain = false
        await this.#pass()
      }
    } catch (error) {
      this.#parts.logDefect(error, 'carrier')
    } finally {
      this.#run = undefined
      landed()
    }
  }

  async #pass(): Promise<void> {
    const { clock, db } = this.#parts
    // One time for both looks: nothing may become due between them.
    const now = clock.now()
    const limit = WORKS_MAX - this.#works.size
    const without = [...this.#works.keys()]
    const due = limit > 0 ? await dueOutbox(db, now, { limit, without }) : []
    for (const row of due) {
      const work = this.#do(row).finally(() => {
        this.#works.delete(row.id)
        this.wake()
      })
      this.#works.set(row.id, work)
    }
    this.#cancelTimer()
    const next = await nextOutbox(db, now)
    if (next === null || this.#isClosed) return
    this.#cancelTimer = clock.after(Math.max(1, next - clock.now()), () => this.wake())
  }

  async #do(row: OutboxRow): Promise<void> {
    const { clock, db, logDefect } = this.#parts
    const landed = clock.busy()
    try {
      await this.#done(row)
    } catch (error) {
      if (this.#isClosed) return
      if (!(error instanceof CodedError)) logDefect(error, 'carrier')
      this.#tell(row, error)
      const wait = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.min(row.attempts, 20))
      await putOffOutbox(db, row.id, clock.now() + wait)
    } finally {
      landed()
    }
  }

  /** Once for each thing that does not come about, not at every attempt. */
  #tell({ key, kind, attempts }: OutboxRow, error: unknown): void {
    if (attempts > 0) return
    const why = error instanceof Error ? error.message : 'The server failed.'
    const message = `${key} is tried again later: ${why}`
    const code =
      kind === 'return' ? 'RETURN_FAILED' : kind === 'mail' ? 'MAIL_FAILED' : 'INVOICE_FAILED'
    this.#parts.audit.refuse({ actor: 'carrier', code, message })
  }

  async #done(row: OutboxRow): Promise<void> {
    switch (row.kind) {
      case 'mail':
        return this.#mail(row)
      case 'invoice':
        return this.#invoice(row)
      case 'return':
        return this.#return(row)
    }
  }

  async #mail(row: OutboxRow): Promise<void> {
    const { clock, db, surroundings, trace } = this.#parts
    const { to, subject, text, label } = payloadOf(outboxPayload.mail, row)
    const messageId = messageIdOf(row.key)
    await surroundings.sendMail({ from: CARRIER_MAIL_ADDRESS, to, subject, text, messageId })
    trace.record({
      from: 'carrier',
      to: 'manager',
      type: 'mail',
      label,
      outcome: 'sent',
      fields: { to, subject },
    })
    await leaveOutbox(db, row.id, clock.now())
  }

  async #invoice(row: OutboxRow): Promise<void> {
    const { clock, db, moved, surroundings } = this.#parts
    const payload = payloadOf(outboxPayload.invoice, row)
    const { ledger, order, taskId } = payload
    const issued =
      ledger === 'server' ? await surroundings.ownBooks.issue(order) : await this.#ordered(payload)
    const now = clock.now()
    const change = await db.transaction().execute(async changes => {
      const input = { kind: 'billed', state: issued.state } as const
      const billed = await applyTo(changes, { taskId, input, facts: { invoiceId: issued.id } }, now)
      await enterOutbox(changes, onInvoiced(payload, issued), now)
      await leaveOutbox(changes, row.id, now)
      return billed
    })
    if (change) moved(change)
  }

  async #ordered({ order }: InvoicePayload): Promise<Invoice> {
    const { clock, surroundings } = this.#parts
    const answer = await askSite(clock, {
      base: await surroundings.settlementAddress(),
      path: SETTLEMENT_PATHS.invoices,
      method: 'POST',
      body: order,
      headers: { authorization: `Bearer ${surroundings.settlementSecret}` },
    })
    if (answer.status === 200 || answer.status === 201) {
      return answer.message(invoice, SETTLEMENT_MESSAGE_BYTES_MAX)
    }
    const message = `The settlement apparatus answered ${answer.status} to the order of ${order.id}.`
    throw new CodedError('INVOICE_REFUSED', message, { status: answer.status })
  }

  async #return(row: OutboxRow): Promise<void> {
    const { clock, db, returns, rollouts } = this.#parts
    const { rolloutId } = payloadOf(outboxPayload.return, row)
    const rollout = await rollouts.rollout(rolloutId)
    if (rollout?.report) await returns.returnToVendor(shownRollout(rollout, []), rollout.report)
    await leaveOutbox(db, row.id, clock.now())
  }
}

function payloadOf<Payload>(schema: z.ZodType<Payload>, { key, payload }: OutboxRow): Payload {
  const read = readStored(schema, payload)
  if (read !== undefined) return read
  throw new CodedError('OUTBOX_UNREADABLE', `${key} in the outbox cannot be read.`, { key })
}
