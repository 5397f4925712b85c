import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asciiBytes, concatBytes } from '../../../src-main/base/bytes'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import type { SmpItem } from '../../../src-main/wire/smp/encoding'
import { rawEncoding, RawParser } from '../../../src-main/wire/smp/raw'
import { SmpReceiver } from '../../../src-main/wire/smp/receiver'
import { fromHex } from '../../support/from-hex'

const bytes = (hex: string) => fromHex(hex.replaceAll(' ', ''))!

/** Echo "kintsugi" as a request, version 1, sequence 0; and an empty map as a read, version 0. */
const GOLDEN = bytes('0a00 000c 0000 00 00 a1 61 64 68 6b696e7473756769')
const EMPTY = bytes('0000 0001 0001 07 00 a0')

const packet = (content: Uint8Array): SmpItem => ({ kind: 'packet', packet: content })
const text = (words: string): SmpItem => ({ kind: 'text', text: words })

function parse(...pieces: Uint8Array[]): SmpItem[] {
  const parser = new RawParser()
  return pieces.flatMap(piece => parser.push(piece))
}

describe('a raw line', () => {
  test('carries packets as they are, in whatever pieces they come', () => {
    expect(rawEncoding.encode(GOLDEN)).toEqual(GOLDEN)
    expect(rawEncoding.wireBytes(GOLDEN.length)).toBe(GOLDEN.length)
    const stream = concatBytes([GOLDEN, EMPTY, GOLDEN])
    const whole = [GOLDEN, EMPTY, GOLDEN].map(packet)
    expect(parse(stream)).toEqual(whole)
    expect(parse(...Array.from(stream, byte => Uint8Array.of(byte)))).toEqual(whole)
  })

  test('shows console text between packets, line by line', () => {
    const stream = concatBytes([asciiBytes('boot\r\nready\r\n'), GOLDEN, asciiBytes('> '), EMPTY])
    expect(parse(stream)).toEqual([
      text('boot'),
      text('ready'),
      packet(GOLDEN),
      text('> '),
      packet(EMPTY),
    ])
  })

  test.each([
    ['reserved bits', '2a00 0001 0000 00 00 a0'],
    ['version 2', '1000 0001 0000 00 00 a0'],
    ['operation 4', '0c00 0001 0000 00 00 a0'],
    ['flags', '0880 0001 0000 00 00 a0'],
    ['no payload', '0800 0000 0000 00 00 a0'],
    ['a payload that is no map', '0800 0001 0000 00 00 80'],
  ])('a header with %s is none, and the packet behind it is found', (_name, hex) => {
    const items = parse(bytes(hex), GOLDEN)
    expect(items.at(-1)).toEqual(packet(GOLDEN))
    expect(items.filter(({ kind }) => kind === 'packet')).toHaveLength(1)
    expect(items[0]).toMatchObject({ kind: 'discarded', reason: 'no packet begins with them' })
  })

  test('a packet longer than the receiver takes is none', () => {
    const parser = new RawParser(20)
    expect(parser.push(bytes('0800 000d'))).toEqual([])
    expect(parser.isOpen).toBe(true)
    expect(parser.push(EMPTY).at(-1)).toEqual(packet(EMPTY))
    expect(new RawParser(20).push(GOLDEN)).toEqual([packet(GOLDEN)])
  })

  test('a packet that was given up says so, and the next one is whole', () => {
    const parser = new RawParser()
    expect(parser.push(GOLDEN.subarray(0, 15))).toEqual([])
    const reason = 'the rest of a packet is missing'
    expect(parser.giveUp()).toEqual([{ kind: 'discarded', bytes: 15, reason }])
    expect(parser.isOpen).toBe(false)
    expect(parser.push(GOLDEN)).toEqual([packet(GOLDEN)])
    expect(parser.giveUp()).toEqual([])
  })

  test('after any noise and a silence a packet is found, and every byte was told of', () => {
    const noise = fc.uint8Array({ maxLength: 3000 })
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 3000 }), (before, at) => {
        const parser = new RawParser(1024)
        const items = [...parser.push(before.subarray(0, at)), ...parser.push(before.subarray(at))]
        items.push(...parser.giveUp())
        expect(parser.isOpen).toBe(false)
        const told = items.reduce((total, item) => total + bytesOf(item), 0)
        // Line ends are not a part of their lines.
        const ends = before.filter(byte => byte === 0x0a || byte === 0x0d).length
        expect(told).toBeLessThanOrEqual(before.length)
        expect(told).toBeGreaterThanOrEqual(before.length - ends)
        expect(parser.push(GOLDEN)).toEqual([packet(GOLDEN)])
      }),
    )
  })

  test('half a packet is dropped after 3000 ms of silence and not before', async () => {
    const clock = new VirtualClock()
    const items: SmpItem[] = []
    const receiver = new SmpReceiver({
      encoding: rawEncoding,
      clock,
      onItem: item => void items.push(item),
    })
    receiver.receive(GOLDEN.subarray(0, 10))
    await clock.advance(2999)
    receiver.receive(GOLDEN.subarray(10))
    expect(items).toEqual([packet(GOLDEN)])
    receiver.receive(GOLDEN.subarray(0, 10))
    await clock.advance(2999)
    expect(items).toHaveLength(1)
    await clock.advance(1)
    expect(items[1]).toMatchObject({ kind: 'discarded', bytes: 10 })
    receiver.receive(EMPTY)
    expect(items[2]).toEqual(packet(EMPTY))
  })
})

function bytesOf(item: SmpItem): number {
  if (item.kind === 'packet') return item.packet.length
  return item.kind === 'text' ? item.text.length : item.bytes
}
