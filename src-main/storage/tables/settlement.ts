import type { Generated } from 'kysely'
import type { Invoice, Payment } from '../../contract/settlement'

export interface InvoicesTable {
  /** Rises with every invoice. */
  number: Generated<number>
  id: string
  ledger: Invoice['ledger']
  rollout_id: number
  device_id: string
  manager_name: string
  amount: number
  currency: string
  account: string
  issued_at: number
  due_at: number
  state: Invoice['state']
  paid_at: number | null
}

export interface PaymentsTable {
  /** Rises with every payment. */
  number: Generated<number>
  reference: string
  invoice_id: string
  amount: number
  currency: string
  method: Payment['method']
  received_at: number
}

/** What became of invoices and the carrier does not know yet: at most one row for each. */
export interface SettlementNewsTable {
  invoice_id: string
  ledger: Invoice['ledger']
  /** The newest one. */
  state: Invoice['state']
  attempts: number
  next_at: number
}

export interface SettlementTables {
  settlement_invoices: InvoicesTable
  settlement_payments: PaymentsTable
  settlement_news: SettlementNewsTable
}
