import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'
import {
  answerTo,
  echo,
  failureOf,
  readImageState,
  readInfo,
  readParameters,
  readSlotInfo,
  requestOf,
  reset,
  uploadImage,
  type SmpCommand,
} from '../../../src-main/wire/smp/messages'
import { decodePacket, encodePacket, SmpFormatError } from '../../../src-main/wire/smp/packet'

const bytes = (hex: string) => fromHex(hex)!
const sha256 = bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f')

describe('requests, byte by byte', () => {
  const firstPiece = { offset: 0, data: bytes('deadbeef'), first: { totalBytes: 256, sha256 } }
  test.each<[string, SmpCommand<unknown>, number, string]>([
    ['echo', echo('kintsugi'), 0, '0a00000c00000000 a1 6164 686b696e7473756769'],
    ['parameters', readParameters, 1, '0800000100000106 a0'],
    ['information', readInfo(), 4, '0800000a00000407 a1 66666f726d6174 6161'],
    ['reset', reset(), 9, '0a00000100000905 a0'],
    ['reset into restore mode', reset(1), 9, '0a00000c00000905 a1 69626f6f745f6d6f6465 01'],
    ['image state', readImageState, 2, '0800000100010200 a0'],
    ['slot information', readSlotInfo, 5, '0800000100010506 a0'],
    [
      'the first piece of an upload',
      uploadImage(firstPiece),
      3,
      `0a00003d00010301 a4 636c656e 190100 63736861 5820 ${toHex(sha256)}
       636f6666 00 6464617461 44deadbeef`,
    ],
    [
      'a later piece',
      uploadImage({ offset: 4, data: bytes('cafebabe') }),
      4,
      '0a00001000010401 a2 636f6666 04 6464617461 44cafebabe',
    ],
  ])('%s', (_, command, sequence, hex) => {
    expect(toHex(encodePacket(requestOf(command, sequence)))).toBe(toHex(bytes(hex)))
  })

  test('an answer repeats the header and adds one to the operation', () => {
    const request = requestOf(echo('kintsugi'), 7)
    const answer = encodePacket(answerTo(request, { r: 'kintsugi' }))
    expect(toHex(answer)).toBe('0b00000c00000700a16172686b696e7473756769')
    expect(answerTo(requestOf(readParameters, 7), {}).op).toBe(1)
  })
})

