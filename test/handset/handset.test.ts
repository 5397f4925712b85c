import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src-main/base/bytes'
import { parseFault } from '../../src-main/base/fault-plan'
import { FlashFault } from '../../src-main/handset/flash/flash-port'
import type { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { memoryPair } from '../../src-main/link/memory-link'
import type { ByteLink } from '../../src-main/link/byte-link'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { ConsoleParser, encodeConsole } from '../../src-main/wire/smp/console'
import type { SmpItem } from '../../src-main/wire/smp/encoding'
import { decodePacket, encodePacket, type SmpPayload } from '../../src-main/wire/smp/packet'
import {
  executable,
  plausibleImage,
  smallChip,
  smallFlash,
  smallModel,
  uploadPacket,
} from './small-handset'

function handsetOn(flash: NorFlash = smallFlash()) {
  const clock = new VirtualClock()
  const handset = new Handset({
    name: 'bench',
    link: 'virtual:bench',
    model: smallModel,
    flash,
    clock,
    sha256: nodeSha256,
  })
  return { clock, handset }
}

/** The person at the other end of the cable. */
class Tester {
  readonly link: ByteLink
  readonly heard: SmpItem[] = []
  readonly #parser = new ConsoleParser()

  constructor(handset: Handset) {
    const [theirs, ours] = memoryPair()
    handset.attach(ours)
    this.link = theirs
    theirs.onData(bytes => void this.heard.push(...this.#parser.push(bytes)))
  }

  get answers(): SmpPayload[] {
    return this.heard.flatMap(item =>
      item.kind === 'packet' ? [decodePacket(item.packet).payload] : [],
    )
  }

  get text(): string[] {
    return this.heard.flatMap(item => (item.kind === 'text' ? [item.text] : []))
  }

  send(packet: Uint8Array): Promise<void> {
    return this.link.write(encodeConsole(packet))
  }
}

const echoPacket = encodePacket({
  op: 2,
  version: 0,
  group: 0,
  sequence: 1,
  command: 0,
  payload: { d: 'ping' },
})
const resetPacket = (payload: SmpPayload) =>
  encodePacket({ op: 2, version: 0, group: 0, sequence: 2, command: 5, payload })

describe('a handset at the end of a line', () => {
  test('is off until it is switched on, and silent so long', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    await tester.send(echoPacket)
    await clock.advance(1000)
    expect(tester.heard).toEqual([])
    expect(handset.view()).toMatchObject({ state: 'off', reason: null })
  })

  test('says on its console who it is and why it stays in restore mode', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    await clock.advance(0)
    expect(tester.text).toEqual([
      `Kintsugi small restore-mode ${handset.terminalId}: region-invalid`,
    ])
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'region-invalid' })
  })

  test('answers once a request has come whole, in whatever pieces', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    for (const byte of encodeConsole(echoPacket)) await tester.link.write(Uint8Array.of(byte))
    await clock.advance(0)
    expect(tester.answers).toEqual([{ r: 'ping' }])
    expect(handset.state).toBe('restore-linked')
  })

  test('is silent to a packet that does not fit its buffer, and answers the next one', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    const fits = uploadPacket({ len: 2000, off: 0, data: new Uint8Array(1020 - 29) })
    const tooLong = uploadPacket({ len: 2000, off: 0, data: new Uint8Array(1021 - 29) })
    // buf_size 1024 is two length bytes, the packet, and two bytes of CRC.
    expect([fits.length, tooLong.length]).toEqual([1020, 1021])
    await tester.send(tooLong)
    await clock.advance(1000)
    expect(tester.answers).toEqual([])
    await tester.send(fits)
    await clock.advance(1000)
    expect(tester.answers).toEqual([{ rc: 0, off: 991 }])
  })

  test('waits for its flash before it answers', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    // Two fresh journal sectors with an entry each, one sector of the region, one page.
    await tester.send(uploadPacket({ len: 4096, off: 0, data: new Uint8Array(256) }))
    await clock.advance(137)
    expect(tester.answers).toEqual([])
    await clock.advance(1)
    expect(tester.answers).toEqual([{ rc: 0, off: 256 }])
  })

  test('keeps as many packets as it has buffers while its flash is busy', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    await tester.send(uploadPacket({ len: 4096, off: 0, data: new Uint8Array(256) }))
    for (let count = 0; count < 3; count++) await tester.send(echoPacket)
    await clock.advance(1000)
    expect(tester.answers).toEqual([{ rc: 0, off: 256 }, { r: 'ping' }])
  })

  test('boots anew after a reset, into restore mode where that is asked', async () => {
    const { clock, handset } = handsetOn(restoredFlash())
    const tester = new Tester(handset)
    handset.powerOn()
    expect(handset.view().reason).toBe('no-cpu')
    await tester.send(resetPacket({ boot_mode: 1 }))
    await clock.advance(0)
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'reset-requested' })
    await tester.send(resetPacket({}))
    await clock.advance(0)
    expect(handset.view().reason).toBe('no-cpu')
    expect(tester.answers).toEqual([{ rc: 0 }, { rc: 0 }])
    expect(tester.text.length).toBe(3)
  })

  test('forgets after a reset what came behind it on the line', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    await tester.link.write(concatBytes([resetPacket({}), echoPacket].map(encodeConsole)))
    await clock.advance(0)
    expect(tester.answers).toEqual([{ rc: 0 }])
  })

  test('with its restore key held stays in restore mode', () => {
    const { handset } = handsetOn(restoredFlash())
    handset.powerOn({ keyHeld: true })
    expect(handset.view().reason).toBe('key-held')
  })
})

