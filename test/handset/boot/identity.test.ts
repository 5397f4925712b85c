import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import {
  createIdentity,
  decodeIdentity,
  deviceKeyRange,
  encodeIdentity,
  modelNamedIn,
} from '../../../src-main/handset/boot/identity'
import { adoptChip, brickChip } from '../../../src-main/handset/chip'
import { FLASH_FAULT_POINT, FLASH_FAULTS } from '../../../src-main/handset/flash/flash-faults'
import { FlashFault, PowerCut } from '../../../src-main/handset/flash/flash-port'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { regionOf } from '../../../src-main/handset/model/model'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { SmpOp } from '../../../src-main/wire/smp/constants'
import { encodePacket, type SmpPacket } from '../../../src-main/wire/smp/packet'
import {
  benchOf,
  executable,
  plausibleImage,
  smallChip,
  smallFlash,
  smallModel,
  untouchedDigests,
  uploadAll,
} from '../small-handset'

const birth = { model: 'k1', name: 'bench', seed: 7 }

test('terminal ID and device key come from model, name and seed alone', () => {
  // printf 'terminal-id\nk1\nbench\n7' | sha256sum, and the same with device-key
  expect(createIdentity(birth, nodeSha256).terminalId).toBe('K1-49A770550037')
  expect(toHex(createIdentity(birth, nodeSha256).deviceKey)).toBe(
    '68d474d5619344e8c89545709f4fb35930c39343bfdd52c9b4139d2ef2f3824b',
  )
})

test('another name, seed or model is another handset', () => {
  const others = [
    birth,
    { ...birth, name: 'desk' },
    { ...birth, seed: 8 },
    { ...birth, model: 'k2' },
  ]
  const identities = others.map(other => createIdentity(other, nodeSha256))
  expect(new Set(identities.map(({ terminalId }) => terminalId)).size).toBe(4)
  expect(new Set(identities.map(({ deviceKey }) => toHex(deviceKey))).size).toBe(4)
})

test('a record that is written is read back, and not with any bit changed', () => {
  const identity = createIdentity(birth, nodeSha256)
  const record = encodeIdentity(identity)
  expect(decodeIdentity(record)).toEqual(identity)
  for (let bit = 0; bit < 8 * record.length; bit++) {
    const damaged = record.slice()
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    expect(decodeIdentity(damaged)).toBeUndefined()
  }
  expect(decodeIdentity(record.subarray(0, 71))).toBeUndefined()
  expect(decodeIdentity(new Uint8Array(4096).fill(0xff))).toBeUndefined()
})

test('what restore mode can write to ends before identity and storage begin', () => {
  const flash = smallFlash()
  const before = flash.dump()
  const region = flashWindow(flash, executable)
  const journal = flashWindow(flash, regionOf(smallModel, 'journal'))
  for (const window of [region, journal]) {
    for (let address = -0x10000; address < 0x10000; address += 4096) {
      if (address >= 0 && address < window.geometry.bytes) continue
      expect(() => window.erase(address)).toThrow(FlashFault)
      expect(() => window.program(address, Uint8Array.of(0))).toThrow(FlashFault)
    }
  }
  expect(flash.dump()).toEqual(before)
})

test('restores leave terminal ID, device key and application storage as they were [S0-11] [S0-46]', () => {
  const contents = smallChip()
  const storage = regionOf(smallModel, 'application-storage')
  contents.set(plausibleImage(storage.bytes, 8), storage.address)
  const flash = smallFlash({ contents })
  const before = untouchedDigests(flash)
  const identity = regionOf(smallModel, 'identity')
  const record = flash.read(identity.address, identity.bytes)
  for (const bytes of [executable.bytes, 1, 5000]) {
    const bench = benchOf(flash)
    expect(
      uploadAll(bench, plausibleImage(executable.bytes, bytes).subarray(0, bytes)),
    ).toMatchObject({
      match: true,
    })
  }
  // Also what a hostile sender can say of lengths and offsets ends inside the region.
  const bench = benchOf(flash)
  for (const off of [0, 1, executable.bytes - 1, executable.bytes, 0xd000, -1, 2 ** 32]) {
    for (const len of [1, executable.bytes, executable.bytes + 1, 0x10000, 2 ** 32, -1]) {
      bench.upload({ off, len, data: new Uint8Array(900) })
    }
  }
  expect(untouchedDigests(flash)).toEqual(before)
  expect(flash.read(identity.address, identity.bytes)).toEqual(record)
  expect(decodeIdentity(record)?.terminalId).toBe('SMALL-216C0056461D')
})

test('the range of the device key holds the key and nothing of the terminal ID', () => {
  const contents = smallChip()
  const { address, bytes } = deviceKeyRange(smallModel)
  expect({ address, bytes }).toEqual({ address: 0xe024, bytes: 32 })
  const { deviceKey } = decodeIdentity(contents.subarray(0xe000))!
  expect(contents.subarray(address, address + bytes)).toEqual(deviceKey)
})

test('the model is named by everything before the last dash of a terminal ID', () => {
  expect(modelNamedIn('K1-49A770550037')).toBe('k1')
  expect(modelNamedIn('SPEC-RAM-49A770550037')).toBe('spec-ram')
  expect(modelNamedIn('K1')).toBe('')
})