describe('answers', () => {
  test('echo', () => {
    const { payload } = decodePacket(bytes('0b00000d00000000bf6172686b696e7473756769ff'))
    expect(echo('kintsugi').readAnswer(payload)).toBe('kintsugi')
  })

  test('slot information, with a slot whose size could not be found out', () => {
    const hex = `0900003a00010506 bf 66 696d61676573 9f bf 65 696d616765 00 65 736c6f7473 9f
       bf 64 736c6f74 00 64 73697a65 1a 00180000 ff bf 64 736c6f74 01 62 7263 01 ff ff ff ff ff`
    const { payload } = decodePacket(bytes(hex))
    expect(readSlotInfo.readAnswer(payload)).toEqual([{ image: 0, slot: 0, bytes: 0x180000 }])
    expect(() => readSlotInfo.readAnswer({ images: [{ slots: 3 }] })).toThrow(
      '"slots" is not a list',
    )
    expect(() => readSlotInfo.readAnswer({ images: [3] })).toThrow('entry of "images" is not a map')
  })

  test('parameters, as MCUboot gives them', () => {
    const hex = '0900001900000106 bf 686275665f73697a65 190400 696275665f636f756e74 01 ff'
    const { payload } = decodePacket(bytes(hex))
    expect(readParameters.readAnswer(payload)).toEqual({ bufferBytes: 1024, bufferCount: 1 })
  })

  test('information and reset', () => {
    expect(readInfo().readAnswer({ output: 'Zephyr' })).toBe('Zephyr')
    expect(reset().readAnswer({})).toBeUndefined()
  })

  test('image state: what a device leaves out is false, or the first image', () => {
    const hash = Uint8Array.of(1, 2)
    expect(
      readImageState.readAnswer({
        images: [
          { slot: 0, version: '1.2.3', hash, bootable: true, active: true, confirmed: true },
          { image: 1, slot: 1, pending: true, permanent: true },
        ],
      }),
    ).toEqual([
      {
        image: 0,
        slot: 0,
        version: '1.2.3',
        hash,
        bootable: true,
        pending: false,
        confirmed: true,
        active: true,
        permanent: false,
      },
      {
        image: 1,
        slot: 1,
        version: '',
        hash: undefined,
        bootable: false,
        pending: true,
        confirmed: false,
        active: false,
        permanent: true,
      },
    ])
  })

  test('upload: the offset the device wants next, and the digest check of some devices', () => {
    const { payload } = decodePacket(bytes('0b00000b00010301 bf 627263 00 636f6666 04 ff'))
    const command = uploadImage({ offset: 0, data: bytes('00') })
    expect(failureOf(payload)).toBeUndefined()
    expect(command.readAnswer(payload)).toEqual({ offset: 4, match: undefined })
    expect(command.readAnswer({ off: 8, match: true })).toEqual({ offset: 8, match: true })
  })

  test.each<[string, SmpCommand<unknown>, Record<string, unknown>, string]>([
    ['no text', echo('a'), {}, 'field "r" is not text'],
    ['a negative size', readParameters, { buf_size: -1 }, 'field "buf_size" is not a whole number'],
    ['a size of 1.5', readParameters, { buf_size: 1.5 }, 'field "buf_size" is not a whole number'],
    ['no images', readImageState, {}, 'field "images" is not a list'],
    ['an image that is a number', readImageState, { images: [3] }, 'an entry of "images"'],
    ['a hash of text', readImageState, { images: [{ slot: 0, hash: 'ab' }] }, 'field "hash"'],
    ['no offset', uploadImage({ offset: 0, data: sha256 }), { rc: 0 }, 'field "off" is not'],
    ['a huge offset', uploadImage({ offset: 0, data: sha256 }), { off: 2n ** 60n }, 'field "off"'],
  ])('%s is refused by the name of its field', (_, command, payload, message) => {
    expect(() => command.readAnswer(payload)).toThrow(SmpFormatError)
    expect(() => command.readAnswer(payload)).toThrow(message)
  })
})

describe('text of the device is made harmless where it comes in', () => {
  test('information', () => {
    expect(readInfo().readAnswer({ output: 'Kintsugi\u001B]0;x\u0007' })).toBe(
      'Kintsugi\uFFFD]0;x\uFFFD',
    )
    expect(readInfo().readAnswer({ output: 'x'.repeat(60_000) })).toHaveLength(1024)
  })

  test('versions', () => {
    const images = [{ slot: 0, version: '1.0\u202E\n' }]
    expect(readImageState.readAnswer({ images })[0]?.version).toBe('1.0\uFFFD\uFFFD')
  })
})

describe('failures', () => {
  test('none is named: success', () => {
    expect(failureOf({})).toBeUndefined()
    expect(failureOf({ rc: 0, off: 3 })).toBeUndefined()
    expect(failureOf({ err: { group: 1, rc: 0 } })).toBeUndefined()
  })

  test('a shared code is put in words, with the reason the device gives', () => {
    expect(failureOf({ rc: 8 })).toEqual({
      group: undefined,
      rc: 8,
      message: 'the device does not support this command',
    })
    expect(failureOf({ rc: 10, rsn: 'erasing' })?.message).toBe(
      'the device is busy; try again (erasing)',
    )
    expect(failureOf({ rc: 300 })?.message).toBe('the device reported its own error 300')
  })

  test('a reason cannot reach the terminal of whoever reads it', () => {
    expect(failureOf({ rc: 10, rsn: '\u001B[2Jall is\nwell' })?.message).toBe(
      'the device is busy; try again (\uFFFD[2Jall is\uFFFDwell)',
    )
  })

  test('a code of a group names the group', () => {
    expect(failureOf({ err: { group: 1, rc: 9 } })).toEqual({
      group: 1,
      rc: 9,
      message: 'group 1 reported error 9',
    })
  })

  test('what cannot be told is not taken for success', () => {
    expect(() => failureOf({ rc: 'bad' })).toThrow('field "rc" is not a number')
    expect(() => failureOf({ err: 3 })).toThrow('field "err" is not a map')
    expect(() => failureOf({ err: { group: 1 } })).toThrow('field "rc" is not a whole number')
  })
})
