import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asciiBytes, concatBytes, toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'
import { consoleBytes, ConsoleParser, encodeConsole } from '../../../src-main/wire/smp/console'
import type { SmpItem } from '../../../src-main/wire/smp/encoding'

const bytes = (hex: string) => fromHex(hex)!
const ascii = asciiBytes
const parse = (...pieces: Uint8Array[]): SmpItem[] => {
  const parser = new ConsoleParser()
  return pieces.flatMap(piece => parser.push(piece))
}

const ECHO = bytes('0a00000c00000000a16164686b696e7473756769')
const ECHO_LINE = ascii('\u0006\u0009ABYKAAAMAAAAAKFhZGhraW50c3Vnadm0\n')
const packet = (content: Uint8Array): SmpItem => ({ kind: 'packet', packet: content })

/** 100 bytes: two lines, the first full. Worked out with Python's base64 and binascii. */
const COUNTED = Uint8Array.from({ length: 100 }, (_, index) => index)
const COUNTED_LINES = [
  '\u0006\u0009AGYAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8w',
  'MTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFla\n',
  '\u0004\u0014W1xdXl9gYWJjAp4=\n',
].join('')

describe('encoding', () => {
  test('a short packet is one line', () => {
    expect(toHex(encodeConsole(ECHO))).toBe(toHex(ECHO_LINE))
  })

  test('a longer one is cut after 124 characters', () => {
    expect(toHex(encodeConsole(COUNTED))).toBe(toHex(ascii(COUNTED_LINES)))
  })

  test.each([8, 89, 90, 182, 183, 1020, 65_533])('%i bytes take what was foretold', length => {
    expect(encodeConsole(new Uint8Array(length))).toHaveLength(consoleBytes(length))
  })

  test('lines have 127 bytes at most', () => {
    const lines = new TextDecoder().decode(encodeConsole(new Uint8Array(2000))).split('\n')
    expect(Math.max(...lines.map(line => line.length + 1))).toBe(127)
  })

  test('a packet too long for its length field is a defect of the caller', () => {
    expect(() => encodeConsole(new Uint8Array(65_534))).toThrow('Broken invariant')
  })
})

describe('parsing', () => {
  test('a packet of one line and one of several', () => {
    expect(parse(ECHO_LINE, ascii(COUNTED_LINES))).toEqual([packet(ECHO), packet(COUNTED)])
  })

  test('any cut of the stream in two gives the same', () => {
    const stream = concatBytes([
      ascii('booting\r\n'),
      ascii(COUNTED_LINES.replace('\n', '\r\nlog between\n')),
      ascii('\u0004\u0014AAAA\n> '),
      ECHO_LINE,
      ascii('bye\n'),
    ])
    const whole = parse(stream)
    expect(whole).toEqual([
      { kind: 'text', text: 'booting' },
      { kind: 'text', text: 'log between' },
      packet(COUNTED),
      { kind: 'discarded', bytes: 7, reason: 'a line of a frame without its beginning' },
      { kind: 'text', text: '> ' },
      packet(ECHO),
      { kind: 'text', text: 'bye' },
    ])
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(parse(stream.subarray(0, cut), stream.subarray(cut)), `cut ${cut}`).toEqual(whole)
    }
  })

  test('byte by byte gives the same', () => {
    const stream = ascii(COUNTED_LINES)
    expect(parse(...Array.from(stream, byte => Uint8Array.of(byte)))).toEqual([packet(COUNTED)])
  })

  test('marker, body and line end may come one by one', () => {
    const [marker, body, end] = [ECHO_LINE.subarray(0, 2), ECHO_LINE.subarray(2, -1), ascii('\n')]
    expect(parse(marker, body, end)).toEqual([packet(ECHO)])
  })

  test('a line that ends in carriage return and line feed is as good', () => {
    expect(parse(ascii(COUNTED_LINES.replaceAll('\n', '\r\n')))).toEqual([packet(COUNTED)])
  })

  test('longer lines than one sends oneself are taken', () => {
    const oneLine = ascii(COUNTED_LINES.replace('\n\u0004\u0014', ''))
    expect(parse(oneLine)).toEqual([packet(COUNTED)])
  })

  test('a marker ends the line it stands in', () => {
    const withoutEnd = ECHO_LINE.subarray(0, -1)
    expect(parse(withoutEnd, ECHO_LINE)).toEqual([packet(ECHO), packet(ECHO)])
    expect(parse(ascii('prompt> '), ECHO_LINE)).toEqual([
      { kind: 'text', text: 'prompt> ' },
      packet(ECHO),
    ])
    expect(parse(ascii(COUNTED_LINES.replace('\n', '')))).toEqual([packet(COUNTED)])
  })

  test('half a marker is text', () => {
    expect(parse(ascii('a\u0006\u0006b\u0004\n'))).toEqual([
      { kind: 'text', text: 'a\u0006\u0006b\u0004' },
    ])
  })

  test('empty lines are nothing', () => {
    expect(parse(ascii('\n\r\n\n'))).toEqual([])
  })

  test('console text beyond ASCII and beyond a thousand characters comes in parts', () => {
    const items = parse(new Uint8Array(2500).fill(0xe9), ascii('\n'))
    expect(items.map(item => item.kind === 'text' && item.text.length)).toEqual([1024, 1024, 452])
    expect(items[2]).toEqual({ kind: 'text', text: 'é'.repeat(452) })
  })
})

