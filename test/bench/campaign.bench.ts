import { expect, test } from 'vitest'
import { playCampaign, type CampaignOrder } from '../story/campaign'

const MEGABYTE = 1024 * 1024
const DAYS = 30
const SIZE = 1000

const ORDER: CampaignOrder = {
  size: SIZE,
  days: DAYS,
  seed: 11,
  releases: { 3: '1.1.0', 17: '2.0.0' },
  settings: { groups: [5, 25, 70], consent: false, trial: false },
}

async function measured() {
  const began = performance.now()
  const cpu = process.cpuUsage()
  let day = began
  const story = await playCampaign({
    ...ORDER,
    onDay(number, { polls, versions }) {
      const now = performance.now()
      const seconds = ((now - day) / 1000).toFixed(1)
      day = now
      console.log(`day ${number}: ${seconds} s, ${polls} polls, ${JSON.stringify(versions)}`)
    },
  })
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const megabytes = process.memoryUsage.rss() / MEGABYTE
  console.log(
    `${SIZE} handsets, ${DAYS} days: ${seconds.toFixed(1)} s, CPU ${((user + system) / 1e6).toFixed(1)} s, ` +
      `${story.messages} messages, ${story.fleets.at(-1)?.updated} updates, ${story.invoices} invoices, ` +
      `${megabytes.toFixed(0)} MiB`,
  )
  return story
}

test('30 days of 1,000 handsets in virtual time, twice the same', async () => {
  const first = await measured()
  expect(await measured()).toEqual(first)
}, 1_800_000)
