import { expect, test } from 'vitest'
import type { CustomerPage } from '../../../src-main/carrier/customers/customer-search'
import { partsBench } from '../parts-bench'
import { manyCustomers, SPECIFIED_ROWS } from './fixture'

const page: CustomerPage = { offset: 0, limit: 100, filter: '', sort: 'deviceId' }

async function table(count: number) {
  const bench = await partsBench()
  await bench.enter(...SPECIFIED_ROWS)
  const rows = manyCustomers(count)
  for (let from = 0; from < count; from += 1000) await bench.enter(...rows.slice(from, from + 1000))
  return bench.customers
}

test.each([
  ['a device number in part', 'bc-12', ['ABC-123']],
  ['a manager', 'SHINJUKU K.K.', ['XYZ-987']],
  ['an address of mail', 'kabuki', ['XYZ-987']],
  ['an IP address', '10.1.23', ['ABC-123']],
  ['all its words', 'vendor minato', ['ABC-123']],
  ['one word too many', 'vendor minato kabuki', []],
  ['what SQL takes for any text', '%', []],
  ['quotation marks', `'"--`, []],
])('a filter finds a row by %s', async (_what, filter, found) => {
  const { customers, enter } = await partsBench()
  await enter(...SPECIFIED_ROWS)
  const { total, rows } = await customers.customers({ ...page, filter })
  expect(rows.map(({ deviceId }) => deviceId)).toEqual(found)
  expect(total).toBe(found.length)
})

test('pages of a sorted and filtered table have each row once', async () => {
  const customers = await table(6000)
  for (const filter of ['港区', 'dev-5', '']) {
    for (const sort of ['deviceId', 'vendorName', 'managerName', 'deviceType'] as const) {
      const { total } = await customers.customers({ ...page, filter, sort })
      const seen = new Set<string>()
      const keys: string[] = []
      for (let offset = 0; offset < total; offset += 1000) {
        const asked = { ...page, filter, sort, offset, limit: 1000 }
        const { rows } = await customers.customers(asked)
        for (const row of rows) {
          seen.add(row.deviceId)
          keys.push(row[sort] ?? '')
        }
      }
      expect(seen.size).toBe(total)
      expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : Number(a > b))))
    }
  }
})
