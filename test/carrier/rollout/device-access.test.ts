import { expect, onTestFinished, test } from 'vitest'
import { DeviceAccess } from '../../../src-main/carrier/rollout/device-access'
import { startSite } from '../../../src-main/site/start-site'
import { DEVICE_PATHS } from '../../../src-main/wire/device/messages'
import { MINATO } from '../customers/fixture'
import { partsBench } from '../parts-bench'

/** A device whose software never comes to an answer. */
async function dumbDevice() {
  const bench = await partsBench()
  const { audit, clock, logDefect } = bench
  let asked = 0
  const software = { name: 'router-os', version: '2.0.0' }
  const site = await startSite({
    actor: 'device',
    statusOfCode: {},
    audit,
    clock,
    logDefect,
    port: 0,
    mount(paths) {
      paths.post(DEVICE_PATHS.session, () =>
        Response.json({ token: 'a'.repeat(32), takes: 'software', software }),
      )
      paths.post(DEVICE_PATHS.testSignal, () => new Response(null, { status: 202 }))
      paths.get(DEVICE_PATHS.testSignal, () => {
        asked += 1
        return Response.json({ isPending: true, answer: null, software })
      })
    },
  })
  onTestFinished(() => site.close())
  const access = new DeviceAccess({
    ...bench,
    storage: { read: async () => new Uint8Array() },
    networkAddress: async () => site.address,
  })
  await bench.db
    .insertInto('carrier_addresses')
    .values({ ip_address: MINATO.ipAddress, base: site.address })
    .execute()
  return { ...bench, access, asked: () => asked }
}

test('a test signal that nobody answers is given up after six seconds', async () => {
  const { access, clock } = await dumbDevice()
  const begun = clock.now()
  const given = access.testSignal(MINATO, 'hello', new AbortController().signal)
  expect(await clock.runUntil(given)).toMatchObject({ answer: null })
  expect(clock.now() - begun).toBe(6000)
})

test('a test signal that is cut off ends at once, also where time stands still', async () => {
  const { access, asked, clock, defects } = await dumbDevice()
  const begun = clock.now()
  const cut = new AbortController()
  const given = access.testSignal(MINATO, 'hello', cut.signal)
  await expect.poll(asked).toBe(1)
  cut.abort()
  expect(await given).toBeUndefined()
  expect(clock.now()).toBe(begun)
  expect(defects).toEqual([])
})
