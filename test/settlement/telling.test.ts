import { expect, onTestFinished, test } from 'vitest'
import type { Invoice } from '../../src-main/contract/settlement'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import {
  carrierDouble,
  DAY_MS,
  DUE_AT,
  INVOICES,
  order,
  payment,
  PAYMENTS,
  settlementBench,
} from './settlement-bench'

const OWN = order({ id: 'R2-XYZ-987', rolloutId: 2, deviceId: 'XYZ-987' })
const OWN_PAYMENT = { ...payment({ invoiceId: OWN.id }), account: undefined }

test('a carrier that refuses or is away is told again until it takes it, others meanwhile', async () => {
  const clock = new VirtualClock()
  const carrier = await carrierDouble(clock)
  let address = 'http://127.0.0.1:1'
  const { ask, messages } = await settlementBench({ clock, carrierAddress: async () => address })
  await ask(INVOICES, { body: order() })
  await ask(PAYMENTS, { body: payment() })
  await clock.advance(500)
  carrier.status = 404
  address = carrier.address
  await clock.advance(60_000)
  expect(carrier.told).toEqual([])
  carrier.status = 204
  await ask(INVOICES, { body: order({ id: 'R1-XYZ-987', deviceId: 'XYZ-987' }) })
  await ask(PAYMENTS, { body: payment({ invoiceId: 'R1-XYZ-987', reference: 'P-2' }) })
  await clock.advance(1)
  expect(carrier.told.map(({ id }) => id)).toEqual(['R1-XYZ-987'])
  await clock.advance(3_600_000)
  expect(carrier.told.map(({ id }) => id)).toEqual(['R1-XYZ-987', 'R1-ABC-123'])
  const outcomes = messages.filter(({ type }) => type === 'settlement notice')
  expect(outcomes.slice(0, 2).map(({ outcome }) => outcome)).toEqual(['lost', 'refused'])
  const told = carrier.told.length
  await clock.advance(DAY_MS)
  expect(carrier.told).toHaveLength(told)
})

test('what the carrier was not told before the end it is told after the start, once', async () => {
  const first = await settlementBench()
  await first.ask(INVOICES, { body: order() })
  await first.ask(PAYMENTS, { body: payment() })
  await first.settlement.close()
  const carrier = await carrierDouble()
  const { settlement } = await settlementBench({
    database: first.database,
    carrierAddress: async () => carrier.address,
  })
  await settlement.start()
  await expect.poll(() => carrier.told).toMatchObject([{ id: 'R1-ABC-123', state: 'paid' }])
  await expect
    .poll(() => first.database.db.selectFrom('settlement_news').selectAll().execute())
    .toEqual([])
})

test("the carrier's own books bill and take payments without a message to the apparatus [S1-23]", async () => {
  const clock = new VirtualClock()
  const { settlement, ask, messages, refusals } = await settlementBench({ clock })
  const heard: Invoice[] = []
  const leave = settlement.ownBooks.onChanged(invoice => void heard.push(invoice))
  const { ownBooks } = settlement
  const invoice = await ownBooks.issue(OWN)
  expect(await ownBooks.issue(OWN)).toEqual(invoice)
  expect(invoice).toMatchObject({ ledger: 'server', account: '001-0000001', state: 'open' })
  const paid = await settlement.pay(OWN_PAYMENT)
  await clock.advance(1)
  expect(heard).toEqual([paid])
  expect(await settlement.account()).toMatchObject({ owner: 'carrier', balance: 500 })
  expect(messages).toEqual([])
  await expect(settlement.pay({ ...OWN_PAYMENT, reference: 'P-2' })).rejects.toMatchObject({
    code: 'PAYMENT_DOUBLE',
  })
  expect(refusals).toMatchObject([{ actor: 'carrier', code: 'PAYMENT_DOUBLE' }])
  // The apparatus knows nothing of them.
  expect(await ask(`${INVOICES}/${OWN.id}`)).toMatchObject({ status: 404 })
  const foreign = await ask(PAYMENTS, { body: payment({ invoiceId: OWN.id, reference: 'P-3' }) })
  expect(foreign).toMatchObject({ status: 404, body: { code: 'INVOICE_UNKNOWN' } })
  leave()
})

test('what is not paid in time in the own books is heard of', async () => {
  const clock = new VirtualClock()
  const { settlement } = await settlementBench({ clock })
  const heard: string[] = []
  settlement.ownBooks.onChanged(({ state }) => void heard.push(state))
  await settlement.ownBooks.issue({ ...OWN, dueAt: DUE_AT })
  await clock.advance(31 * DAY_MS)
  expect(heard).toEqual(['overdue'])
})

test('a change that nobody was done with when the process ended is heard of after the start', async () => {
  const first = await settlementBench()
  const dying = Promise.withResolvers<void>()
  onTestFinished(() => dying.resolve())
  const begun: Invoice[] = []
  first.settlement.ownBooks.onChanged(invoice => {
    begun.push(invoice)
    return dying.promise
  })
  await first.settlement.ownBooks.issue(OWN)
  const paid = await first.settlement.pay(OWN_PAYMENT)
  await expect.poll(() => begun).toEqual([paid])
  const { settlement } = await settlementBench({ database: first.database })
  await settlement.start()
  const heard: Invoice[] = []
  settlement.ownBooks.onChanged(invoice => void heard.push(invoice))
  await expect.poll(() => heard).toEqual([paid])
})

test('what waited for its next turn before the end is heard of at the start', async () => {
  const clock = new VirtualClock()
  const first = await settlementBench({ clock })
  await first.settlement.ownBooks.issue(OWN)
  await first.settlement.pay(OWN_PAYMENT)
  await first.settlement.close()
  await first.database.db
    .updateTable('settlement_news')
    .set({ attempts: 12, next_at: clock.now() + 3_600_000 })
    .execute()
  const { settlement } = await settlementBench({ clock, database: first.database })
  const heard: string[] = []
  settlement.ownBooks.onChanged(({ state }) => void heard.push(state))
  await clock.advance(0)
  expect(heard).toEqual([])
  await settlement.start()
  await clock.advance(0)
  expect(heard).toEqual(['paid'])
})

test('a listener that fails is asked again', async () => {
  const clock = new VirtualClock()
  const { settlement, defects } = await settlementBench({ clock })
  const failure = new Error('the database is full')
  let asked = 0
  settlement.ownBooks.onChanged(() => {
    asked += 1
    if (asked === 1) throw failure
  })
  await settlement.ownBooks.issue(OWN)
  await settlement.pay(OWN_PAYMENT)
  await clock.advance(2000)
  expect(asked).toBe(2)
  expect(defects).toEqual([failure])
})
