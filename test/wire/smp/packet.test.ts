import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'
import {
  announcedPayloadBytes,
  decodePacket,
  encodePacket,
  SmpFormatError,
} from '../../../src-main/wire/smp/packet'

const bytes = (hex: string) => fromHex(hex)!

describe('packets', () => {
  test('a request is its header and a CBOR map', () => {
    const packet = encodePacket({
      op: 2,
      version: 1,
      group: 0x0102,
      sequence: 255,
      command: 7,
      payload: { d: 'hi' },
    })
    expect(toHex(packet)).toBe('0a0000060102ff07a16164626869')
  })

  test('maps and lists of indefinite length are read as MCUboot writes them', () => {
    // {"images": [{"slot": 0, "version": "1.2.3"}]}
    const answer = bytes(
      '09000021 00010200 bf66696d616765739fbf64736c6f74006776657273696f6e65312e322e33ffffff',
    )
    expect(decodePacket(answer)).toEqual({
      op: 1,
      version: 1,
      group: 1,
      sequence: 2,
      command: 0,
      payload: { images: [{ slot: 0, version: '1.2.3' }] },
    })
  })

  test('byte strings arrive as bytes', () => {
    const { payload } = decodePacket(bytes('0a00000a 00010001 a1 64 64617461 43 010203'))
    expect(payload).toEqual({ data: Uint8Array.of(1, 2, 3) })
  })

  test('flags, which mean nothing yet, are not looked at', () => {
    expect(decodePacket(bytes('0aff0001 00000005 a0')).command).toBe(5)
  })

  test('the announced length is known as soon as the header is there', () => {
    expect(announcedPayloadBytes(bytes('0a00123400000000'))).toBe(0x1234)
    expect(announcedPayloadBytes(bytes('0a001234000000'))).toBeUndefined()
  })

  test('a payload that no packet can hold is a defect of the caller', () => {
    const payload = { data: new Uint8Array(65_530) }
    const packet = { op: 2, version: 1, group: 1, sequence: 0, command: 1, payload } as const
    expect(() => encodePacket(packet)).toThrow('Broken invariant')
  })
})

describe('refusals', () => {
  test.each([
    ['nothing', '', 'a packet has at least 8 bytes, 0 arrived'],
    ['half a header', '0a000001000000', 'a packet has at least 8 bytes, 7 arrived'],
    ['a missing payload', '0a0000010000000 0', 'header announces 1 payload bytes, 0 arrived'],
    ['a long payload', '0a00000100000000a0a0', 'header announces 1 payload bytes, 2 arrived'],
    ['reserved bits', '2a00000100000000a0', 'the reserved bits of the first byte are not 0'],
    ['operation 4', '0c00000100000000a0', 'operation 4 is none of read, write and their answers'],
    ['version 2', '1200000100000000a0', 'protocol version 2 is not known (0 and 1 are)'],
    ['no payload at all', '0a00000000000000', 'the payload is not CBOR'],
    ['a broken map', '0a00000100000000a1', 'the payload is not CBOR'],
    ['a map without end', '0a00000100000000bf', 'the payload is not CBOR'],
    ['two values', '0a00000200000000a0a0', 'the payload is not CBOR'],
    ['a list', '0a0000010000000080', 'the payload is not a map with text keys'],
    ['a number', '0a0000010000000000', 'the payload is not a map with text keys'],
    ['null', '0a00000100000000f6', 'the payload is not a map with text keys'],
    ['a map with number keys', '0a00000300000000a10102', 'the payload is not a map with text keys'],
    ['a tagged map', '0a00000200000000c1a0', 'the payload is not a map with text keys'],
    ['a key twice', '0a00000700000000a2616101616102', 'Duplicate key'],
    ['a text that is no UTF-8', '0a00000500000000a1616161ff', 'not CBOR'],
    ['a string longer than all', '0a00000800000000a161615b7fffffff', 'not CBOR'],
    ['a list of 2^64 entries', '0a00000c00000000a161619bffffffffffffffff', 'not CBOR'],
    ['nested lists', `0a00000f00000000a16161${'81'.repeat(11)}00`, 'depth'],
  ])('%s', (_, hex, message) => {
    expect(() => decodePacket(bytes(hex))).toThrow(SmpFormatError)
    expect(() => decodePacket(bytes(hex))).toThrow(message)
  })

  test('more bytes than a packet can have', () => {
    expect(() => decodePacket(new Uint8Array(65_534))).toThrow('a packet has at most 65533 bytes')
  })

  test('whatever arrives, nothing but a packet or an SmpFormatError comes of it', () => {
    const header = fc.constantFrom('0800', '0900', '0a00', '0b00')
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 200 }), (start, payload) => {
        const length = payload.length.toString(16).padStart(4, '0')
        const packet = bytes(`${start}${length}00010001${toHex(payload)}`)
        expect(['packet', 'SmpFormatError']).toContain(outcomeOf(packet))
      }),
      { numRuns: 3000 },
    )
  })

  test('every packet comes back as it was sent', () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.string({ maxLength: 40 }),
      fc.boolean(),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.dictionary(fc.string({ maxLength: 5 }), fc.nat(), { noNullPrototype: true }), {
        maxLength: 3,
      }),
    )
    const packet = fc.record({
      op: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      version: fc.constantFrom(0 as const, 1 as const),
      group: fc.integer({ min: 0, max: 65_535 }),
      sequence: fc.integer({ min: 0, max: 255 }),
      command: fc.integer({ min: 0, max: 255 }),
      payload: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), value, {
        noNullPrototype: true,
      }),
    })
    fc.assert(
      fc.property(packet, sent => {
        expect(decodePacket(encodePacket(sent))).toEqual(sent)
      }),
    )
  })
})

function outcomeOf(packet: Uint8Array): string {
  try {
    decodePacket(packet)
    return 'packet'
  } catch (error) {
    return error instanceof SmpFormatError ? 'SmpFormatError' : String(error)
  }
}
