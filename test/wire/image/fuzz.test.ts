import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import {
  type FirmwareImage,
  flatten,
  MAX_PAYLOAD_BYTES,
  MAX_SPAN_BYTES,
} from '../../../src-main/wire/image/firmware-image'
import { readImage } from '../../../src-main/wire/image/read-image'
import { elf, hex, HEX_END, hexLine, lines, S_END, sLine, uf2 } from './files'
import { refusalOf } from './refusal'

const FILES = {
  'Intel HEX': lines(
    hexLine(4, 0, '0800'),
    hexLine(0, 0, '00112233445566778899aabbccddeeff'),
    hexLine(0, 0x10, '00112233'),
    hexLine(5, 0, '08000101'),
    HEX_END,
  ),
  SREC: lines(
    sLine(0, '0000', '6b'),
    sLine(3, '08000000', '00112233445566778899aabbccddeeff'),
    sLine(3, '08000010', '00112233'),
    sLine(5, '0002'),
    S_END,
  ),
  UF2: uf2({ number: 0, total: 2 }, { number: 1, total: 2, payload: hex('aabb') }),
  ELF: elf([
    { physical: 0x08000000, data: hex('0011223344556677') },
    { physical: 0x08000100, virtual: 0x20000000, data: hex('8899') },
  ]),
}

interface Edit {
  readonly at: number
  readonly removed: number
  readonly added: Uint8Array
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(1100),
  removed: fc.nat(6),
  added: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.constantFrom(hex('ffffffff'), hex('00000000'), hex('0a'), hex('30'), hex('46')),
  ),
})

function edited(file: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce((bytes, { at, removed, added }) => {
    const start = Math.min(at, bytes.length)
    const tail = bytes.subarray(start + removed)
    return new Uint8Array([...bytes.subarray(0, start), ...added, ...tail])
  }, file)
}

/** Whatever comes of a file: a refusal that says what to do, or an image within its limits. */
function faultOf(file: Uint8Array): string | undefined {
  const outcome = outcomeOf(file)
  if (outcome instanceof CodedError) {
    const isNamed = outcome.code === 'IMAGE_DAMAGED' || outcome.code === 'IMAGE_FOREIGN'
    return isNamed && /^The .+\. .+\.$/s.test(outcome.message) ? undefined : outcome.message
  }
  const { segments } = outcome
  const payload = segments.reduce((total, { data }) => total + data.length, 0)
  const isPayload = payload > 0 && payload <= Math.min(MAX_PAYLOAD_BYTES, file.length)
  const areApart = segments.every(({ address, data }, index) => {
    const next = segments[index + 1]
    return address + data.length < (next ? next.address : 2 ** 32 + 1)
  })
  const isFlat = flatten(outcome).data.length <= MAX_SPAN_BYTES
  return isPayload && areApart && isFlat ? undefined : JSON.stringify(segments)
}

function outcomeOf(file: Uint8Array): FirmwareImage | CodedError {
  return refusalOf(file) ?? readImage(file)
}

describe('a file with anything changed in it is read or refused, never worse', () => {
  test.each(Object.entries(FILES))('%s', (_, file) => {
    expect(outcomeOf(file)).not.toBeInstanceOf(CodedError)
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), edits => {
        expect(faultOf(edited(file, edits))).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })

  test('any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1200 }), file => {
        expect(faultOf(file)).toBeUndefined()
      }),
      {
        numRuns: 1000,
      },
    )
  })
})

describe('a file that is cut off anywhere is refused', () => {
  // Behind the last record only the line end can be missing; a count closes S-records as well.
  test.each([
    ['Intel HEX', FILES['Intel HEX'], [-1]],
    ['SREC', FILES.SREC, [-12, -11, -1]],
    ['UF2', FILES.UF2, []],
    ['ELF', FILES.ELF, []],
  ])('%s', (_, file, whole) => {
    const taken: number[] = []
    for (let length = 9; length < file.length; length++) {
      const outcome = outcomeOf(file.subarray(0, length))
      if (!(outcome instanceof CodedError)) taken.push(length - file.length)
    }
    expect(taken).toEqual(whole)
  })
})

describe('one changed digit of a text file is always found', () => {
  test.each([
    ['Intel HEX', FILES['Intel HEX']],
    ['SREC', FILES.SREC],
  ])('%s', (_, file) => {
    const unnoticed: number[] = []
    file.forEach((byte, at) => {
      const digit = byte === 0x37 ? 0x38 : 0x37
      const isDigit = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46)
      if (!isDigit) return
      const changed = new Uint8Array(file)
      changed[at] = digit
      if (!(outcomeOf(changed) instanceof CodedError)) unnoticed.push(at)
    })
    expect(unnoticed).toEqual([])
  })
})
