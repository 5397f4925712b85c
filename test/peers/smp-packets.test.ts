import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../src-main/base/bytes'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { encodePacket } from '../../src-main/wire/smp/packet'
import { NOTEBOOKS, packetsIn, readNotebook } from '../restore/conformance/notebook'
import { fromHex } from '../support/from-hex'
import { askOracle, hasOracle, named, PACKETS } from './smp-oracle'

describe.skipIf(!hasOracle).each(['console', 'raw'] as const)(
  'an independent encoder and decoder of %s packets',
  encoding => {
    const ours = PACKETS.map(packet => SMP_ENCODINGS[encoding].encode(encodePacket(packet)))

    test('reads the packets we encode', () => {
      const seen = askOracle('decode', encoding, ours.map(toHex)).map(line => JSON.parse(line))
      expect(seen).toEqual(PACKETS.map(packet => [named(packet)]))
    })

    test('reads many packets of one stream', () => {
      const [line = ''] = askOracle('decode', encoding, [toHex(concatBytes(ours))])
      expect(JSON.parse(line)).toEqual(PACKETS.map(named))
    })

    test('writes the very bytes that we write, and we read them back', () => {
      const requests = PACKETS.map(packet => JSON.stringify(named(packet)))
      const streams = askOracle('encode', encoding, requests)
      expect(streams).toEqual(ours.map(toHex))
      const stream = concatBytes(streams.map(hex => fromHex(hex)!))
      expect(packetsIn(stream, encoding)).toEqual(PACKETS)
    })
  },
)

describe.skipIf(!hasOracle)('an independent decoder', () => {
  test.each(NOTEBOOKS)('reads every sound packet of $file as we do', ({ file, encoding }) => {
    const streams = readNotebook(file).flatMap(({ steps }) =>
      steps.flatMap(step =>
        step.from === 'nobody' || step.says.startsWith('(') ? [] : [concatBytes(step.reads)],
      ),
    )
    const seen = askOracle('decode', encoding, streams.map(toHex)).map(line => JSON.parse(line))
    expect(seen).toEqual(streams.map(stream => packetsIn(stream, encoding).map(named)))
    expect(seen.flat().length).toBeGreaterThan(20)
  })
})
