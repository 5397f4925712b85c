import { beforeAll, describe, expect, test } from 'vitest'
import { k1Image, offerOf } from '../../support/update-offer'
import type { Offer } from '../../support/update-server'
import { regionBytes, statesOf, until, updated } from '../updating-handset'
import { endOf, refused, swapped, trustedHandset } from './air-carrier'

const [old, fresh] = [k1Image('1.0.0'), k1Image('1.1.0')]
let offer: Offer
let full: Offer
beforeAll(async () => {
  offer = await offerOf(old, fresh)
  full = await offerOf(new Uint8Array(0), fresh)
})

describe('a handset with a vendor’s root', () => {
  test('[S0-39] installs by a differential file what the vendor signed', async () => {
    const running = await trustedHandset(offer)
    const { handset, carrier, clock } = running
    expect(handset.view().trust).toMatchObject({ vendorName: 'Vendor A', checkedAt: null })
    expect(await updated(running)).toMatchObject({ outcome: 'updated', message: null })
    expect(regionBytes(handset, fresh.length)).toEqual(fresh)
    expect(carrier.paths.map(path => path.split('/').at(-1))).toEqual([
      'inquiry',
      '2.root.json',
      'timestamp.json',
      '1.snapshot.json',
      '2.targets.json',
      'request',
      'file',
      'report',
    ])
    expect(carrier.reports).toMatchObject([{ software: { id: { version: '1.1.0' } } }])
    const { checkedAt } = handset.view().trust!
    expect(checkedAt).toBeLessThanOrEqual(clock.now())
    expect(checkedAt).toBeGreaterThan(0)
  })

  test('keeps what it learned while the power is off', async () => {
    const running = await trustedHandset(offer)
    const { handset } = running
    await updated(running)
    const { trust } = handset.view()
    handset.powerOff()
    expect(handset.view().trust).toEqual(trust)
    handset.powerOn()
    expect(handset.view().trust).toEqual(trust)
  })

  test('asks for nothing that the vendor did not sign, however the carrier announces it', async () => {
    const evil = k1Image('2.0.0')
    const running = await trustedHandset(await offerOf(old, evil))
    await updated(running)
    expect(endOf(running)).toEqual(refused('metadata-refused', 'METADATA_TARGET_UNKNOWN'))
    expect(running.carrier.paths.some(path => path.endsWith('/request'))).toBe(false)
    expect(statesOf(running.handset)).not.toContain('limiting')
  })

  test('[S0-17] refuses a differential that makes what was signed only of other software', async () => {
    const running = await trustedHandset(await offerOf(k1Image('2.0.0'), fresh))
    await updated(running)
    expect(endOf(running)).toEqual(refused('file-refused', expect.stringMatching(/^DELTA_/)))
  })

  test('an update that was announced to another handset ends before the first erase', async () => {
    // Whoever hears what handset A is told and gives it to handset B, which holds other software.
    const forOther = await offerOf(k1Image('2.0.0'), fresh)
    const running = await trustedHandset(forOther)
    running.carrier.meddle = path =>
      path.endsWith('/request') ? { status: 404, pieces: [] } : undefined
    await updated(running)
    expect(endOf(running)).toEqual(refused('file-refused', 'UPDATE_REFUSED'))
  })

  test('[S0-35] an artifact that was swapped on the server’s disk is never written', async () => {
    const running = await trustedHandset({ ...offer, file: swapped(offer).file })
    await updated(running)
    expect(endOf(running)).toEqual(refused('file-refused', 'UPDATE_FILE_DAMAGED'))
  })

  test('[S0-35] and neither is one that was swapped with its announcement', async () => {
    const running = await trustedHandset(swapped(full))
    await updated(running)
    expect(running.handset.update).toMatchObject({ outcome: 'file-refused' })
    expect(regionBytes(running.handset, old.length)).toEqual(old)
  })

  test('a file that names other software as the one that was signed is refused', async () => {
    const evil = await offerOf(old, k1Image('2.0.0'))
    const running = await trustedHandset({
      file: evil.file,
      update: { ...offer.update, file: evil.update.file },
    })
    await updated(running)
    expect(endOf(running)).toEqual(refused('file-refused', 'UPDATE_FILE_OTHER'))
  })

  test('[S0-35] an endless file ends where it was announced to end', async () => {
    const running = await trustedHandset(offer)
    let bytes = 0
    async function* endless() {
      yield offer.file
      for (;;) {
        bytes += 512
        yield new Uint8Array(512)
      }
    }
    running.carrier.meddle = path => (path.endsWith('/file') ? { pieces: endless() } : undefined)
    await updated(running)
    expect(endOf(running)).toEqual(refused('file-refused', 'UPDATE_FILE_SIZE'))
    expect(bytes).toBe(512)
  })

  test('what is cut off everywhere leaves everything as it was', async () => {
    const running = await trustedHandset(offer)
    running.carrier.meddle = path =>
      path.includes('/metadata/') ? { status: 503, pieces: [] } : undefined
    await updated(running)
    expect(endOf(running)).toEqual(refused('link-lost', 'LINK_LOST'))
    running.carrier.meddle = () => undefined
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
  })

  test('finishes a rewrite by the file that it proved, also when nobody vouches for it any more', async () => {
    const running = await trustedHandset(full)
    const { handset, carrier, clock } = running
    handset.startUpdate()
    await until(running, () => handset.state === 'rewriting')
    await clock.advance(200)
    handset.powerOff()
    handset.powerOn()
    expect(handset.state).toBe('needs-file')
    carrier.meddle = path => (path.includes('/metadata/') ? { status: 404, pieces: [] } : undefined)
    expect(await updated(running)).toMatchObject({ outcome: 'updated' })
    expect(regionBytes(handset, fresh.length)).toEqual(fresh)
  })
})

test('without a root it takes what the carrier announces, and says that nothing is verified', async () => {
  const running = await trustedHandset(await offerOf(old, k1Image('2.0.0')), {
    isProvisioned: false,
  })
  expect(running.handset.view().trust).toBeNull()
  expect(await updated(running)).toMatchObject({ outcome: 'updated' })
  expect(running.carrier.paths.some(path => path.includes('/metadata/'))).toBe(false)
})
