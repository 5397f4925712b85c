import { expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import {
  createIdentity,
  decodeIdentity,
  encodeIdentity,
} from '../../../src-main/handset/boot/identity'
import { FlashFault } from '../../../src-main/handset/flash/flash-port'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { regionOf } from '../../../src-main/handset/model/model'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
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
