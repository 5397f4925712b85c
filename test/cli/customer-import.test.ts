import { expect, test } from 'vitest'
import { CodedError } from '../../src-main/base/coded-error'
import { enterCustomers, utf8In } from '../../src-main/cli/customer-import'
import type { NewCustomer } from '../../src-main/contract/rollouts'
import { MINATO } from '../carrier/customers/fixture'

type Call = { readonly rows: NewCustomer[] }

/** A workbench that takes rows until one of them is of no use to it. */
function carrierDouble() {
  const calls: Call[] = []
  const putCustomers = async ({ rows }: Call) => {
    if (rows.some(({ timeZone }) => timeZone === 'Mars')) {
      throw new CodedError('CUSTOMER_UNFIT', 'Row 1 (D-600): "Mars" is no time zone.')
    }
    calls.push({ rows })
    return { entered: rows.length - 1, replaced: 1 }
  }
  return { calls, putCustomers }
}

function rowsOf(count: number, change: Partial<NewCustomer> = {}): NewCustomer[] {
  return Array.from({ length: count }, (_, index) => ({
    ...MINATO,
    deviceId: `D-${index}`,
    ...change,
  }))
}

test('rows go in as many calls as they need, none of them larger than a call may be', async () => {
  const extra = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`column-${index}`, '港'.repeat(100)]),
  )
  const carrier = carrierDouble()
  const rows = [...rowsOf(700), ...rowsOf(300, { extra })]
  const counts = await enterCustomers(carrier, rows)
  expect(carrier.calls.flatMap(call => call.rows)).toEqual(rows)
  expect(counts.entered + counts.replaced).toBe(1000)
  for (const call of carrier.calls) {
    expect(call.rows.length).toBeLessThanOrEqual(500)
    expect(Buffer.byteLength(JSON.stringify(call))).toBeLessThan(1024 * 1024)
  }
})

test('what was entered before a row that is refused is told', async () => {
  const carrier = carrierDouble()
  const rows = [...rowsOf(600), ...rowsOf(1, { timeZone: 'Mars' })]
  await expect(enterCustomers(carrier, rows)).rejects.toMatchObject({
    code: 'CUSTOMER_UNFIT',
    message: expect.stringMatching(/no time zone\. The first 500 rows of the file are entered/),
    data: { taken: 500 },
  })
  const [mars] = rows.slice(-1)
  const alone = enterCustomers(carrier, mars ? [mars] : [])
  await expect(alone).rejects.toMatchObject({ message: expect.stringMatching(/no time zone\.$/) })
})

test('a file in another encoding is refused before its names are spoilt', () => {
  const shiftJis = Buffer.from([0x8d, 0x60, 0x8b, 0xe6])
  expect(() => utf8In(shiftJis)).toThrow('not in UTF-8')
  expect(utf8In(Buffer.from('港区'))).toBe('港区')
})
