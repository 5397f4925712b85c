import { expect, test } from 'vitest'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { ask as askRaw } from '../http/raw-request'
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

test('the apparatus on the network makes the invoice that the carrier orders [S1-22]', async () => {
  const { ask, settlement, events, messages } = await settlementBench()
  const { status, body } = await ask(INVOICES, { body: order() })
  expect(status).toBe(201)
  expect(body).toMatchObject({
    ...order(),
    ledger: 'apparatus',
    account: '001-0000001',
    state: 'open',
    paidAt: null,
  })
  const { rows } = await settlement.invoices({ offset: 0, limit: 10, filter: '' })
  expect(rows).toEqual([body])
  expect(events).toEqual([{ kind: 'invoice-changed', invoice: body }])
  expect(messages).toMatchObject([
    { from: 'carrier', to: 'settlement', type: 'invoice order', outcome: 'sent' },
    { from: 'settlement', to: 'carrier', type: 'invoice', outcome: 'answered' },
  ])
  expect(await ask(`${INVOICES}/R1-ABC-123`)).toEqual({ status: 200, body })
})

test('the same order again gives the same invoice, and another one of its kind is refused', async () => {
  const { ask, settlement, refusals } = await settlementBench()
  const first = await ask(INVOICES, { body: order() })
  expect(await ask(INVOICES, { body: order() })).toEqual({ status: 200, body: first.body })
  const others = [
    { amount: 501 },
    { currency: 'USD' },
    { dueAt: order().dueAt + 1 },
    { managerName: 'Somebody' },
    { deviceId: 'XYZ-987' },
    { rolloutId: 2 },
    // A second bill for the same download.
    { id: 'R1-ABC-123-again' },
  ]
  for (const change of others) {
    const answer = await ask(INVOICES, { body: order(change) })
    expect(answer).toMatchObject({ status: 409, body: { code: 'INVOICE_DIFFERS' } })
  }
  expect(refusals.map(({ code }) => code)).toEqual(others.map(() => 'INVOICE_DIFFERS'))
  const { total } = await settlement.invoices({ offset: 0, limit: 10, filter: '' })
  expect(total).toBe(1)
})

test('a payment into the notified account makes the invoice paid and is credited to the carrier [S1-20] [S1-21]', async () => {
  const carrier = await carrierDouble()
  const { ask, settlement, events, messages } = await settlementBench({
    carrierAddress: async () => carrier.address,
  })
  await ask(INVOICES, { body: order() })
  const paid = await settlement.pay({
    invoiceId: 'R1-ABC-123',
    amount: 500,
    method: 'electronic-money',
    reference: 'P-1',
  })
  expect(paid).toMatchObject({ state: 'paid', paidAt: expect.any(Number) })
  expect(await settlement.account()).toEqual({
    number: '001-0000001',
    owner: 'carrier',
    currency: 'JPY',
    balance: 500,
    otherBalances: [],
    invoices: { open: 0, paid: 1, overdue: 0 },
  })
  expect(await settlement.payments({ offset: 0, limit: 10 })).toMatchObject({
    total: 1,
    rows: [{ reference: 'P-1', invoiceId: 'R1-ABC-123', amount: 500 }],
  })
  await expect
    .poll(() => carrier.told)
    .toEqual([{ id: 'R1-ABC-123', state: 'paid', paidAt: paid.paidAt }])
  expect(events.at(-1)).toEqual({ kind: 'invoice-changed', invoice: paid })
  const shown = messages.map(({ from, to, type, outcome }) => `${from} ${to} ${type} ${outcome}`)
  await expect.poll(() => messages.length).toBe(5)
  expect(shown.slice(2, 4)).toEqual([
    'manager settlement payment sent',
    'settlement manager invoice answered',
  ])
})

test.each([
  ['too little', { amount: 499 }, 422, 'PAYMENT_UNFIT'],
  ['too much', { amount: 501 }, 422, 'PAYMENT_UNFIT'],
  ['to another account', { account: '001-0000002' }, 422, 'PAYMENT_UNFIT'],
  ['for no invoice', { invoiceId: 'R1-XYZ-987' }, 404, 'INVOICE_UNKNOWN'],
  ['half a yen', { amount: 0.5 }, 400, 'BAD_REQUEST'],
  ['a negative sum', { amount: -500 }, 400, 'BAD_REQUEST'],
  ['in kind', { method: 'rice' }, 400, 'BAD_REQUEST'],
  ['without a reference', { reference: '' }, 400, 'BAD_REQUEST'],
  ['with a reference too long', { reference: 'P'.repeat(65) }, 400, 'BAD_REQUEST'],
])('a payment %s is refused and changes nothing', async (_what, change, status, code) => {
  const { ask, settlement, refusals } = await settlementBench()
  await ask(INVOICES, { body: order() })
  const answer = await ask(PAYMENTS, { body: { ...payment(), ...change }, secret: null })
  expect(answer).toMatchObject({ status, body: { code } })
  expect(refusals).toMatchObject([{ actor: 'settlement', code }])
  const { balance, invoices } = await settlement.account()
  expect({ balance, invoices }).toEqual({ balance: 0, invoices: { open: 1, paid: 0, overdue: 0 } })
})

