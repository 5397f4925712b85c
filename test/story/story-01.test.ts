import { beforeAll, expect, test } from 'vitest'
import { createWorkbench } from '../../src-main/api'
import { playFlagship } from '../../src-main/cli/demo/flagship'
import { Stage, type Told } from '../../src-main/cli/demo/stage'
import { steps } from './carrier-cast'

/** Story 1 without what Seed 3 adds to it. */
async function play(seed: number) {
  const workbench = await createWorkbench({ clock: 'virtual', seed })
  try {
    const told: Told[] = []
    const { signal } = new AbortController()
    const stage = new Stage({ workbench, tell: one => told.push(one), signal })
    const end = await playFlagship(stage, seed)
    return {
      told,
      end,
      steps: await steps(workbench),
      devices: await workbench.network.devices(),
      mails: await workbench.mail.list({}),
      invoices: await workbench.settlement.invoices({}),
      payments: await workbench.settlement.payments({}),
    }
  } finally {
    await workbench.close()
  }
}

let story: Awaited<ReturnType<typeof play>>
beforeAll(async () => void (story = await play(1)))

test('story 1: from a release to a paid bill, with a power cut [S0-31] [S0-39] [S1-16] [S1-17] [S1-18] [S1-19] [S1-20] [S1-21] [S1-22] [S1-27] [S1-28] [S1-30] [S1-37] [S1-38] [S1-39] [S1-40] [S1-42] [S1-43] [S1-53]', async () => {
  expect(story.end).toMatchObject({
    software: '1.1.0',
    isRestored: true,
    paid: 300,
    rollout: 'closed',
  })
  // The numbered steps of the published system, in its order.
  const wanted = ['S12', 'S13', 'S14', 'S18', 'S30', 'S31', 'S32', 'S33', 'S34', 'S36']
  const later = ['S52', 'S53', 'S55', 'S58']
  const labels = [...wanted, ...later].map(step => `1:${step}`)
  expect(story.steps.filter((step, at) => story.steps.indexOf(step) === at)).toEqual(
    expect.arrayContaining(labels),
  )
  const firstPlaces = labels.map(label => story.steps.indexOf(label))
  expect(firstPlaces).toEqual(firstPlaces.toSorted((a, b) => a - b))
  // One bill, one payment, one notice of it; the PC was never reached.
  expect(story.invoices.total).toBe(1)
  expect(story.invoices.rows[0]).toMatchObject({ state: 'paid', deviceId: 'ABC-123', amount: 300 })
  expect(story.payments.total).toBe(1)
  const account = story.invoices.rows[0]?.account ?? '?'
  expect(story.mails.filter(({ text }) => text.includes(account))).toHaveLength(1)
  expect(story.devices.find(({ deviceId }) => deviceId === 'PC-1')).toMatchObject({
    lastAccessAt: null,
  })
})

test('the same seed tells the same story', async () => {
  const again = await play(1)
  expect(again.told).toEqual(story.told)
  expect(again.end).toEqual(story.end)
  expect(again.steps).toEqual(story.steps)
})
