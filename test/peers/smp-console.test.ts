import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../src-main/base/bytes'
import { fromHex } from '../support/from-hex'
import { seededRandom } from '../../src-main/base/random'
import { ConsoleParser, encodeConsole } from '../../src-main/wire/smp/console'
import { echo, readImageState, requestOf, uploadImage } from '../../src-main/wire/smp/messages'
import { decodePacket, encodePacket, type SmpPacket } from '../../src-main/wire/smp/packet'
import { peer } from '../support/peers'

const python = peer('python3') ?? ''
const ORACLE = join(import.meta.dirname, 'smp_oracle.py')

/** One line in, one line out. */
function ask(mode: 'encode' | 'decode', requests: readonly string[]): string[] {
  const input = requests.map(request => `${request}\n`).join('')
  return execFileSync(python, [ORACLE, mode], { input, encoding: 'utf8' }).trimEnd().split('\n')
}

/** A packet as the oracle names it. */
function named(packet: SmpPacket): object {
  return { ...packet, payload: toHex(encodePacket(packet).subarray(8)) }
}

const random = seededRandom(40)
const sha256 = random.bytes(32)
const PACKETS: SmpPacket[] = [
  requestOf(echo('kintsugi'), 0),
  requestOf(readImageState, 255),
  // Lengths around the ends of lines, up to many lines.
  ...[1, 60, 61, 62, 63, 64, 200, 256, 960, 4096, 65_000].map((length, index) => {
    const first = index % 2 === 0 ? { totalBytes: 320_016, sha256 } : undefined
    const offset = first ? 0 : index * 1000
    const piece = { offset, data: random.bytes(length), ...(first && { first }) }
    return requestOf(uploadImage(piece), index)
  }),
]

describe.skipIf(python === '')('an independent encoder and decoder', () => {
  test('reads the packets we encode', () => {
    const streams = PACKETS.map(packet => toHex(encodeConsole(encodePacket(packet))))
    const seen = ask('decode', streams).map(line => JSON.parse(line))
    expect(seen).toEqual(PACKETS.map(packet => [named(packet)]))
  })

  test('reads many packets of one stream', () => {
    const stream = concatBytes(PACKETS.map(packet => encodeConsole(encodePacket(packet))))
    const [line = ''] = ask('decode', [toHex(stream)])
    expect(JSON.parse(line)).toHaveLength(PACKETS.length)
  })

  test('writes the very bytes that we write, and we read them back', () => {
    const requests = PACKETS.map(packet => JSON.stringify(named(packet)))
    const streams = ask('encode', requests).map(hex => fromHex(hex)!)
    expect(streams.map(toHex)).toEqual(
      PACKETS.map(packet => toHex(encodeConsole(encodePacket(packet)))),
    )
    const items = new ConsoleParser().push(concatBytes(streams))
    const read = items.map(item => item.kind === 'packet' && decodePacket(item.packet))
    expect(read).toEqual(PACKETS)
  })

  test('writes answers as MCUboot does, in maps of indefinite length, and we read them', () => {
    const payload = 'bf66696d616765739fbf64736c6f74006776657273696f6e65312e322e33ffffff'
    const header = { op: 1, version: 0, group: 1, sequence: 9, command: 0 }
    const [hex = ''] = ask('encode', [JSON.stringify({ ...header, payload })])
    const [item] = new ConsoleParser().push(fromHex(hex)!)
    const images = [{ slot: 0, version: '1.2.3' }]
    expect(item?.kind === 'packet' && decodePacket(item.packet)).toEqual({
      ...header,
      payload: { images },
    })
  })
})
