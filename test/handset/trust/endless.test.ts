import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METADATA_BYTES_MAX } from '../../../src-main/wire/metadata/messages'
import { answered, bytesOf, trusting } from './trusting'

const PIECE_BYTES = 1000

/** Bytes without an end, and how many of them were taken. */
function endless(first = '') {
  const taken = { bytes: 0 }
  async function* pieces() {
    yield bytesOf(first)
    for (;;) {
      taken.bytes += PIECE_BYTES
      yield new Uint8Array(PIECE_BYTES).fill(0x20)
    }
  }
  return { taken, pieces: pieces() }
}

describe('endless data', () => {
  test.each([
    ['2.root.json', METADATA_BYTES_MAX.root],
    ['timestamp.json', METADATA_BYTES_MAX.timestamp],
  ])('%s is read up to its limit and no further', async (file, limit) => {
    const { air, verdict, release } = await trusting()
    const flood = endless()
    air.attacker = async asked => (asked === file ? flood : undefined)
    expect(await verdict(release)).toBe('METADATA_TOO_LONG')
    expect(flood.taken.bytes).toBeLessThanOrEqual(limit + PIECE_BYTES)
  })

  test.each(['1.snapshot.json', '2.targets.json'])(
    '%s is read up to the length that was announced for it',
    async file => {
      const { air, given, verdict, release } = await trusting()
      const document = (await given(file))!
      const flood = endless(document)
      air.attacker = async asked => (asked === file ? flood : undefined)
      expect(await verdict(release)).toBe('METADATA_TOO_LONG')
      expect(flood.taken.bytes).toBeLessThanOrEqual(PIECE_BYTES)
    },
  )

  test('an answer that refuses is not read for ever either', async () => {
    const { air, verdict, release } = await trusting()
    const flood = endless()
    air.attacker = async () => ({ status: 404, pieces: flood.pieces })
    expect(await verdict(release)).toBe('METADATA_TOO_LONG')
    expect(flood.taken.bytes).toBeLessThanOrEqual(METADATA_BYTES_MAX.root + PIECE_BYTES)
  })
})

describe('what is no metadata', () => {
  test('whatever is changed in any document, nothing is proved by it', async () => {
    const { air, given, release, root, provision, verdict } = await trusting()
    const files = ['timestamp.json', '1.snapshot.json', '2.targets.json']
    const change = fc.record({
      file: fc.constantFrom(...files),
      at: fc.nat(),
      text: fc.oneof(fc.string(), fc.constantFrom('{', '"', '9', ',"__proto__":{}', '[[[[')),
      removed: fc.nat(20),
    })
    const isProved = fc.asyncProperty(change, async ({ file, at, text, removed }) => {
      provision(root)
      const document = (await given(file))!
      const from = at % document.length
      const changed = document.slice(0, from) + text + document.slice(from + removed)
      air.attacker = async asked => (asked === file ? answered(changed) : undefined)
      const isSame = JSON.stringify(parsed(changed)) === JSON.stringify(parsed(document))
      const found = await verdict(release)
      expect(found).toMatch(isSame ? /^(proved|METADATA_\w+)$/ : /^METADATA_\w+$/)
    })
    await fc.assert(isProved, { numRuns: 150, seed: 7 })
  })

  test.each(['', 'null', '[]', '{}', '{"signed":{}}', '"root"', '<html>'])(
    'a handset is not provisioned with %j',
    async text => {
      const { provision, root, view } = await trusting()
      expect(() => provision(text)).toThrow(expect.objectContaining({ code: 'ROOT_UNFIT' }))
      const unsigned = JSON.stringify({ ...JSON.parse(root), signatures: [] })
      expect(() => provision(unsigned)).toThrow(expect.objectContaining({ code: 'ROOT_UNFIT' }))
      expect(view()).toMatchObject({ vendorName: 'Vendor A', rootVersion: 1 })
    },
  )
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
