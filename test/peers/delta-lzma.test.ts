import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { encodeLzma } from '../../src-main/delta/lzma-encoder'
import { LzmaDecoder } from '../../src-main/wire/delta/lzma-decoder'
import { FIRMWARE_PAIRS } from '../delta/pairs'
import { peer } from '../support/peers'

const python = peer('python3')
const SETTINGS = [
  { lc: 0, lp: 0, pb: 0, dictionaryBytes: 4096 },
  { lc: 3, lp: 0, pb: 2, dictionaryBytes: 65_536 },
  { lc: 0, lp: 2, pb: 2, dictionaryBytes: 4096 },
  { lc: 1, lp: 3, pb: 4, dictionaryBytes: 16_384 },
]
const SCRIPT = `
import lzma, sys
how, lc, lp, pb, size = sys.argv[1], *map(int, sys.argv[2:])
filters = [{"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": size}]
code = lzma.compress if how == "compress" else lzma.decompress
sys.stdout.buffer.write(code(sys.stdin.buffer.read(), lzma.FORMAT_RAW, filters=filters))
`

/** Python's own LZMA, over the first bytes of a real image. */
describe.runIf(python)('LZMA', () => {
  const bytes = FIRMWARE_PAIRS[0]!.fresh.subarray(0, 100_000)
  const ask = (how: string, settings: (typeof SETTINGS)[number], input: Uint8Array) =>
    execFileSync(python!, ['-c', SCRIPT, how, ...Object.values(settings).map(String)], { input })

  test.each(SETTINGS)('of Python with lc $lc, lp $lp, pb $pb is read', settings => {
    const packed = ask('compress', settings, bytes).subarray(1)
    const decoder = new LzmaDecoder('bytes', packed, bytes.length, settings)
    expect(Uint8Array.from(bytes, () => decoder.next())).toEqual(bytes)
  })

  test.each(SETTINGS)('of ours with lc $lc, lp $lp, pb $pb is read by Python', async settings => {
    const { raw } = await encodeLzma(bytes, settings)
    expect(new Uint8Array(ask('decompress', settings, raw))).toEqual(bytes)
  })
})
