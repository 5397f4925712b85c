import { expect, test } from 'vitest'
import { Nv } from '../../../src-main/handset/trust/nv'
import { decodeTrust, encodeTrust } from '../../../src-main/handset/trust/trust-record'
import { METADATA_BYTES_MAX } from '../../../src-main/wire/metadata/messages'

test('a power cut at any byte of a write leaves the record before or the new one', () => {
  const nv = new Nv()
  nv.write(Uint8Array.of(1, 1))
  nv.write(Uint8Array.of(2, 2, 2))
  const before = nv.dump()
  nv.write(Uint8Array.of(3))
  const after = nv.dump()
  const written = after.findIndex((place, at) => place.join() !== before[at]!.join())
  for (let bytes = 0; bytes <= after[written]!.length; bytes++) {
    const torn = before.map((place, at) => {
      if (at !== written) return place
      return Uint8Array.of(...after[at]!.subarray(0, bytes), ...place.subarray(bytes))
    })
    const isWhole = bytes === after[written]!.length
    expect([...new Nv(torn).read()!]).toEqual(isWhole ? [3] : [2, 2, 2])
  }
})

test('nothing is read where nothing was written, and a record that is too large is refused', () => {
  const nv = new Nv()
  expect(nv.read()).toBeUndefined()
  expect(new Nv([new Uint8Array(40), Uint8Array.of(0x4b)]).read()).toBeUndefined()
  nv.write(Uint8Array.of(7))
  expect(() => nv.write(new Uint8Array(4 * 1024 * 1024 + 1))).toThrow(
    expect.objectContaining({ code: 'NV_FULL' }),
  )
  expect([...nv.read()!]).toEqual([7])
})

test('the largest that may be kept of a vendor has room, however it is written', () => {
  const filled = (bytes: number) => '\u007f'.repeat(bytes)
  const { root, timestamp, snapshot, targets } = METADATA_BYTES_MAX
  const kept = {
    root: filled(root),
    timestamp: filled(timestamp),
    snapshot: filled(snapshot),
    targets: filled(targets),
  }
  const nv = new Nv()
  nv.write(encodeTrust({ kept, checkedAt: Number.MAX_SAFE_INTEGER }))
  expect(decodeTrust(nv.read()!)?.kept).toEqual(kept)
})