const image = plausibleImage(6000, 4)

function restoredFlash(): NorFlash {
  const contents = smallFlash().dump()
  contents.set(image, executable.address)
  return smallFlash({ contents })
}

/** Uploads from where the handset says, until the image is whole or a byte count is reached. */
async function upload(
  { clock, tester }: { clock: VirtualClock; tester: Tester },
  { from = 0, until = image.length }: { from?: number; until?: number },
): Promise<SmpPayload | undefined> {
  let off = from
  while (off < until) {
    const data = image.subarray(off, off + 700)
    const first = off === 0 ? { len: image.length, sha: nodeSha256([image]) } : {}
    const before = tester.answers.length
    await tester.send(uploadPacket({ ...first, off, data }))
    await clock.advance(500)
    if (tester.answers.length === before) return undefined
    off = Number(tester.answers.at(-1)?.['off'])
  }
  return tester.answers.at(-1)
}

describe('a restore', () => {
  test('passes through the states of restore, in order', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    expect(await upload({ clock, tester }, {})).toEqual({ rc: 0, off: 6000, match: true })
    expect(handset.history.map(({ to }) => to)).toEqual([
      'restore-wait',
      'restore-linked',
      'restore-writing',
      'restore-verifying',
      'restore-linked',
    ])
    expect(handset.flash.read(executable.address, image.length)).toEqual(image)
    await tester.send(resetPacket({}))
    await clock.advance(0)
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'no-cpu' })
  })

  test('unplugged at half, twice, leaves the handset waiting, and the third ends well [S0-40]', async () => {
    const { clock, handset } = handsetOn()
    handset.powerOn()
    for (let attempt = 0; attempt < 2; attempt++) {
      const tester = new Tester(handset)
      await upload({ clock, tester }, { until: 3000 })
      expect(handset.state).toBe('restore-writing')
      await tester.link.close()
      expect(handset.state).toBe('restore-wait')
      handset.powerOff()
      handset.powerOn()
      expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'journal-open' })
    }
    const tester = new Tester(handset)
    expect(await upload({ clock, tester }, {})).toMatchObject({ match: true })
    expect(handset.flash.read(executable.address, image.length)).toEqual(image)
  })

  test('unplugged and plugged in again goes on at the offset that the handset asks for', async () => {
    const { clock, handset } = handsetOn()
    handset.powerOn()
    const first = new Tester(handset)
    await upload({ clock, tester: first }, { until: 2000 })
    await first.link.close()
    const second = new Tester(handset)
    expect(await upload({ clock, tester: second }, { from: 2100 })).toMatchObject({ match: true })
    expect(handset.flash.read(executable.address, image.length)).toEqual(image)
  })

  test('that loses the power goes silent, is off, and begins anew after power-on', async () => {
    const flash = smallFlash()
    flash.faults.add(parseFault('flash:torn@9'))
    const { clock, handset } = handsetOn(flash)
    const tester = new Tester(handset)
    handset.powerOn()
    expect(handset.view().cutAt).toBe(9)
    expect(await upload({ clock, tester }, {})).toBeUndefined()
    expect(handset.view()).toMatchObject({ state: 'off', reason: null, cutAt: null })
    expect(flash.powered).toBe(false)
    await tester.send(echoPacket)
    await clock.advance(1000)
    expect(tester.answers.filter(answer => 'r' in answer)).toEqual([])

    handset.powerOn()
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'journal-open' })
    expect(await upload({ clock, tester }, {})).toMatchObject({ match: true })
    expect(handset.flash.read(executable.address, image.length)).toEqual(image)
  })

  test('switched off by hand tears the operation that goes on, as far as it has come', async () => {
    const contents = smallChip()
    const first = { from: executable.address, to: executable.address + 4096 }
    contents.fill(0x55, first.from, first.to)
    const { clock, handset } = handsetOn(smallFlash({ contents }))
    const tester = new Tester(handset)
    handset.powerOn()
    const piece = uploadPacket({ len: 4096, off: 0, data: new Uint8Array(256) })
    await tester.send(piece)
    // Twice 45 ms for a sector of the journal and 1 ms for its mark, 45 ms for the first sector.
    await clock.advance(116)
    handset.powerOff()
    const torn = handset.flash.dump().slice(first.from, first.to)
    expect(torn).not.toEqual(contents.slice(first.from, first.to))
    expect(torn.some(byte => byte !== 0xff)).toBe(true)
    handset.powerOn()
    expect(handset.view()).toMatchObject({ state: 'restore-wait', reason: 'journal-open' })
  })

  test('whose cable is pulled out while it writes waits for another one', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    await upload({ clock, tester }, { until: 3000 })
    expect(handset.state).toBe('restore-writing')
    handset.switchCable(false)
    expect(handset.state).toBe('restore-wait')
  })

  test('switched off while its flash is busy is never answered', async () => {
    const { clock, handset } = handsetOn()
    const tester = new Tester(handset)
    handset.powerOn()
    await tester.send(uploadPacket({ len: 4096, off: 0, data: new Uint8Array(256) }))
    handset.powerOff()
    handset.powerOn()
    await clock.advance(1000)
    expect(tester.answers).toEqual([])
  })
})