describe('broken frames', () => {
  const CASES: [name: string, stream: string, items: SmpItem[]][] = [
    [
      'a flipped bit',
      '\u0006\u0009ABYKAAAMAAAAAKFhZGhraW50c3VnadmA\n',
      [{ kind: 'discarded', bytes: 35, reason: 'the CRC of the frame is wrong' }],
    ],
    [
      'a lost character',
      '\u0006\u0009BYKAAAMAAAAAKFhZGhraW50c3Vnadm0\n',
      [{ kind: 'discarded', bytes: 34, reason: 'a line of the frame is not base64' }],
    ],
    [
      'a stray byte',
      '\u0006\u0009ABYKAAAM?AAAAKFhZGhraW50c3Vnadm0\n',
      [{ kind: 'discarded', bytes: 35, reason: 'a line of the frame is not base64' }],
    ],
    [
      'a length below a header',
      '\u0006\u0009AAkKAAAMAAAAAKFh\n',
      [{ kind: 'discarded', bytes: 19, reason: 'a packet of 7 bytes was announced' }],
    ],
    [
      'no length',
      '\u0006\u0009\n\u0006\u0009AA==\n',
      [
        { kind: 'discarded', bytes: 3, reason: 'the first line of a frame holds no length' },
        { kind: 'discarded', bytes: 7, reason: 'the first line of a frame holds no length' },
      ],
    ],
    [
      'more bytes than announced',
      '\u0006\u0009AAsIAAABAAABBqBEI0Q=\n',
      [
        {
          kind: 'discarded',
          bytes: 23,
          reason: 'the frame is longer than the 13 bytes it announced',
        },
      ],
    ],
    [
      'a lost first line',
      COUNTED_LINES.slice(COUNTED_LINES.indexOf('\n') + 1),
      [{ kind: 'discarded', bytes: 19, reason: 'a line of a frame without its beginning' }],
    ],
    [
      'a lost last line',
      COUNTED_LINES.slice(0, COUNTED_LINES.indexOf('\n') + 1),
      [{ kind: 'discarded', bytes: 127, reason: 'a new frame began before this one was whole' }],
    ],
    [
      'a spoilt second line',
      COUNTED_LINES.replace('W1xd', 'W1x~'),
      [{ kind: 'discarded', bytes: 146, reason: 'a line of the frame is not base64' }],
    ],
    [
      'a second line twice',
      COUNTED_LINES + COUNTED_LINES.slice(127),
      [
        packet(COUNTED),
        { kind: 'discarded', bytes: 19, reason: 'a line of a frame without its beginning' },
      ],
    ],
    [
      'a line without an end in sight',
      `\u0006\u0009${'A'.repeat(3000)}\n`,
      [
        { kind: 'discarded', bytes: 1026, reason: 'a line of the frame is too long' },
        { kind: 'discarded', bytes: 1024, reason: 'the rest of a line that is too long' },
        { kind: 'discarded', bytes: 953, reason: 'the rest of a line that is too long' },
      ],
    ],
  ]

  test.each(CASES)('%s costs that frame only', (_, stream, items) => {
    expect(parse(ascii(stream), ECHO_LINE)).toEqual([...items, packet(ECHO)])
  })

  test('a packet beyond the size of the receiver is refused before room is made', () => {
    const small = new ConsoleParser(99)
    expect(small.push(ascii(COUNTED_LINES))).toEqual([
      { kind: 'discarded', bytes: 127, reason: 'a packet of 100 bytes was announced' },
      { kind: 'discarded', bytes: 19, reason: 'a line of a frame without its beginning' },
    ])
    expect(new ConsoleParser(100).push(ascii(COUNTED_LINES))).toEqual([packet(COUNTED)])
  })
})

describe('fuzz', () => {
  const markers = fc.constantFrom(bytes('0609'), bytes('0414'), bytes('06'), bytes('0a'))
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    markers,
    fc.constantFrom(ECHO_LINE, ascii(COUNTED_LINES), ECHO_LINE.subarray(0, 20)),
  )

  test('whatever arrives, a whole frame behind it is found', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const parser = new ConsoleParser()
        for (const part of pieces) parser.push(part)
        expect(parser.push(ECHO_LINE).at(-1)).toEqual(packet(ECHO))
      }),
      { numRuns: 1000 },
    )
  })

  test('no more comes out than went in', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        let counted = 0
        for (const item of parse(...pieces)) {
          if (item.kind === 'text') counted += item.text.length
          else counted += item.kind === 'packet' ? item.packet.length : item.bytes
        }
        expect(counted).toBeLessThanOrEqual(concatBytes(pieces).length)
      }),
      { numRuns: 1000 },
    )
  })

  test('every packet comes back, however the stream is cut', () => {
    const content = fc.uint8Array({ minLength: 8, maxLength: 700 })
    const cuts = fc.array(fc.nat(1200), { maxLength: 6 })
    fc.assert(
      fc.property(content, cuts, (sent, at) => {
        const stream = encodeConsole(sent)
        const ends = [0, ...at.map(cut => Math.min(cut, stream.length)), stream.length]
        const sorted = ends.toSorted((a, b) => a - b)
        const pieces = sorted.slice(1).map((end, index) => stream.subarray(sorted[index], end))
        expect(parse(...pieces)).toEqual([packet(sent)])
      }),
    )
  })
})
