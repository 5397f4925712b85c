import { expect, test } from 'vitest'
import { VendorReturns } from '../../../src-main/carrier/intake/returns'
import type { TrialReport } from '../../../src-main/contract/vendor'
import { sampleRollout } from '../parts-bench'
import { intakeBench } from './intake-bench'

const report: TrialReport = {
  deviceId: 'TEST-1',
  outcome: 'no-answer',
  answer: null,
  message: 'It kept silent.',
  startedAt: 1,
  endedAt: 2,
}

async function returning() {
  const bench = await intakeBench()
  return { ...bench, returns: new VendorReturns(bench) }
}

test('a return reaches the database with the report of the trial', async () => {
  const { returns, vendor } = await returning()
  await returns.returnToVendor(sampleRollout(), report)
  expect(vendor.asked).toEqual(['POST /v1/releases/7/return accessor'])
  expect(vendor.returned).toEqual([report])
})

test('a return that the vendor did not hear is to be tried again', async () => {
  const { register, returns } = await returning()
  await register({ databaseAddress: 'http://127.0.0.1:1' })
  const lost = returns.returnToVendor(sampleRollout(), report)
  await expect(lost).rejects.toMatchObject({ code: 'SITE_SILENT' })
  await register({ accessorPassword: 'wrong' })
  const refused = returns.returnToVendor(sampleRollout(), report)
  await expect(refused).rejects.toMatchObject({ code: 'ACCESS_REFUSED' })
})

test('without a database the return is kept where the vendor looks for its upload', async () => {
  const { messages, returns, vendor } = await returning()
  const { settings } = sampleRollout()
  const rollout = sampleRollout({ settings: { ...settings, acquisition: 'upload' } })
  await returns.returnToVendor(rollout, report)
  expect(vendor.asked).toEqual([])
  expect(messages()).toMatchObject([{ label: '1:S37', from: 'carrier', to: 'vendor' }])
})
