import { afterEach, describe, expect, test } from 'vitest'
import type { ByteLink } from '../../src-main/link/byte-link'
import { ConsoleParser, encodeConsole } from '../../src-main/wire/smp/console'
import { decodePacket, encodePacket } from '../../src-main/wire/smp/packet'
import { binOf, brickedHandset, LINK, noise, openWorkshop } from './workshop'

const IMAGE = noise(40_000)
const openOnes: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of openOnes.splice(0)) await one.close()
})

/** A workshop with a bricked virtual handset on its cable. */
async function bench(image = IMAGE) {
  const cables: ByteLink[] = []
  let open: () => Promise<ByteLink> = () => Promise.reject(new Error('no handset yet'))
  let wrap = (cable: ByteLink) => cable
  const workshop = await openWorkshop(async () => {
    const cable = wrap(await open())
    cables.push(cable)
    return cable
  }, binOf(image))
  openOnes.push(workshop)
  const bricked = brickedHandset(workshop.clock)
  open = bricked.open
  const through = (wrapper: typeof wrap) => void (wrap = wrapper)
  return { ...workshop, ...bricked, cables, through }
}

describe('a bricked virtual handset', () => {
  test('gets the image byte by byte into its executable region [S0-24]', async () => {
    const { handset, restore, executable } = await bench()
    handset.powerOn()
    const view = await restore()
    expect(view).toMatchObject({ result: 'written', verified: true, retries: 0 })
    expect(view.device?.device).toMatchObject({ name: handset.terminalId, mode: 'restore-mode' })
    expect(Buffer.compare(executable().subarray(0, IMAGE.length), IMAGE)).toBe(0)
    expect(handset.history.map(({ to }) => to)).toEqual([
      'restore-wait',
      'restore-linked',
      'restore-writing',
      'restore-verifying',
      'restore-linked',
      'restore-wait',
      'restore-linked',
      'restore-wait',
    ])
  })

  test('is restored although its region holds nothing but 0xFF [S0-33]', async () => {
    const { handset, flash, restore, executable } = await bench()
    for (let at = 0x10000; at < 0x190000; at += 4096) flash.erase(at)
    expect(executable().every(byte => byte === 0xff)).toBe(true)
    handset.powerOn()
    expect(await restore()).toMatchObject({ result: 'written', verified: true })
    expect(Buffer.compare(executable().subarray(0, IMAGE.length), IMAGE)).toBe(0)
  })

  test('stays in restore mode when the cable is pulled half-way, twice, and the third time is done [S0-40]', async () => {
    const { handset, restore, cables, executable } = await bench()
    handset.powerOn()
    for (let pull = 0; pull < 2; pull++) {
      const pulled = await restore({}, ({ doneBytes }) => {
        if (doneBytes > IMAGE.length / 2) void cables.at(-1)?.close()
      })
      expect(pulled).toMatchObject({ result: 'interrupted', error: { code: 'LINK_LOST' } })
      expect(handset.state).toBe('restore-wait')
    }
    expect(await restore()).toMatchObject({ result: 'written', verified: true })
    expect(Buffer.compare(executable().subarray(0, IMAGE.length), IMAGE)).toBe(0)
  })

  test('is not called restored when a byte changed on the way, and can be done again [S0-41]', async () => {
    const { handset, restore, through, executable } = await bench()
    handset.powerOn()
    through(cable => corrupted(cable, 5000))
    const view = await restore()
    expect(view).toMatchObject({ result: 'failed', verified: false })
    expect(view.error).toMatchObject({ code: 'VERIFY_FAILED' })
    expect(handset.state).toBe('restore-wait')
    expect(handset.history.map(({ to }) => to)).toContain('restore-verifying')
    through(cable => cable)
    expect(await restore()).toMatchObject({ result: 'written', verified: true })
    expect(Buffer.compare(executable().subarray(0, IMAGE.length), IMAGE)).toBe(0)
  })

  test('that is switched off does not answer, and that is said', async () => {
    const { restore, executable } = await bench()
    const before = executable()
    const view = await restore()
    expect(view).toMatchObject({ result: 'failed', error: { code: 'NO_ANSWER' } })
    expect(view.error?.message).toContain(LINK)
    expect(Buffer.compare(executable(), before)).toBe(0)
  })

  test('refuses an image larger than its region before it erases anything', async () => {
    const { handset, flash, restore } = await bench(noise(0x180001))
    handset.powerOn()
    const before = flash.operations
    const view = await restore()
    expect(view).toMatchObject({ result: 'refused', error: { code: 'IMAGE_UNFIT' } })
    expect(view.error?.message).toBe(
      `${LINK}: refused while identifying, before anything was sent. The image has 1572865 bytes, ` +
        'and slot 0 of the device takes 1572864. Choose the image that is made for this device.',
    )
    expect(flash.operations).toBe(before)
  })
})

/** A cable that turns one bit of one uploaded byte, with a frame that is right all the same. */
function corrupted(cable: ByteLink, at: number): ByteLink {
  const parser = new ConsoleParser()
  return {
    ...passing(cable),
    async write(bytes) {
      for (const item of parser.push(bytes)) {
        if (item.kind !== 'packet') continue
        const packet = decodePacket(item.packet)
        const { off, data } = packet.payload
        if (data instanceof Uint8Array && typeof off === 'number') {
          const index = at - off
          if (index >= 0 && index < data.length) data[index] = (data[index] ?? 0) ^ 1
        }
        await cable.write(encodeConsole(encodePacket(packet)))
      }
    },
  }
}

function passing(cable: ByteLink): ByteLink {
  const { name, baud } = cable
  return {
    name,
    baud,
    write: bytes => cable.write(bytes),
    onData: listener => cable.onData(listener),
    onClose: listener => cable.onClose(listener),
    close: () => cable.close(),
  }
}
