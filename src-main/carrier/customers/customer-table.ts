import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { Customer, NewCustomer } from '../../contract/rollouts'
import type { EventSink } from '../../observe/events'
import type { AuditSink } from '../../observe/message'
import { tokenDigestOf } from '../../site/tokens'
import type { Schema } from '../../storage/schema'
import { audited } from '../audited'
import { flawAmong } from './customer-flaw'
import { completed } from './customer-row'
import { customerPage, type CustomerPage } from './customer-search'
import {
  conflictOf,
  CustomerStore,
  customerWithTerminal,
  enter,
  rowsOf,
  takeOut,
  withOpenTask,
} from './customer-store'

export interface CustomerTableParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly audit: AuditSink
  readonly events: EventSink
}

/** The customer information management table (spec 2.1.2, Fig.3 and Fig.9; S1-02, S1-52). */
export class CustomerTable {
  readonly #parts: CustomerTableParts
  readonly #store: CustomerStore

  constructor(parts: CustomerTableParts) {
    this.#parts = parts
    this.#store = new CustomerStore(parts.db)
  }

  /** A page, and how many rows the filter leaves in all. */
  customers(page: CustomerPage): Promise<{ total: number; rows: Customer[] }> {
    return customerPage(this.#parts.db, page)
  }

  /** Rejects with `CUSTOMER_UNKNOWN`. */
  async customer({ deviceId }: { readonly deviceId: string }): Promise<Customer> {
    const row = await this.byDevice(deviceId)
    if (row) return row
    throw unknown(deviceId)
  }

  byDevice(deviceId: string): Promise<Customer | undefined> {
    return this.#store.byDevice(deviceId)
  }

  byTerminal(terminalId: string): Promise<Customer | undefined> {
    return customerWithTerminal(this.#parts.db, terminalId)
  }

  /**
   * Enters or replaces rows, all of them or none. What a row leaves out stays as it was, or takes
   * its default. Rejects with `CUSTOMER_UNFIT`.
   */
  putCustomers({ rows: given }: { readonly rows: readonly NewCustomer[] }): Promise<{
    entered: number
    replaced: number
  }> {
    const { clock, audit } = this.#parts
    return this.#changing(() =>
      audited(audit, () =>
        this.#store.atomically(async trx => {
          const deviceIds = given.map(({ deviceId }) => deviceId)
          const before = await rowsOf(trx, deviceIds)
          const rows = given.map(row => completed(row, before.get(row.deviceId)))
          const flaw = flawAmong(rows)
          if (flaw !== undefined) throw new CodedError('CUSTOMER_UNFIT', flaw)
          const conflict = await conflictOf(trx, rows)
          if (conflict) {
            const { deviceId, value } = conflict
            const message = `${value} is that of ${deviceId} already. Change or remove that row first.`
            throw new CodedError('CUSTOMER_UNFIT', message, { deviceId, value })
          }
          await enter(trx, rows, clock.now())
          return { entered: rows.length - before.size, replaced: before.size }
        }),
      ),
    )
  }

  /** Devices that are in no row are passed over. Rejects with `CUSTOMER_BUSY`. */
  removeCustomers({ deviceIds }: { readonly deviceIds: readonly string[] }): Promise<{
    removed: number
  }> {
    return this.#changing(() =>
      audited(this.#parts.audit, () =>
        this.#store.atomically(async trx => {
          const busy = await withOpenTask(trx, deviceIds)
          if (busy === undefined) return { removed: await takeOut(trx, deviceIds) }
          const message = `${busy} is being updated. Wait for the end, or cancel the rollout first.`
          throw new CodedError('CUSTOMER_BUSY', message, { deviceId: busy })
        }),
      ),
    )
  }

  /** Null takes the right to poll away. Rejects with `CUSTOMER_UNKNOWN`. */
  setDeviceToken(given: {
    readonly deviceId: string
    readonly token: string | null
  }): Promise<void> {
    const { deviceId, token } = given
    const digest = token === null ? null : tokenDigestOf(token)
    return audited(this.#parts.audit, async () => {
      const isKnown = await this.#store.setToken(deviceId, digest, this.#parts.clock.now())
      if (!isKnown) throw unknown(deviceId)
    })
  }

  async #changing<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = await work()
    this.#parts.events.publish({ kind: 'customers-changed' })
    return result
  }
}

function unknown(deviceId: string): CodedError {
  const message = `There is no device ${deviceId} in the customer table. Enter its row first.`
  return new CodedError('CUSTOMER_UNKNOWN', message, { deviceId })
}