test('the same payment again is the same one; another for what is paid is refused and noted', async () => {
  const { ask, settlement, refusals } = await settlementBench()
  await ask(INVOICES, { body: order() })
  await ask(INVOICES, { body: order({ id: 'R1-XYZ-987', deviceId: 'XYZ-987' }) })
  const first = await ask(PAYMENTS, { body: payment(), secret: null })
  expect(first.status).toBe(201)
  expect(await ask(PAYMENTS, { body: payment(), secret: null })).toEqual({ ...first, status: 200 })
  for (const second of [
    payment({ reference: 'P-2' }),
    payment({ method: 'card' }),
    payment({ account: '001-0000002' }),
    payment({ invoiceId: 'R1-XYZ-987' }),
  ]) {
    const answer = await ask(PAYMENTS, { body: second, secret: null })
    expect(answer).toMatchObject({ status: 409, body: { code: 'PAYMENT_DOUBLE' } })
  }
  expect(refusals.map(({ code }) => code)).toEqual(Array(4).fill('PAYMENT_DOUBLE'))
  expect((await settlement.account()).balance).toBe(500)
  const refused = settlement.pay({
    invoiceId: 'R1-ABC-123',
    amount: 500,
    method: 'card',
    reference: 'P-9',
  })
  await expect(refused).rejects.toMatchObject({ code: 'PAYMENT_DOUBLE' })
})

test('an invoice that is unpaid when it is due becomes overdue, and a late payment still pays it [S1-62]', async () => {
  const clock = new VirtualClock()
  const carrier = await carrierDouble(clock)
  const { ask, settlement } = await settlementBench({
    clock,
    carrierAddress: async () => carrier.address,
  })
  await ask(INVOICES, { body: order({ dueAt: DUE_AT }) })
  await ask(INVOICES, {
    body: order({ id: 'R1-XYZ-987', deviceId: 'XYZ-987', amount: 700, dueAt: DUE_AT }),
  })
  await ask(PAYMENTS, { body: payment({ invoiceId: 'R1-XYZ-987', amount: 700 }) })
  await clock.advance(30 * DAY_MS - 1)
  expect((await settlement.account()).invoices).toEqual({ open: 1, paid: 1, overdue: 0 })
  await clock.advance(1)
  expect((await settlement.account()).invoices).toEqual({ open: 0, paid: 1, overdue: 1 })
  await clock.advance(5 * DAY_MS)
  await ask(PAYMENTS, { body: payment({ reference: 'P-late' }) })
  await clock.advance(1)
  expect((await settlement.account()).balance).toBe(1200)
  expect(carrier.told).toMatchObject([
    { id: 'R1-XYZ-987', state: 'paid' },
    { id: 'R1-ABC-123', state: 'overdue', paidAt: null },
    { id: 'R1-ABC-123', state: 'paid', paidAt: clock.now() - 1 },
  ])
})

test('what fell due while nothing ran is overdue after the start', async () => {
  const clock = new VirtualClock()
  const first = await settlementBench({ clock })
  for (let number = 0; number < 450; number++) {
    const deviceId = `D-${number}`
    await first.settlement.ownBooks.issue(order({ id: `R1-${deviceId}`, deviceId, dueAt: DUE_AT }))
  }
  await first.settlement.close()
  const later = new VirtualClock(clock.now() + 31 * DAY_MS)
  const { settlement } = await settlementBench({ clock: later, database: first.database })
  await settlement.start()
  await later.advance(0)
  expect((await settlement.account()).invoices).toEqual({ open: 0, paid: 0, overdue: 450 })
})

test('where there is nothing to pay, the invoice is paid when it is made', async () => {
  const carrier = await carrierDouble()
  const { ask } = await settlementBench({ carrierAddress: async () => carrier.address })
  const { body } = await ask(INVOICES, { body: order({ amount: 0 }) })
  expect(body).toMatchObject({ state: 'paid', amount: 0 })
  await expect.poll(() => carrier.told).toMatchObject([{ state: 'paid' }])
})

test('only the carrier orders and reads invoices', async () => {
  const { ask, refusals } = await settlementBench()
  await ask(INVOICES, { body: order() })
  const without = await ask(INVOICES, { body: order(), secret: null })
  const wrong = await ask(INVOICES, { body: order(), secret: 'a-guess' })
  const reading = await ask(`${INVOICES}/R1-ABC-123`, { secret: null })
  expect([without.status, wrong.status, reading.status]).toEqual([401, 403, 401])
  expect(refusals.map(({ code }) => code)).toEqual([
    'TOKEN_REQUIRED',
    'TOKEN_WRONG',
    'TOKEN_REQUIRED',
  ])
  const unknown = await ask(`${INVOICES}/${encodeURIComponent('../x')}`)
  expect(unknown).toMatchObject({ status: 404, body: { code: 'INVOICE_UNKNOWN' } })
})

test.each<[what: string, path: string, body: string, status: number]>([
  ['no JSON', INVOICES, '{', 400],
  ['a list', PAYMENTS, '[]', 400],
  ['more than a message may have', INVOICES, JSON.stringify({ x: 'y'.repeat(20_000) }), 413],
  ['more money than numbers', INVOICES, JSON.stringify(order({ amount: 1e300 })), 400],
  ['nothing', PAYMENTS, '', 400],
])('%s is refused', async (_what, path, body, status) => {
  const { settlement, defects } = await settlementBench()
  const { address } = await settlement.server()
  const answer = await fetch(address + path, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer a-secret-of-the-carrier',
    },
  })
  expect(answer.status).toBe(status)
  expect(defects).toEqual([])
})

test('a web page cannot pay', async () => {
  const { settlement } = await settlementBench()
  const port = Number(new URL((await settlement.server()).address).port)
  const answer = await askRaw({
    port,
    path: PAYMENTS,
    method: 'POST',
    headers: {
      host: `127.0.0.1:${port}`,
      origin: 'http://evil.example',
      'content-type': 'application/json',
    },
    body: JSON.stringify(payment()),
  })
  expect(answer.status).toBe(403)
})