/** What anybody at the other end of the line, or at the plug, can do. */
type Deed =
  | { readonly kind: 'request'; readonly packet: SmpPacket }
  | { readonly kind: 'noise'; readonly bytes: Uint8Array }
  | { readonly kind: 'restore'; readonly seed: number; readonly bytes: number }
  | { readonly kind: 'fault'; readonly fault: string; readonly inOperations: number }
  | { readonly kind: 'power-cycle' | 'brick' | 'dump' }

const anyNumber = fc.oneof(
  fc.integer({ min: -2, max: 0x11000 }),
  fc.constantFrom(0, 1, 0x6000, 0x6001, 0xd000, 0xd024, 2 ** 31, 2 ** 32, 2 ** 53 - 1),
)
const anyUpload = fc.record(
  {
    off: anyNumber,
    len: anyNumber,
    image: fc.integer({ min: 0, max: 2 }),
    sha: fc.uint8Array({ minLength: 30, maxLength: 33 }),
    data: fc.uint8Array({ maxLength: 900, size: 'max' }),
  },
  { requiredKeys: ['off', 'data'] },
)
const anyPayload = fc.oneof(
  { weight: 4, arbitrary: anyUpload },
  fc.dictionary(
    fc.string({ maxLength: 5 }),
    fc.oneof(anyNumber, fc.string(), fc.boolean(), fc.uint8Array()),
    {
      maxKeys: 4,
    },
  ),
  fc.record({ boot_mode: fc.integer({ min: 0, max: 2 }) }),
)
const anyPacket = fc.record({
  op: fc.constantFrom(SmpOp.read, SmpOp.write, SmpOp.writeResponse),
  version: fc.constantFrom<0 | 1>(0, 1),
  group: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 1) },
    fc.integer({ min: 2, max: 65_535 }),
  ),
  sequence: fc.integer({ min: 0, max: 255 }),
  command: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0, 1, 5) },
    fc.integer({ min: 0, max: 255 }),
  ),
  payload: anyPayload,
})
const anyDeed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('request' as const), packet: anyPacket }) },
  fc.record({ kind: fc.constant('noise' as const), bytes: fc.uint8Array({ maxLength: 64 }) }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('restore' as const),
      seed: fc.nat(9),
      bytes: fc.integer({ min: 1, max: executable.bytes }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom(...FLASH_FAULTS.map(({ kind }) => kind)),
      inOperations: fc.integer({ min: 1, max: 60 }),
    }),
  },
  fc.record({ kind: fc.constantFrom('power-cycle' as const, 'brick' as const, 'dump' as const) }),
)

/** A handset in hands that mean it ill: its chip, and the restore code in front of it. */
class Victim {
  flash = smallFlash({ contents: filledChip() })
  #bench = benchOf(this.flash)

  suffer(deed: Deed): void {
    try {
      this.#do(deed)
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      this.#powerCycle()
    }
  }

  #do(deed: Deed): void {
    switch (deed.kind) {
      case 'request':
        this.#bench.send(encodePacket(deed.packet))
        break
      case 'noise':
        this.#bench.send(deed.bytes)
        break
      case 'restore':
        uploadAll(this.#bench, plausibleImage(executable.bytes, deed.seed).subarray(0, deed.bytes))
        break
      case 'fault': {
        const at = this.flash.faults.passed(FLASH_FAULT_POINT) + deed.inOperations
        this.flash.faults.add({ point: FLASH_FAULT_POINT, kind: deed.fault, at })
        break
      }
      case 'power-cycle':
        this.#powerCycle()
        break
      case 'brick':
      case 'dump':
        this.#newChip(deed.kind === 'brick')
    }
  }

  #powerCycle(): void {
    this.flash.powerUp()
    this.#bench = benchOf(this.flash)
    this.#bench.boot()
  }

  /** The chip is read out and another handset is made with it, under another name. */
  #newChip(bricked: boolean): void {
    const order = { model: smallModel, name: 'other', seed: 99, sha256: nodeSha256 }
    const contents = adoptChip(this.flash.dump(), order)
    if (bricked) brickChip(contents, order)
    this.flash = smallFlash({ contents })
    this.#bench = benchOf(this.flash)
  }
}

function filledChip(): Uint8Array {
  const contents = smallChip()
  for (const name of ['protected', 'stash', 'backup', 'application-storage'] as const) {
    const { address, bytes } = regionOf(smallModel, name)
    contents.set(plausibleImage(bytes, 8), address)
  }
  return contents
}

test('terminal ID, device key and storage survive whatever comes over the line, cuts and bricks [S0-11] [S0-46]', () => {
  const before = untouchedDigests(new Victim().flash)
  const reached = { restores: 0, cuts: 0, operations: 0 }
  fc.assert(
    fc.property(fc.array(anyDeed, { minLength: 1, maxLength: 14, size: 'max' }), deeds => {
      const victim = new Victim()
      for (const deed of deeds) {
        const { flash } = victim
        const cutsBefore = flash.faults.pending().length
        victim.suffer(deed)
        if (deed.kind === 'restore') reached.restores += 1
        if (deed.kind !== 'fault' && flash.faults.pending().length < cutsBefore) reached.cuts += 1
        reached.operations += flash.operations
        expect(untouchedDigests(victim.flash)).toEqual(before)
      }
    }),
    { numRuns: 150, seed: 20_264 },
  )
  // The sequences do reach what they are about.
  expect(reached.restores).toBeGreaterThan(50)
  expect(reached.cuts).toBeGreaterThan(20)
  expect(reached.operations).toBeGreaterThan(1000)
})
