import { expect, test } from 'vitest'
import { carrierBench, handsetAt, inquiryOf } from './carrier-bench'

test('[S0-17] [S0-43] why a handset refused what it was sent is in the audit, bounded and in one line', async () => {
  const bench = await carrierBench()
  await bench.publish('1.1.0')
  const handset = handsetAt(bench.address)
  const { id } = (await handset.inquire(inquiryOf('1.0.0')))!
  const reason = {
    code: 'DELTA_BASE_OTHER',
    message: `It is not\nmade from this.${'x'.repeat(900)}`,
  }
  const answer = await handset.report(id, { outcome: 'file-refused', reason })
  expect(answer.status).toBe(204)
  const [entry] = (await bench.audit()).filter(({ actor }) => actor === 'handset')
  expect(entry).toMatchObject({ code: 'DELTA_BASE_OTHER' })
  expect(entry?.message).toMatch(/^T-0001: It is not.{1,3}made from this\.x+/)
  expect(entry?.message.length).toBeLessThan(600)
  expect(await bench.carrier.updates({ limit: 1 })).toMatchObject([{ state: 'file-refused' }])
})

test('a reason that is none is refused, and a success needs none', async () => {
  const bench = await carrierBench()
  await bench.publish('1.1.0')
  const handset = handsetAt(bench.address)
  const { id } = (await handset.inquire(inquiryOf('1.0.0')))!
  const reasons = [
    { code: 'lower case', message: '' },
    { code: 'A', message: 'x'.repeat(1025) },
  ]
  for (const reason of reasons) {
    expect((await handset.report(id, { outcome: 'metadata-refused', reason })).status).toBe(400)
  }
  const given = {
    outcome: 'metadata-refused',
    reason: { code: 'METADATA_OLDER', message: 'No.' },
  } as const
  expect((await handset.report(id, given)).status).toBe(204)
  expect(await bench.carrier.updates({ limit: 1 })).toMatchObject([{ state: 'metadata-refused' }])
})
