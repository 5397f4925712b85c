import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src-main/base/bytes'
import { restoreImageOf } from '../../src-main/restore/restore-image'
import { binOf, noise, sha256 } from './workshop'

/** A header that says 32 bytes of header and 100 of body, and a trailer with this hash. */
function headed(hash: (hashed: Uint8Array) => Uint8Array): Uint8Array {
  const header = new Uint8Array(32)
  const view = new DataView(header.buffer)
  view.setUint32(0, 0x96f3b83d, true)
  view.setUint16(8, 32, true)
  view.setUint32(12, 100, true)
  const hashed = concatBytes([header, noise(100)])
  const trailer = Uint8Array.of(0x07, 0x69, 40, 0, 0x10, 0, 32, 0)
  return concatBytes([hashed, trailer, hash(hashed)])
}

describe('the hash that a device lists once it holds an image', () => {
  test('is the SHA-256 of all bytes', () => {
    const bytes = noise(77)
    expect(restoreImageOf(binOf(bytes))).toEqual({
      bytes,
      sha256: sha256(bytes),
      listedHash: sha256(bytes),
    })
  })

  test('is the one inside an image made for MCUboot', () => {
    const bytes = headed(sha256)
    const image = restoreImageOf(binOf(bytes))
    expect(image.listedHash).toEqual(sha256(bytes.subarray(0, 132)))
    expect(image.sha256).toEqual(sha256(bytes))
  })

  test('is not the one inside where that is wrong', () => {
    const bytes = headed(hashed => sha256(hashed.subarray(1)))
    expect(restoreImageOf(binOf(bytes)).listedHash).toEqual(sha256(bytes))
  })
})
