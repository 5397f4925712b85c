import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { Books } from '../../src-main/settlement/books'
import { SettlementStore } from '../../src-main/settlement/store'
import { openDatabaseInMemory } from '../../src-main/storage/database'
import { DAY_MS, order, payment } from './settlement-bench'

const TABLES = ['settlement_news', 'settlement_payments', 'settlement_invoices'] as const
const DEVICES = ['A', 'B', 'C']
const device = fc.constantFrom(...DEVICES)
const ledger = fc.constantFrom('apparatus' as const, 'server' as const)

const step = fc.oneof(
  fc.record({
    kind: fc.constant('order' as const),
    device,
    ledger,
    amount: fc.constantFrom(0, 100, 200),
  }),
  fc.record({
    kind: fc.constant('pay' as const),
    device,
    ledger,
    amount: fc.constantFrom(0, 100, 200),
    reference: fc.constantFrom('P-1', 'P-2', 'P-3', 'P-4'),
    account: fc.constantFrom('001-0000001', '001-0000001', '001-0000009'),
  }),
  fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('restart' as const) }),
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Some may be done at the same time. */
const course = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 15 })

test('whatever is ordered, paid and repeated in whatever order, also across restarts, no yen is lost or taken twice [S1-20]', async () => {
  const { db, close } = await openDatabaseInMemory()
  onTestFinished(close)
  const takeCourse = async (turns: Step[][]) => {
    for (const table of TABLES) await db.deleteFrom(table).execute()
    const clock = new VirtualClock()
    const store = new SettlementStore(db)
    const open = () => {
      const opened = new Books({
        store,
        clock,
        events: { publish: () => {} },
        onNews: () => {},
        onDefect: error => {
          throw error
        },
      })
      opened.start()
      return opened
    }
    let books = open()
    const dueAt = clock.now() + 30 * DAY_MS
    const act = async (acted: Step) => {
      if (acted.kind === 'order') {
        const { device: deviceId, amount } = acted
        await books.issue(order({ id: `R1-${deviceId}`, deviceId, amount, dueAt }), acted.ledger)
      } else if (acted.kind === 'pay') {
        const { device: deviceId, reference, amount, account } = acted
        const given = payment({ invoiceId: `R1-${deviceId}`, reference, amount, account })
        await books.pay(given, acted.ledger)
      }
    }
    try {
      for (const turn of turns) {
        for (const result of await Promise.allSettled(turn.map(act))) {
          if (result.status === 'rejected') mustBeRefusal(result.reason)
        }
        for (const acted of turn) {
          if (acted.kind === 'wait') await clock.advance(acted.days * DAY_MS)
          if (acted.kind !== 'restart') continue
          await books.close()
          books = open()
        }
        await clock.advance(0)
        await expectSound(store, clock.now())
      }
    } finally {
      await books.close()
    }
  }
  const found = await fc.check(fc.asyncProperty(course, takeCourse), { numRuns: 60 })
  expect(fc.defaultReportMessage(found)).toBeUndefined()
})

async function expectSound(store: SettlementStore, now: number): Promise<void> {
  const { rows: invoices } = await store.invoices({ offset: 0, limit: 1000, filter: '' })
  const { rows: payments } = await store.payments({ offset: 0, limit: 1000 })
  const downloads = invoices.map(({ rolloutId, deviceId }) => `${rolloutId} ${deviceId}`)
  expect(new Set(downloads).size).toBe(invoices.length)
  const paid = invoices.filter(({ state }) => state === 'paid')
  const [account] = await store.balances()
  expect(account?.balance ?? 0).toBe(paid.reduce((sum, { amount }) => sum + amount, 0))
  // What is free is paid without a payment.
  const billed = paid.filter(({ amount }) => amount > 0).map(({ id }) => id)
  expect(payments.map(({ invoiceId }) => invoiceId).toSorted()).toEqual(billed.toSorted())
  expect(new Set(payments.map(({ reference }) => reference)).size).toBe(payments.length)
  const unpaid = invoices.filter(({ state }) => state !== 'paid')
  expect(unpaid.map(({ state }) => state)).toEqual(
    unpaid.map(({ dueAt }) => (dueAt <= now ? 'overdue' : 'open')),
  )
}

function mustBeRefusal(error: unknown): void {
  if (!(error instanceof CodedError)) throw error
}
