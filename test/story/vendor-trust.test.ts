import { expect, onTestFinished, test } from 'vitest'
import type { Workbench } from '../../src-main/api'
import { announce, firmware, INFORMATION, stageWithVendor, VENDOR } from './carrier-cast'

const NAME = 'H9'

/** A handset that only listens to the vendor, and is in no customer table. */
async function trustingHandset(workbench: Workbench, root: string) {
  await workbench.handsets.create({ name: NAME, bricked: false, software: '1.0.0' })
  await workbench.handsets.provision({ name: NAME, root })
}

async function handset({ handsets }: Workbench) {
  return (await handsets.list()).find(({ name }) => name === NAME)!
}

async function updated(workbench: Workbench) {
  const { update: begun } = await workbench.handsets.update({ name: NAME })
  await advanceUntil(workbench, async () => {
    const { update } = await handset(workbench)
    return update?.startedAt === begun?.startedAt && update?.endedAt !== null
  })
  return (await handset(workbench)).update
}

async function advanceUntil({ observe }: Workbench, holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 1000) {
    if (waited >= 600_000) throw new Error('It never came about')
    await observe.advanceClock({ milliseconds: 1000 })
  }
}

test('what a vendor signed goes by the carrier to a handset; what it did not sign stays outside, and is reported', async () => {
  const { stage } = await stageWithVendor()
  const { workbench } = stage
  const { carrier, observe, vendor } = workbench
  onTestFinished(() => workbench.close())
  const { version, root } = await vendor.root({ vendorName: VENDOR })
  expect(version).toBe(1)
  await trustingHandset(workbench, root)
  await advanceUntil(workbench, async () => (await handset(workbench)).state === 'normal')

  // The carrier publishes by itself what the vendor knows nothing of.
  const unsigned = await workbench.upload('k1-2.0.0.bin', firmware('2.0.0'))
  const evil = await carrier.publish({ digest: unsigned.digest })
  expect(await updated(workbench)).toMatchObject({ outcome: 'metadata-refused' })
  const audit = async () => (await observe.audit({ limit: 100 })).map(({ code }) => code)
  expect(await audit()).toContain('METADATA_MISSING')
  await carrier.withdraw({ id: evil.id })

  const rollout = await announce(workbench, {
    image: firmware('1.1.0'),
    additional: { ...INFORMATION, trial: null },
    settings: { trial: false, consent: false },
  })
  await advanceUntil(workbench, async () => {
    const { state } = await carrier.rollout({ id: rollout.id })
    return !['notified', 'fetching', 'stored'].includes(state)
  })
  // The thief took the carrier's online keys: vendor and carrier replace theirs.
  await carrier.replaceMetadataKeys()
  await vendor.rotateKeys({ vendorName: VENDOR, role: 'targets' })
  const signed = await workbench.upload('k1-1.1.0.bin', firmware('1.1.0'))
  await carrier.publish({ digest: signed.digest })
  expect(await updated(workbench)).toMatchObject({ outcome: 'updated' })
  expect(await handset(workbench)).toMatchObject({
    software: { version: '1.1.0' },
    trust: { vendorName: VENDOR, rootVersion: 2 },
  })
  await carrier.publish({ digest: unsigned.digest })
  expect(await updated(workbench)).toMatchObject({ outcome: 'metadata-refused' })
  expect(await audit()).toContain('METADATA_TARGET_UNKNOWN')
  expect(await handset(workbench)).toMatchObject({ software: { version: '1.1.0' } })
})
