import { expect, test } from 'vitest'
import { noticeMail, priceOf } from '../../../src-main/carrier/rollout/notice-mail'

const download = { deviceId: 'ABC-123', software: { name: 'router-os', version: '2.0.0' } }

test('the notice names account, price, and the instant until which it is to be paid', () => {
  const invoice = {
    id: 'R1-ABC-123',
    amount: 500,
    currency: 'JPY',
    account: '001-0000001',
    dueAt: Date.UTC(2026, 1, 3, 18, 30),
  }
  const { text } = noticeMail({ ...download, invoice })
  for (const line of ['Account: 001-0000001', 'Price: 500 JPY', 'Due: 2026-02-03 18:30 UTC']) {
    expect(text.split('\n')).toContain(line)
  }
  expect(text).toContain('支払期限: 2026-02-03 18:30 UTC')
  expect(noticeMail({ ...download, invoice: null }).text).not.toContain('Account')
})

test.each([
  [1500, 'JPY', '1500 JPY'],
  [1500, 'USD', '15.00 USD'],
  [5, 'USD', '0.05 USD'],
])('%d in the smallest unit of %s is written as %s', (amount, currency, written) => {
  expect(priceOf(amount, currency)).toBe(written)
})
