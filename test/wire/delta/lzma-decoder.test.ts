import { assert, constantFrom, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import { seededRandom } from '../../../src-main/base/random'
import { encodeLzma, trimmed } from '../../../src-main/delta/lzma-encoder'
import { LzmaDecoder, type LzmaSettings } from '../../../src-main/wire/delta/lzma-decoder'
import { fromHex } from '../../support/from-hex'

const SMALL = { lc: 0, lp: 0, pb: 0, dictionaryBytes: 4096 }

function decoded(packed: Uint8Array, bytes: number, settings: LzmaSettings): Uint8Array {
  const decoder = new LzmaDecoder('bytes', packed, bytes, settings)
  const whole = Uint8Array.from({ length: bytes }, () => decoder.next())
  decoder.finish()
  return whole
}

/** Text with near and far repetitions, beyond a small dictionary too. */
function sample(seed: number, length: number): Uint8Array {
  const random = seededRandom(seed)
  const bytes: number[] = []
  while (bytes.length < length) {
    const choice = random.below(4)
    const back = Math.min(bytes.length, 1 + random.below(choice === 0 ? 4 : 9000))
    if (choice === 3 || back === 0) bytes.push(...random.bytes(1 + random.below(20)))
    else for (let count = random.below(600); count >= 0; count--) bytes.push(bytes.at(-back) ?? 0)
  }
  return Uint8Array.from(bytes.slice(0, length))
}

/** What a call gives, or the code of its error. */
function outcomeOf(call: () => number): number | string {
  try {
    return call()
  } catch (error) {
    if (error instanceof CodedError) return error.code
    throw error
  }
}

const everySetting = [0, 1, 2, 3, 4].flatMap(lc =>
  [0, 1, 2, 3, 4].filter(lp => lc + lp <= 4).map((lp, index) => ({ lc, lp, pb: (lc + index) % 5 })),
)

describe('the LZMA decoder', () => {
  test('reads a literal stream of "hello hello hello hello world"', () => {
    const packed = fromHex('341949ee8de9560c612a6f6bd329a6215f')!
    const text = decoded(packed, 29, { lc: 3, lp: 0, pb: 2, dictionaryBytes: 4096 })
    expect(String.fromCharCode(...text)).toBe('hello hello hello hello world')
  })

  test.each(everySetting)('reads what liblzma wrote with lc $lc, lp $lp, pb $pb', async context => {
    const settings = { ...context, dictionaryBytes: 4096 }
    const bytes = sample(context.lc * 5 + context.lp, 40_000)
    const packed = trimmed(await encodeLzma(bytes, settings), bytes.length)
    expect(decoded(packed, bytes.length, settings)).toEqual(bytes)
  })

  test('reads distances of a dictionary of a mebibyte', async () => {
    const noise = seededRandom(3).bytes(700_000)
    const bytes = Uint8Array.from([...noise, ...noise.subarray(0, 1000)])
    const settings = { ...SMALL, dictionaryBytes: 2 ** 20 }
    const { raw } = await encodeLzma(bytes, settings)
    expect(raw.length).toBeLessThan(noise.length * 1.02)
    expect(decoded(trimmed({ raw, settings }, bytes.length), bytes.length, settings)).toEqual(bytes)
  })

  test('gives nothing of an empty stream and takes no memory for it', () => {
    expect(decoded(new Uint8Array(0), 0, SMALL)).toEqual(new Uint8Array(0))
  })

  test('refuses a stream that is cut off, or goes on', async () => {
    const bytes = sample(5, 3000)
    const packed = trimmed(await encodeLzma(bytes, SMALL), bytes.length)
    for (let length = 0; length < packed.length; length++) {
      expect(() => decoded(packed.subarray(0, length), bytes.length, SMALL)).toThrow(
        /ends in the middle of its bytes|more bytes than/,
      )
    }
    const longer = Uint8Array.from([...packed, 0])
    expect(() => decoded(longer, bytes.length, SMALL)).toThrow('more bytes than it uses')
  })

  test('ends on any bytes with an error or with as many bytes as were asked for', () => {
    assert(
      property(uint8Array({ maxLength: 300 }), constantFrom(...everySetting), (raw, how) => {
        const settings = { ...how, dictionaryBytes: 4096 }
        expect(outcomeOf(() => decoded(raw, 2000, settings).length)).toBeOneOf([
          2000,
          'DELTA_DAMAGED',
        ])
      }),
    )
  })
})
