import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'
import { describedSoftware, encodeDescriptor } from '../../../src-main/wire/image/descriptor'
import { readSoftware } from '../../../src-main/handset/boot/software'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import {
  benchOf,
  executable,
  plausibleImage,
  smallChip,
  smallFlash,
  smallModel,
  uploadAll,
} from '../small-handset'

// Made by hand after mcu-tools/mcuboot, docs/design.md: a header of 32 bytes (magic, load address,
// header size, protected TLV size, image size, flags, version 1.2.3 build 4), then 8 bytes of
// image, then the TLV area with one SHA-256 entry.
const HEADER = '3db8f396 00000000 2000 0000 08000000 00000000 01 02 0300 04000000 00000000'
const BODY = '0102030405060708'
// printf of the 40 bytes above | sha256sum
const HASH = 'e075fa34895d34e01c03690deb09704ffa500ee946dcdb420ade67b58388aad4'
const TLVS = `0769 2800 1000 2000 ${HASH}`

function hex(text: string): Uint8Array {
  return fromHex(text)!
}

function read(image: Uint8Array) {
  const contents = smallChip()
  contents.set(image, executable.address)
  const region = flashWindow(smallFlash({ contents }), executable)
  const place = { model: smallModel, region, sha256: nodeSha256 }
  const sha256 = nodeSha256([image])
  const found = readSoftware(place, { kind: 'done', length: image.length, sha256 })
  const { version, flaw } = found
  return { version, hash: toHex(found.hash), own: toHex(sha256), flaw }
}

const image = concatBytes([hex(HEADER), hex(BODY), hex(TLVS)])

describe('software with MCUboot’s header', () => {
  test('tells its version and the hash that it carries', () => {
    expect(read(image)).toMatchObject({ version: '1.2.3.4', hash: HASH })
  })

  test('is told by the digest of all its bytes where the hash is about others', () => {
    const changedBody = concatBytes([hex(HEADER), hex('0102030405060709'), hex(TLVS)])
    for (const bytes of [changedBody, image.subarray(0, 60)]) {
      const { version, hash, own } = read(bytes)
      expect({ version, hash }).toEqual({ version: '1.2.3.4', hash: own })
    }
  })

  test('is started where its own hash is right or there is none, and not where it is wrong', () => {
    const plausible = plausibleImage(0x400, 1)
    plausible.set(hex(HEADER.replace('2000 0000 08000000', '0001 0000 00030000')))
    const whole = concatBytes([plausible, hex('0769 2800 1000 2000'), nodeSha256([plausible])])
    expect(read(whole).flaw).toBeUndefined()
    // One entry, and it is no SHA-256.
    const unhashed = concatBytes([plausible, hex('0769 0c00 2200 0400 01020304')])
    expect(read(unhashed).flaw).toBeUndefined()
    whole[0x300]! ^= 1
    expect(read(whole).flaw).toBe('the hash that it carries is not that of its bytes')
  })

  test('without the header is version 0.0.0 and told by its digest', () => {
    const { version, hash, own } = read(hex(`${BODY}${'00'.repeat(40)}`))
    expect({ version, hash }).toEqual({ version: '0.0.0', hash: own })
  })

  test('is listed by restore mode with its own version and hash', () => {
    const bench = benchOf(smallFlash())
    uploadAll(bench, image)
    const listed = bench.send(hex('00 00 0001 0001 05 00 a0'))!
    expect(toHex(listed)).toContain(`6776657273696f6e67312e322e332e34`)
    expect(toHex(listed)).toContain(`64686173685820${HASH}`)
  })
})

/** An image that could begin, and says that it is version 3.4.5 for a model. */
function describedImage(model: string, bytes = 9000): Uint8Array {
  const described = plausibleImage(bytes, 1)
  const descriptor = { model, name: 'plain', version: '3.4.5', agentLevel: 2, bytes, crc32: 0 }
  described.set(encodeDescriptor(descriptor), 0x40)
  return described
}

describe('software with a descriptor', () => {
  test('tells the version that the descriptor says', () => {
    expect(read(describedImage('small'))).toMatchObject({ version: '3.4.5', flaw: undefined })
  })

  test('that has MCUboot’s header as well is told by its descriptor and begins at its vectors', () => {
    const headed = describedImage('small')
    // A header of 0x100 bytes, the place of the vectors, and 8 bytes of image behind it.
    headed.set(hex(HEADER.replace('2000 0000', '0001 0000')))
    const body = headed.subarray(0, 0x108)
    const hash = nodeSha256([body])
    const whole = concatBytes([body, hex('0769 2800 1000 2000'), hash])
    // It says more bytes than there are, so that only the header speaks for it.
    expect(read(whole)).toMatchObject({ version: '1.2.3.4', hash: toHex(hash), flaw: undefined })
    whole.set([0x08, 0x01, 0, 0], 0x40 + 48)
    const again = concatBytes([
      whole.subarray(0, 0x108),
      hex('0769 2800 1000 2000'),
      nodeSha256([whole.subarray(0, 0x108)]),
    ])
    expect(read(again)).toMatchObject({ version: '3.4.5', flaw: undefined })
  })

  test('that says it is longer than the image has no version', () => {
    const described = describedImage('small')
    expect(read(described.subarray(0, 8999)).version).toBe('0.0.0')
  })

  test('for another model is never started, and says why', () => {
    expect(read(describedImage('k2')).flaw).toBe('it was made for k2')
  })

  test('is read back from the flash after a restore as the software’s name and version [S0-13]', () => {
    const flash = smallFlash()
    const region = flashWindow(flash, executable)
    const source = {
      length: executable.bytes,
      read: (at: number, bytes: number) => region.read(at, bytes),
    }
    expect(describedSoftware(source)).toBeUndefined()
    expect(uploadAll(benchOf(flash), describedImage('small'))).toMatchObject({ match: true })
    flash.powerUp()
    const { name, version, bytes, agentLevel } = describedSoftware(source)!
    expect({ name, version, bytes, agentLevel }).toEqual({
      name: 'plain',
      version: '3.4.5',
      bytes: 9000,
      agentLevel: 2,
    })
  })
})

describe('an upload for another model', () => {
  const foreign = describedImage('k2')

  test('is refused with both names before anything is erased', () => {
    const flash = smallFlash()
    const bench = benchOf(flash)
    const first = { off: 0, len: foreign.length, data: foreign.subarray(0, 500) }
    expect(bench.upload(first)).toEqual({ rc: 3, rsn: 'it was made for k2, this is a small' })
    expect(flash.operations).toBe(0)
    expect(bench.states).toEqual([])
  })

  test('leaves one that goes on as it is', () => {
    const bench = benchOf(smallFlash())
    const own = describedImage('small')
    bench.upload({ off: 0, len: own.length, data: own.subarray(0, 500) })
    bench.upload({ off: 0, len: foreign.length, data: foreign.subarray(0, 500) })
    expect(bench.upload({ off: 500, data: own.subarray(500, 1000) })).toEqual({ rc: 0, off: 1000 })
  })

  test('whose first piece is too short to tell is written and then not started', () => {
    const bench = benchOf(smallFlash())
    uploadAll(bench, foreign, 100)
    expect(bench.boot()).toEqual({
      kind: 'restore-mode',
      reason: 'region-invalid',
      flaw: 'it was made for k2',
    })
  })
})
