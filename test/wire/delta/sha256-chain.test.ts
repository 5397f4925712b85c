import { createHash } from 'node:crypto'
import { array, assert, nat, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asciiBytes, toHex } from '../../../src-main/base/bytes'
import { seededRandom } from '../../../src-main/base/random'
import { Sha256Chain } from '../../../src-main/wire/delta/sha256-chain'

function digestOf(...pieces: Uint8Array[]): string {
  const hash = new Sha256Chain()
  for (const piece of pieces) hash.update(piece)
  return toHex(hash.digest())
}

// NIST's examples for SHA-256.
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  [
    'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
    'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  ],
])('SHA-256 of "%s"', (text, digest) => {
  expect(digestOf(asciiBytes(text))).toBe(digest)
})

describe('the resumable SHA-256', () => {
  test('is that of Node for any bytes in any pieces', () => {
    assert(
      property(array(uint8Array({ maxLength: 300 }), { maxLength: 8 }), pieces => {
        const expected = createHash('sha256')
        for (const piece of pieces) expected.update(piece)
        expect(digestOf(...pieces)).toBe(expected.digest('hex'))
      }),
    )
  })

  test('goes on from the state after any number of blocks', () => {
    const bytes = seededRandom(4).bytes(5000)
    const whole = createHash('sha256').update(bytes).digest('hex')
    assert(
      property(nat(78), blocks => {
        const before = new Sha256Chain()
        before.update(bytes.subarray(0, 64 * blocks))
        const after = new Sha256Chain(before.chainingState(), 64 * blocks)
        after.update(bytes.subarray(64 * blocks))
        expect(toHex(after.digest())).toBe(whole)
      }),
    )
  })

  test('counts the bits of more than 512 MiB', () => {
    const zeros = new Uint8Array(64)
    const hash = new Sha256Chain(undefined, 2 ** 29)
    hash.update(zeros)
    // The count of bits needs a second word; without it this would be the digest of 64 zeros.
    expect(toHex(hash.digest())).not.toBe(digestOf(zeros))
  })
})
