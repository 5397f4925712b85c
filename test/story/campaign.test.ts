import { expect, test } from 'vitest'
import { playCampaign, type CampaignOrder } from './campaign'

const ORDER: CampaignOrder = {
  size: 50,
  days: 5,
  seed: 3,
  releases: { 2: '1.1.0' },
  settings: { groups: [10, 90], consent: false, trial: false },
}

test('a fleet of 50 gets a release in the night, and the same seed tells the same story [S1-14] [S1-16] [S1-70]', async () => {
  const story = await playCampaign(ORDER)
  expect(story.fleets.map(({ versions }) => versions)).toEqual([
    { '1.0.0': 50 },
    { '1.1.0': 50 },
    { '1.1.0': 50 },
    { '1.1.0': 50 },
    { '1.1.0': 50 },
  ])
  expect(story.fleets.at(-1)).toMatchObject({ updated: 50, failed: 0 })
  expect(story.fleets.at(-1)?.polls).toBeGreaterThanOrEqual(250)
  expect(story.invoices).toBe(50)
  // From 1 o'clock in Tokyo on, though it came at 9 in the morning.
  for (const label of ['1:S20', '1:S22', '0:U6']) {
    expect(story.steps[label]).toEqual({ count: 50, hours: [16] })
  }
  // What the vendor does and hands out does not grow with the fleet.
  expect(story.steps).toMatchObject({ '1:S10': { count: 1 }, '1:S12': { count: 1 } })
  expect(story.steps['1:S18']?.count).toBe(2)
  expect(story.rollouts).toMatchObject([{ state: 'closed' }])
  expect(await playCampaign(ORDER)).toEqual(story)
})
