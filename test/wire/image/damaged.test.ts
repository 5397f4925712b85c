import { expect, test } from 'vitest'
import { ascii, HEX_END, hexLine, lines, S_END, sLine } from './files'
import { damage, type DamageCase, refusalOf } from './refusal'

const GOOD = hexLine(0, 0, 'aabbccdd')

const INTEL_HEX: DamageCase[] = [
  [
    'a wrong checksum',
    lines(GOOD, ':02001000AABB8C', HEX_END),
    'line 2: its checksum is 8C, but its bytes give 89',
    { line: 2, offset: 20 },
  ],
  [
    'a flipped digit',
    lines(GOOD.replace('CC', 'CD'), HEX_END),
    'line 1: its checksum is EE, but its bytes give ED',
    { line: 1, offset: 0 },
  ],
  [
    'a lost character',
    lines(GOOD, hexLine(0, 16, 'aabb').slice(0, -1), HEX_END),
    'line 2: half of its last byte is missing',
    { line: 2, offset: 20 },
  ],
  [
    'lost bytes in a line',
    lines(GOOD, ':02001000AA44', HEX_END),
    'line 2: it announces 2 data bytes, but holds 1',
    { line: 2, offset: 20 },
  ],
  [
    'a line that ends after its mark',
    lines(GOOD, ':', HEX_END),
    'line 2: it announces 0 data bytes, but holds 0',
    { line: 2, offset: 20 },
  ],
  [
    'a letter that is no digit',
    lines(GOOD, ':02001000AAXB89', HEX_END),
    'line 2: its character 12 is no hexadecimal digit',
    { line: 2, offset: 20 },
  ],
  [
    'zeros where the disk lost a sector',
    ascii(`${GOOD}\n${'\0'.repeat(20)}\n${HEX_END}\n`),
    'line 2: it does not begin with a colon',
    { line: 2, offset: 20 },
  ],
  [
    'a cut-off end',
    lines(GOOD),
    'byte 20: the end record (:00000001FF) is missing, so the file was cut off',
    { offset: 20 },
  ],
  [
    'two files in one',
    lines(GOOD, HEX_END, '', GOOD, HEX_END),
    'line 4: it stands behind the end record',
    { line: 4, offset: 33 },
  ],
  [
    'an unknown record type',
    lines(hexLine(6, 0, 'aa'), HEX_END),
    'line 1: its record type 06 is none of 00 to 05',
    { line: 1, offset: 0 },
  ],
  [
    'a base of three bytes',
    lines(hexLine(4, 0, '080000'), GOOD, HEX_END),
    'line 1: a record of type 04 has 2 data bytes, this has 3',
    { line: 1, offset: 0 },
  ],
  [
    'data over the end of a segment',
    lines(hexLine(2, 0, '1000'), hexLine(0, 0xfffe, 'aabbcc'), HEX_END),
    'line 2: its data runs over the end of a 64 KiB segment',
    { line: 2, offset: 16 },
  ],
  [
    'data beyond the address space',
    lines(hexLine(4, 0, 'ffff'), hexLine(0, 0xffff, 'aabb'), HEX_END),
    'line 2: its 2 bytes from 0xffffffff on leave the 32-bit addresses',
    { line: 2, offset: 16 },
  ],
  [
    'overlapping data',
    lines(GOOD, hexLine(0, 16, 'aa'), hexLine(0, 3, 'ee'), HEX_END),
    'line 3: the data of 0x00000000 to 0x00000003 (from line 1) and of 0x00000003 to 0x00000003 ' +
      '(from line 3) overlaps',
    { line: 3, offset: 34 },
  ],
  [
    'data far apart',
    lines(GOOD, hexLine(4, 0, '1000'), hexLine(0, 0, 'aa'), HEX_END),
    'line 3: with its data the image reaches from 0x00000000 to 0x10000000, over 64 MiB apart',
    { line: 3, offset: 36 },
  ],
  [
    'no data',
    lines(':00000001FF'),
    'byte 12: it ends without any data for the flash',
    { offset: 12 },
  ],
  [
    'a line longer than any record',
    lines(GOOD, `:${'00'.repeat(300)}`, HEX_END),
    'line 2: it is longer than a record can be (601 characters)',
    { line: 2, offset: 20 },
  ],
  [
    'data in thousands of places',
    lines(...Array.from({ length: 5000 }, (_, index) => hexLine(0, index * 2, 'aa')), HEX_END),
    'line 4097: its data lies in more than 4096 separate places',
    { line: 4097, offset: 57_344 },
  ],
]

const SREC: DamageCase[] = [
  [
    'a wrong checksum',
    lines('S1050000AABB96', S_END),
    'line 1: its checksum is 96, but its bytes give 95',
    { line: 1, offset: 0 },
  ],
  [
    'lost bytes in a line',
    lines('S1050000AA95', S_END),
    'line 1: it announces 5 bytes, but holds 4',
    { line: 1, offset: 0 },
  ],
  [
    'a reserved record type',
    lines(sLine(1, '0000', 'aa'), 'S4030000FC', S_END),
    'line 2: it does not begin with S0 to S3 or S5 to S9',
    { line: 2, offset: 13 },
  ],
  [
    'a count too small for the address',
    lines(sLine(1, '0000', 'aa'), 'S303000000', S_END),
    'line 2: its count 3 is too small for an S3 record',
    { line: 2, offset: 13 },
  ],
  [
    'a lost line, which the count betrays',
    lines(sLine(1, '0000', 'aa'), sLine(5, '0002'), S_END),
    'line 2: it counts 2 data records, the file has 1',
    { line: 2, offset: 13 },
  ],
  [
    'a cut-off end',
    lines(sLine(1, '0000', 'aa')),
    'byte 13: neither a count (S5, S6) nor an end (S7, S8, S9) closes it, so it was cut off',
    { offset: 13 },
  ],
  [
    'data behind the end',
    lines(sLine(1, '0000', 'aa'), S_END, sLine(1, '0001', 'aa')),
    'line 3: it stands behind the end record',
    { line: 3, offset: 24 },
  ],
  [
    'an end record with data',
    lines(sLine(1, '0000', 'aa'), sLine(9, '0000', 'bb')),
    'line 2: an S9 record has no data, but this has 1 bytes',
    { line: 2, offset: 13 },
  ],
  [
    'overlapping data',
    lines(sLine(3, '08000010', 'aabb'), sLine(3, '0800000f', 'ccdd'), S_END),
    'line 1: the data of 0x0800000f to 0x08000010 (from line 2) and of 0x08000010 to 0x08000011 ' +
      '(from line 1) overlaps',
    { line: 1, offset: 0 },
  ],
]

test.each(INTEL_HEX)('Intel HEX: %s', (_, file, sentence, place) => {
  expect(refusalOf(file)).toMatchObject(damage('Intel HEX', sentence, place))
})

test.each(SREC)('SREC: %s', (_, file, sentence, place) => {
  expect(refusalOf(file)).toMatchObject(damage('SREC', sentence, place))
})

test('an empty file', () => {
  expect(refusalOf(new Uint8Array())).toMatchObject({
    code: 'IMAGE_DAMAGED',
    message: 'The file is empty (0 bytes). Fetch or build it again.',
    data: { offset: 0 },
  })
})