describe('the view of a handset', () => {
  test('shows its flash sector by sector and counts what happens to it', async () => {
    const { clock, handset } = handsetOn()
    const views: string[] = []
    handset.onChange(() => void views.push(handset.view().flash.sectors))
    expect(handset.view()).toMatchObject({
      name: 'bench',
      model: 'small',
      link: 'virtual:bench',
      cutAt: null,
      flash: { bytes: 65_536, sectorBytes: 4096, operations: 0, sectors: '..............#.' },
    })
    const tester = new Tester(handset)
    handset.powerOn()
    await upload({ clock, tester }, {})
    expect(handset.view().flash).toMatchObject({
      sectors: '.##....###....#.',
      operations: 32,
      erases: 5,
      programs: 27,
    })
    expect(new Set(views).size).toBeGreaterThan(2)
    expect(handset.view().flash.regions[1]).toEqual(executable)
  })
})

test('a line of noise is no request, and text is not answered', async () => {
  const { clock, handset } = handsetOn()
  const tester = new Tester(handset)
  handset.powerOn()
  const noise = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7919) % 251)
  await tester.link.write(noise)
  await tester.link.write(Uint8Array.from('\nhelp\r\n', character => character.charCodeAt(0)))
  await clock.advance(100)
  expect(tester.answers).toEqual([])
  await tester.send(echoPacket)
  await clock.advance(100)
  expect(tester.answers).toEqual([{ r: 'ping' }])
})

test('a defect of its protected code costs the handset its power and nobody else anything', async () => {
  const flash = smallFlash()
  const defect = new FlashFault('a program that no flash can do')
  flash.program = () => {
    throw defect
  }
  const defects: unknown[] = []
  const clock = new VirtualClock()
  const link = 'virtual:bench'
  const parts = { name: 'bench', link, model: smallModel, flash, clock, sha256: nodeSha256 }
  const handset = new Handset({ ...parts, onDefect: error => void defects.push(error) })
  const tester = new Tester(handset)
  handset.powerOn()
  await tester.send(uploadPacket({ len: 4096, off: 0, data: new Uint8Array(256) }))
  await clock.advance(1000)
  expect(defects).toEqual([defect])
  expect(handset.state).toBe('off')
  expect(tester.answers).toEqual([])
})
