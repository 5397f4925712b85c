import { describe, expect, test } from 'vitest'
import { restoreImageOf } from '../../src-main/restore/restore-image'
import { binOf, headed, noise, sha256 } from './workshop'

describe('the hash that a device lists once it holds an image', () => {
  test('is the SHA-256 of all bytes', () => {
    const bytes = noise(77)
    expect(restoreImageOf(binOf(bytes))).toEqual({
      bytes,
      sha256: sha256(bytes),
      listedHash: sha256(bytes),
      listedHashCoversAll: true,
    })
  })

  test('is the one inside an image made for MCUboot', () => {
    const bytes = headed(sha256)
    const image = restoreImageOf(binOf(bytes))
    expect(image.listedHash).toEqual(sha256(bytes.subarray(0, 132)))
    expect(image.sha256).toEqual(sha256(bytes))
    expect(image.listedHashCoversAll).toBe(false)
  })

  test('is not the one inside where that is wrong', () => {
    const bytes = headed(hashed => sha256(hashed.subarray(1)))
    expect(restoreImageOf(binOf(bytes)).listedHash).toEqual(sha256(bytes))
  })
})
