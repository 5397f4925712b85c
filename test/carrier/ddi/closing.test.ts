import { expect, test } from 'vitest'
import { DownloadLinks } from '../../../src-main/carrier/ddi/download-links'
import { LastSeen } from '../../../src-main/carrier/ddi/last-seen'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'

test('after its end nothing is noted that nobody would write down', async () => {
  const clock = new VirtualClock()
  const written: string[] = []
  const seen = async (devices: readonly { readonly deviceId: string }[]) =>
    void written.push(...devices.map(({ deviceId }) => deviceId))
  const defects: unknown[] = []
  const lastSeen = new LastSeen({ seen }, { clock, onDefect: error => defects.push(error) })
  lastSeen.note('gw-1')
  await lastSeen.close()
  lastSeen.note('gw-2')
  await clock.advance(1000)
  expect(written).toEqual(['gw-1'])
  expect(defects).toEqual([])
})

test('links are signed again once the store answers again', async () => {
  let isDown = true
  const store = {
    setting: () => (isDown ? Promise.reject(new Error('the disk is full')) : 'a kept key'),
    keepSetting: async () => {},
  }
  const links = new DownloadLinks(store, new VirtualClock())
  const path = () => links.pathFor({ deviceId: 'gw-1', taskId: 1 }, 'a.bin')
  await expect(path()).rejects.toThrow('the disk is full')
  isDown = false
  expect(await path()).toContain('signature=')
})
