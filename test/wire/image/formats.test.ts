import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { flatten } from '../../../src-main/wire/image/firmware-image'
import { readImage } from '../../../src-main/wire/image/read-image'
import { ascii, elf, hex, HEX_END, hexLine, lines, S_END, sLine, uf2, uf2Block } from './files'

function read(bytes: Uint8Array) {
  const { format, segments, entry } = readImage(bytes)
  const shown = segments.map(({ address, data }) => [address, toHex(data)])
  return { format, segments: shown, entry }
}

describe('Intel HEX', () => {
  test('the example that every manual shows', () => {
    const file = lines(
      ':10010000214601360121470136007EFE09D2190140',
      ':100110002146017E17C20001FF5F16002148011928',
      ':10012000194E79234623965778239EDA3F01B2CAA7',
      ':100130003F0156702B5E712B722B732146013421C7',
      ':00000001FF',
    )
    expect(read(file)).toEqual({
      format: 'ihex',
      segments: [
        [
          0x100,
          '214601360121470136007efe09d219012146017e17c20001ff5f160021480119' +
            '194e79234623965778239eda3f01b2ca3f0156702b5e712b722b732146013421',
        ],
      ],
      entry: null,
    })
  })

  test('linear and segment bases, both starts, small letters, CR LF and no last line end', () => {
    const file = ascii(
      [
        ':020000040010EA',
        ':04000000deadbeefc4',
        ':0400000508000101ED',
        ':020000022000DC',
        ':01FFFF00AA57',
        '',
        ':00000001FF',
      ].join('\r\n'),
    )
    expect(read(file)).toEqual({
      format: 'ihex',
      segments: [
        [0x2ffff, 'aa'],
        [0x100000, 'deadbeef'],
      ],
      entry: 0x08000101,
    })
  })

  test('a segment start is a paragraph and an offset', () => {
    const file = lines(hexLine(0, 0, 'aa'), ':0400000312340005AE', HEX_END)
    expect(read(file).entry).toBe(0x12345)
  })

  test('a linear record may run over 64 KiB', () => {
    const file = lines(hexLine(4, 0, '0001'), hexLine(0, 0xffff, 'aabb'), HEX_END)
    expect(read(file).segments).toEqual([[0x1ffff, 'aabb']])
  })

  test('pieces in any order are sorted, neighbours joined, gaps kept', () => {
    const file = lines(
      hexLine(0, 0x20, 'cc'),
      hexLine(0, 0x11, 'bb'),
      hexLine(0, 0x10, 'aa'),
      hexLine(0, 0x30),
      HEX_END,
    )
    expect(read(file).segments).toEqual([
      [0x10, 'aabb'],
      [0x20, 'cc'],
    ])
  })

  test('the very last address is one', () => {
    const file = lines(hexLine(4, 0, 'ffff'), hexLine(0, 0xffff, 'aa'), HEX_END)
    expect(read(file).segments).toEqual([[0xffffffff, 'aa']])
  })
})

describe('S-records', () => {
  test('the example that every manual shows', () => {
    const file = lines(
      'S00F000068656C6C6F202020202000003C',
      'S11F00007C0802A6900100049421FFF07C6C1B787C8C23783C6000003863000026',
      'S11F001C4BFFFFE5398000007D83637880010014382100107C0803A64E800020E9',
      'S111003848656C6C6F20776F726C642E0A0042',
      'S5030003F9',
      'S9030000FC',
    )
    expect(read(file)).toEqual({
      format: 'srec',
      segments: [
        [
          0,
          '7c0802a6900100049421fff07c6c1b787c8c23783c60000038630000' +
            '4bffffe5398000007d83637880010014382100107c0803a64e800020' +
            '48656c6c6f20776f726c642e0a00',
        ],
      ],
      entry: null,
    })
  })

  test('addresses of 24 and 32 bits, both counts, the start address', () => {
    const file = lines('S205123456AAB4', 'S30600130000BB2B', 'S604000002F9', 'S70508000101F0')
    expect(read(file)).toEqual({
      format: 'srec',
      segments: [
        [0x123456, 'aa'],
        [0x130000, 'bb'],
      ],
      entry: 0x08000101,
    })
  })
})

test('S-records may end with their count, as SRecord ends them', () => {
  const file = lines(sLine(1, '0010', 'aa'), sLine(5, '0001'))
  expect(read(file)).toEqual({ format: 'srec', segments: [[0x10, 'aa']], entry: null })
})

