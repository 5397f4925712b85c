import { expect, test } from 'vitest'
import { CampaignService } from '../../src-main/handset/service/campaign-service'
import { FIRMWARE_PAIRS } from '../delta/pairs'
import { CUT_PAIRS, orderOf } from '../handset/campaign/cut-pairs'

/** Of all pairs together. */
const POINTS = Number(process.env['KINTSUGI_SWEEP_POINTS'] ?? 200_000)
const SEED = Number(process.env['KINTSUGI_SWEEP_SEED'] ?? 1)
const PAIRS = [...CUT_PAIRS, ...FIRMWARE_PAIRS.filter(({ name }) => name === 'MicroPython')]

test.each(PAIRS)('[S0-36] [S0-37] [S0-38] seeded cuts of rewriting $name in place', async pair => {
  const { old, file } = await orderOf(pair)
  const points = Math.ceil(POINTS / PAIRS.length)
  const report = await new CampaignService().run({ old, file, points, seed: SEED })
  const { operations, seconds, needsFile } = report
  console.log(
    `${pair.name}: ${points} points at ${operations} operations, seed ${SEED}, ${seconds.toFixed(0)} s`,
  )
  expect(report).toMatchObject({ points, resumed: needsFile, firstFailure: null })
  expect(report).toMatchObject({ silent: 0, stuck: 0, restorable: 0 })
})
