import { expect, test } from 'vitest'
import { elf, type ElfSegment, hex, patched, uf2, uf2Block } from './files'
import { damage, type DamageCase, refusalOf } from './refusal'

const [first, second] = [
  { number: 0, total: 2 },
  { number: 1, total: 2 },
]
const PAIR = uf2(first, second)

const UF2: DamageCase[] = [
  [
    'a cut-off block',
    PAIR.subarray(0, 1000),
    'block 1 (byte 512): the file ends 488 bytes into it',
    { block: 1, offset: 512 },
  ],
  [
    'a missing block',
    PAIR.subarray(0, 512),
    'byte 512: 2 blocks are announced, but number 1 is missing',
    { offset: 512 },
  ],
  [
    'a first magic number',
    patched(PAIR, 512, '00000000'),
    'block 1 (byte 512): its magic number at 0 is 0x00000000, not 0x0a324655',
    { block: 1, offset: 512 },
  ],
  [
    'a last magic number',
    patched(PAIR, 1020, 'ffffffff'),
    'block 1 (byte 512): its magic number at 508 is 0xffffffff, not 0x0ab16f30',
    { block: 1, offset: 512 },
  ],
  [
    'a payload larger than a block',
    patched(PAIR, 16, 'dd010000'),
    'block 0 (byte 0): its payload of 477 bytes is not within 1 to 476',
    { block: 0, offset: 0 },
  ],
  [
    'a payload over the checksum behind it',
    uf2({ number: 0, total: 1, flags: 0x6000, payload: new Uint8Array(453) }),
    'block 0 (byte 0): its payload of 453 bytes is not within 1 to 452',
    { block: 0, offset: 0 },
  ],
  [
    'no payload',
    patched(PAIR, 16, '00000000'),
    'block 0 (byte 0): its payload of 0 bytes is not within 1 to 476',
    { block: 0, offset: 0 },
  ],
  [
    'a number beyond the announced blocks',
    uf2(first, { ...second, number: 2 }),
    'block 1 (byte 512): its number is 2, but there are only 2 blocks',
    { block: 1, offset: 512 },
  ],
  [
    'another number of blocks',
    uf2(first, { ...second, total: 3 }),
    'block 1 (byte 512): it announces 3 blocks, the first announced 2',
    { block: 1, offset: 512 },
  ],
  [
    'another device family',
    uf2(first, { ...second, family: 0xe48bff57 }),
    'block 1 (byte 512): it is for device family 0xe48bff57, the first was for device family ' +
      '0xe48bff56',
    { block: 1, offset: 512 },
  ],
  [
    'a family and none',
    uf2(first, { ...second, flags: 0 }),
    'block 1 (byte 512): it is for no device family, the first was for device family 0xe48bff56',
    { block: 1, offset: 512 },
  ],
  [
    'a number twice with other content',
    uf2(first, second, { ...second, payload: hex('aa') }),
    'block 2 (byte 1024): its number 1 is that of block 1 (byte 512), with other content',
    { block: 2, offset: 1024 },
  ],
  [
    'a billion announced blocks',
    uf2({ number: 0, total: 1_000_000_000 }),
    'byte 512: 1000000000 blocks are announced, but number 1 is missing',
    { offset: 512 },
  ],
  [
    'overlapping data',
    uf2(first, { ...second, address: 0x100000ff }),
    'block 1 (byte 512): the data of 0x10000000 to 0x100000ff (from block 0 (byte 0)) and of ' +
      '0x100000ff to 0x100001fe (from block 1 (byte 512)) overlaps',
    { block: 1, offset: 512 },
  ],
  [
    'nothing for the flash',
    uf2({ number: 0, total: 1, flags: 1 }),
    'byte 512: it ends without any data for the flash',
    { offset: 512 },
  ],
]

const CODE: ElfSegment = { physical: 0x08000000, data: hex('aabbccdd') }
const PROGRAM = elf([CODE])

const ELF: DamageCase[] = [
  [
    'a cut-off header',
    PROGRAM.subarray(0, 51),
    'byte 51: the file ends within its 52-byte header',
    { offset: 51 },
  ],
  [
    'cut-off program headers',
    PROGRAM.subarray(0, 80),
    'byte 28: its program headers (1 from byte 52 on) leave the file',
    { offset: 28 },
  ],
  [
    'cut-off data',
    PROGRAM.subarray(0, -1),
    'byte 52: the segment for 0x08000000 is said to end at byte 88, but the file has 87',
    { offset: 52 },
  ],
  [
    'a size beyond everything',
    patched(PROGRAM, 68, 'ffffffff'),
    'byte 52: the segment for 0x08000000 is said to end at byte 4294967379, but the file has 88',
    { offset: 52 },
  ],
  [
    'more in the file than in memory',
    elf([{ ...CODE, memoryBytes: 3 }]),
    'byte 52: the segment for 0x08000000 is larger in the file than in memory',
    { offset: 52 },
  ],
  ['no program headers', elf([]), 'byte 44: it has no program headers', { offset: 44 }],
  [
    'program headers of another size',
    patched(PROGRAM, 42, '3800'),
    'byte 42: program headers have 32 bytes, it says 56',
    { offset: 42 },
  ],
  [
    'a class that is none',
    patched(PROGRAM, 4, '03'),
    'byte 4: its class 3 is neither 32 nor 64 bits',
    { offset: 4 },
  ],
  [
    'a byte order that is none',
    patched(PROGRAM, 5, '00'),
    'byte 5: its byte order 0 is neither little nor big',
    { offset: 5 },
  ],
  [
    'nothing to load',
    elf([{ physical: 0x20000000, memoryBytes: 64 }]),
    'byte 84: it ends without any data for the flash',
    { offset: 84 },
  ],
  [
    'overlapping segments',
    elf([CODE, { physical: 0x08000003, data: hex('ee') }]),
    'byte 84: the data of 0x08000000 to 0x08000003 (from byte 52) and of 0x08000003 to 0x08000003 ' +
      '(from byte 84) overlaps',
    { offset: 84 },
  ],
  [
    'segments of flash and of far-off memory',
    elf([CODE, { physical: 0x20000000, data: hex('ee') }]),
    'byte 84: with its data the image reaches from 0x08000000 to 0x20000000, over 64 MiB apart',
    { offset: 84 },
  ],
]

test.each(UF2)('UF2: %s', (_, file, sentence, place) => {
  expect(refusalOf(file)).toMatchObject(damage('UF2', sentence, place))
})

test.each(ELF)('ELF: %s', (_, file, sentence, place) => {
  expect(refusalOf(file)).toMatchObject(damage('ELF', sentence, place))
})

test('segments that name the same bytes again and again do not fill the memory', () => {
  const block = new Uint8Array(1024 * 1024)
  const file = elf([{ physical: 0, data: block }])
  const headers = 52 + 32 * 100
  const bomb = new Uint8Array(headers + block.length)
  bomb.set(file.subarray(0, 52))
  const view = new DataView(bomb.buffer)
  view.setUint16(44, 100, true)
  for (let index = 0; index < 100; index++) {
    bomb.set(file.subarray(52, 84), 52 + 32 * index)
    view.setUint32(52 + 32 * index + 4, headers, true)
  }
  expect(refusalOf(bomb)?.message).toContain('the data comes to more than 64 MiB')
})

test('a UF2 block with all its fields lost', () => {
  const file = new Uint8Array([...uf2Block(first), ...new Uint8Array(512)])
  expect(refusalOf(file)?.message).toContain('block 1 (byte 512): its magic number at 0')
})
