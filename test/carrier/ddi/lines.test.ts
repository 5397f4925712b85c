import { expect, test } from 'vitest'
import { ArtifactShelf } from '../../../src-main/carrier/ddi/artifact-shelf'
import { Downloads } from '../../../src-main/carrier/ddi/downloads'
import type { PolledTask } from '../../../src-main/carrier/ddi/polling-store'
import { Transfers } from '../../../src-main/carrier/ddi/transfers'
import { FIRST_DEFAULTS } from '../../../src-main/carrier/rollout/rollout-settings'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

const TASK: PolledTask = {
  id: 1,
  rolloutId: 1,
  deviceId: 'gw-1',
  state: 'connecting',
  attempts: 0,
  sentBytes: 0,
  totalBytes: null,
  reason: null,
  confirmedAt: null,
  customer: {
    deviceId: 'gw-1',
    ipAddress: '10.0.0.1',
    managerName: 'M',
    managerEmail: 'm@example.com',
    timeZone: 'UTC',
  },
  rollout: {
    id: 1,
    softwareName: 'gateway',
    version: '2.0.0',
    settings: FIRST_DEFAULTS,
    additional: null,
    digest: 'ab'.repeat(32),
  },
}

test('one task has at most four downloads also where they begin at the same time', async () => {
  const isBegun = Promise.withResolvers<boolean>()
  const transfers = new Transfers({
    store: { change: () => isBegun.promise, progress: async () => {}, task: () => TASK },
    clock: new VirtualClock(),
    onSent: () => {},
    onMoved: () => {},
    onDefect: error => expect(error).toBeUndefined(),
  })
  const shelf = new ArtifactShelf({ read: async () => new Uint8Array(100) })
  const downloads = new Downloads({ desk: { activeTask: async () => TASK }, shelf, transfers })
  const request = new Request('http://127.0.0.1/')
  const named = { deviceId: 'gw-1', taskId: 1, fileName: 'gateway-2.0.0.bin' }
  const asking = Array.from({ length: 6 }, () =>
    downloads.answer({ ...named, request, cut: () => {} }),
  )
  isBegun.resolve(true)
  const ends = await Promise.allSettled(asking)
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
  expect(ends.at(-1)).toMatchObject({ reason: { code: 'DOWNLOADS_FULL' } })
  await transfers.close()
})
