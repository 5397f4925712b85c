import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Invoices and payments, of the settlement apparatus and of the carrier's own books. */
export const settlementTables: Migration = {
  async up(db) {
    await db.schema
      .createTable('settlement_invoices')
      .addColumn('number', 'integer', column => column.primaryKey().autoIncrement())
      .addColumn('id', 'text', column => column.notNull().unique())
      .addColumn('ledger', 'text', column => column.notNull())
      .addColumn('rollout_id', 'integer', column => column.notNull())
      .addColumn('device_id', 'text', column => column.notNull())
      .addColumn('manager_name', 'text', column => column.notNull())
      .addColumn('amount', 'integer', column => column.notNull())
      .addColumn('currency', 'text', column => column.notNull())
      .addColumn('account', 'text', column => column.notNull())
      .addColumn('issued_at', 'real', column => column.notNull())
      .addColumn('due_at', 'real', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('paid_at', 'real')
      .addUniqueConstraint('settlement_invoices_download', ['rollout_id', 'device_id'])
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createIndex('settlement_invoices_due')
      .on('settlement_invoices')
      .columns(['state', 'due_at'])
      .execute()
    // Together with the number of the row, which orders the pages of one of them.
    for (const column of ['state', 'rollout_id']) {
      await db.schema
        .createIndex(`settlement_invoices_${column}`)
        .on('settlement_invoices')
        .column(column)
        .execute()
    }
    await db.schema
      .createTable('settlement_payments')
      .addColumn('number', 'integer', column => column.primaryKey().autoIncrement())
      .addColumn('reference', 'text', column => column.notNull().unique())
      .addColumn('invoice_id', 'text', column =>
        column.notNull().unique().references('settlement_invoices.id'),
      )
      .addColumn('amount', 'integer', column => column.notNull())
      .addColumn('currency', 'text', column => column.notNull())
      .addColumn('method', 'text', column => column.notNull())
      .addColumn('received_at', 'real', column => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createIndex('settlement_payments_balance')
      .on('settlement_payments')
      .columns(['currency', 'amount'])
      .execute()
    await db.schema
      .createTable('settlement_news')
      .addColumn('invoice_id', 'text', column =>
        column.primaryKey().notNull().references('settlement_invoices.id'),
      )
      .addColumn('ledger', 'text', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('attempts', 'integer', column => column.notNull())
      .addColumn('next_at', 'real', column => column.notNull())
      .modifyEnd(sql`strict`)
      .execute()
    await db.schema
      .createIndex('settlement_news_next')
      .on('settlement_news')
      .columns(['ledger', 'next_at'])
      .execute()
  },
}