describe('UF2', () => {
  test('a block, byte by byte', () => {
    const header = '5546320a57515d9e 00200000 00010010 04000000 00000000 01000000 56ff8be4'
    const file = new Uint8Array(512)
    file.set(hex(header))
    file.set(hex('deadbeef'), 32)
    file.set(hex('306fb10a'), 508)
    expect(file).toEqual(
      uf2Block({ number: 0, total: 1, address: 0x10000100, payload: hex('deadbeef') }),
    )
    expect(read(file)).toEqual({ format: 'uf2', segments: [[0x10000100, 'deadbeef']], entry: null })
  })

  test('blocks in any order, and one twice', () => {
    const [first, second] = [
      { number: 0, total: 2, payload: hex('aa'), address: 0x100 },
      { number: 1, total: 2, payload: hex('bb'), address: 0x101 },
    ]
    expect(read(uf2(second, first, second)).segments).toEqual([[0x100, 'aabb']])
  })

  test('blocks that are not for the main flash count, but give nothing', () => {
    const file = uf2(
      { number: 0, total: 3, payload: hex('aa'), address: 0x100 },
      { number: 1, total: 3, flags: 0x2001, family: 1 },
      { number: 2, total: 3, flags: 0x1000, family: 99 },
    )
    expect(read(file).segments).toEqual([[0x100, 'aa']])
  })

  test('without a family, and with the full payload', () => {
    const payload = new Uint8Array(476).fill(7)
    const file = uf2({ number: 0, total: 1, flags: 0, family: 1234, payload })
    expect(readImage(file).segments[0]?.data).toEqual(payload)
  })
})

describe('ELF', () => {
  test('a program, byte by byte', () => {
    const file = hex(`
      7f454c46 01010100 0000000000000000 0200 2800 01000000 01010008 34000000 00000000
      00000005 3400 2000 0100 0000 0000 0000
      01000000 54000000 00000020 00000008 04000000 08000000 05000000 04000000
      deadbeef`)
    expect(read(file)).toEqual({
      format: 'elf',
      segments: [[0x08000000, 'deadbeef']],
      entry: 0x08000101,
    })
  })

  test('only what is to be loaded, at its physical address', () => {
    const file = elf([
      { physical: 0x08000000, data: hex('aabb') },
      { physical: 0x08000002, virtual: 0x20000000, data: hex('cc'), memoryBytes: 64 },
      { physical: 0x20000040, memoryBytes: 1024 },
      { type: 0x70000001, physical: 0x08000000, data: hex('dd') },
    ])
    expect(read(file).segments).toEqual([[0x08000000, 'aabbcc']])
  })

  test('no start is given by 0', () => {
    expect(read(elf([{ physical: 0, data: hex('aa') }], 0)).entry).toBeNull()
  })
})

describe('bin', () => {
  const VECTORS = '00400420 c1010010'

  test('is whatever is nothing else, as it is', () => {
    const file = hex('0102030405')
    expect(read(file)).toEqual({ format: 'bin', segments: [[0, '0102030405']], entry: null })
  })

  test.each([
    ['at its beginning', VECTORS],
    ['behind 256 bytes of boot stage', '00'.repeat(0x100) + VECTORS],
    ['behind a header of MCUboot', `3db8f396 00000000 2000 0000 ${'00'.repeat(20)} ${VECTORS}`],
  ])('vectors %s are plausible', (_, file) => {
    expect(readImage(hex(file)).warnings).toEqual([])
  })

  test.each([
    ['a stack pointer nowhere', '00000000 c1010010'],
    ['a stack pointer that is odd', '01400420 c1010010'],
    ['a stack pointer in the registers', '00400440 c1010010'],
    ['a reset vector that is no Thumb', '00400420 c0010010'],
    ['a reset vector in the registers', '00400420 010000e0'],
  ])('%s is worth a warning', (_, file) => {
    expect(readImage(hex(file)).warnings).toMatchObject([{ code: 'VECTORS_IMPLAUSIBLE' }])
  })

  test('the warning says what was found', () => {
    expect(readImage(hex('78563412 00000000')).warnings).toEqual([
      {
        code: 'VECTORS_IMPLAUSIBLE',
        message:
          'The file does not begin like a program for a Cortex-M (stack pointer 0x12345678, ' +
          'reset 0x00000000). Make sure that it is the image for this handset.',
      },
    ])
    expect(readImage(hex('01')).warnings[0]?.message).toContain('(it is shorter than 8 bytes)')
  })

  test('an erased flash is an image', () => {
    expect(readImage(new Uint8Array(64).fill(0xff)).format).toBe('bin')
  })
})

describe('recognition', () => {
  test('a broken first line does not hide the format', () => {
    const file = lines('10000000', hexLine(0, 0, 'aa'), HEX_END)
    expect(() => readImage(file)).toThrow('Intel HEX file is damaged at line 1')
    const records = lines('X1040000AA51', sLine(1, '0000', 'aa'), S_END)
    expect(() => readImage(records)).toThrow('SREC file is damaged at line 1')
  })

  test('a broken magic number of the first block does not hide UF2', () => {
    const file = uf2({ number: 0, total: 1 })
    for (const at of [0, 4, 508]) {
      const broken = new Uint8Array(file)
      broken[at] = 0
      expect(() => readImage(broken)).toThrow('The UF2 file is damaged at block 0')
    }
  })
})

describe('flattening', () => {
  test('fills gaps with 0xFF and begins at the first address', () => {
    const image = readImage(lines(hexLine(0, 0x12, 'bb'), hexLine(0, 0x10, 'aa'), HEX_END))
    expect(flatten(image)).toEqual({ address: 0x10, data: hex('aaffbb') })
  })

  test('takes one segment as it is', () => {
    const image = readImage(hex('0102'))
    expect(flatten(image)).toBe(image.segments[0])
  })
})
