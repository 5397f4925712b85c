import { describe, expect, test } from 'vitest'
import { limitsFor } from '../../src-main/restore/drivers/smp-limits'
import { consoleEncoding } from '../../src-main/wire/smp/console'
import { rawEncoding } from '../../src-main/wire/smp/raw'
import { requestOf, uploadImage } from '../../src-main/wire/smp/messages'
import { encodePacket } from '../../src-main/wire/smp/packet'

const MIB = 1024 * 1024

describe('how an image is cut into pieces', () => {
  test.each([
    // MCUboot's default, Zephyr's default, a large one, and one beyond what is useful.
    [1024, { firstPieceBytes: 928, pieceBytes: 992 }],
    [384, { firstPieceBytes: 288, pieceBytes: 352 }],
    [4096, { firstPieceBytes: 4000, pieceBytes: 4064 }],
    [65_535, { firstPieceBytes: 8192, pieceBytes: 8192 }],
  ])('for a device with buffers of %i bytes', (bufferBytes, pieces) => {
    expect(limitsFor(MIB, { bufferBytes, bufferCount: 2 }, consoleEncoding)).toMatchObject(pieces)
  })

  test('no packet is longer than the buffer, and the next larger piece would be', () => {
    const first = { totalBytes: MIB, sha256: new Uint8Array(32) }
    for (const bufferBytes of [160, 256, 384, 512, 1000, 1024, 2048, 4096]) {
      const limits = limitsFor(MIB, { bufferBytes, bufferCount: 1 }, consoleEncoding)
      const bytesOf = (offset: number, bytes: number) => {
        const piece = { offset, data: new Uint8Array(bytes), ...(offset === 0 ? { first } : {}) }
        return encodePacket(requestOf(uploadImage(piece), 255)).length + 4
      }
      expect(bytesOf(0, limits.firstPieceBytes)).toBeLessThanOrEqual(bufferBytes)
      expect(bytesOf(MIB - 1, limits.pieceBytes)).toBeLessThanOrEqual(bufferBytes)
      expect(bytesOf(MIB - 1, limits.pieceBytes + 32)).toBeGreaterThan(bufferBytes - 3)
    }
  })

  test.each([
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 4],
    [8, 8],
    [200, 8],
  ])('with %i buffers %i pieces are under way', (bufferCount, window) => {
    expect(limitsFor(MIB, { bufferBytes: 1024, bufferCount }, consoleEncoding).window).toBe(window)
  })

  test.each([
    [1, 1],
    [2, 2],
    [8, 8],
    [200, 8],
  ])('raw, with %i buffers no more than %i pieces are', (bufferCount, window) => {
    const limits = limitsFor(MIB, { bufferBytes: 1024, bufferCount }, rawEncoding)
    expect(limits).toEqual({
      totalBytes: MIB,
      firstPieceBytes: 928,
      pieceBytes: 992,
      window,
      quietMs: 3200,
    })
  })

  test('a device that names a buffer too small for anything is not believed', () => {
    expect(() => limitsFor(MIB, { bufferBytes: 64, bufferCount: 1 }, consoleEncoding)).toThrow(
      'its buffer holds 64 bytes, which is too little',
    )
    expect(() => limitsFor(MIB, { bufferBytes: 0, bufferCount: 1 }, consoleEncoding)).toThrow(
      'holds 0 bytes',
    )
  })
})
