import { expect, test } from 'vitest'
import { carrierBench, handsetAt, inquiryOf } from '../carrier-bench'

test('a terminal of the customer table gets nothing of the open catalogue; every other one does', async () => {
  const bench = await carrierBench()
  await bench.publish('1.1.0')
  const row = {
    deviceId: 'ABC-123',
    ipAddress: '10.1.23.4',
    password: '98-76-54',
    vendorName: 'Vendor A',
    managerName: 'Minato-ku K.K.',
    managerEmail: 'minato@shiba.co.jp',
    terminalId: 'T-0001',
  }
  await bench.carrier.rollouts.putCustomers({ rows: [row] })
  const handset = handsetAt(bench.address)
  expect(await handset.inquire(inquiryOf('1.0.0'))).toBeNull()
  const other = await handset.inquire(inquiryOf('1.0.0', { terminalId: 'T-0002' }))
  expect(other).toMatchObject({ target: { id: { version: '1.1.0' } } })
  const kept = await bench.carrier.rollouts.customer({ deviceId: 'ABC-123' })
  expect(kept).toMatchObject({ softwareName: 'kintsugi-k1', softwareVersion: '1.0.0' })
})

test('only the settlement apparatus may tell of invoices, and only of ours', async () => {
  const bench = await carrierBench()
  const tell = (secret: string, id: string) =>
    fetch(`${bench.address}/v1/settlements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ id, state: 'paid', paidAt: 1 }),
    })
  expect((await tell('guessed', 'R1-ABC-123')).status).toBe(403)
  expect((await tell('a-secret-of-settlement', 'R1-ABC-123')).status).toBe(404)
  const refusals = await bench.refusals()
  expect(refusals.toSorted()).toEqual(['INVOICE_UNKNOWN', 'TOKEN_WRONG'])
})
