import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'
import { readSoftware } from '../../../src-main/handset/boot/software'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { benchOf, executable, smallChip, smallFlash, smallModel, uploadAll } from '../small-handset'

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
  const found = readSoftware(place, { kind: 'done', sequence: 1, length: image.length, sha256 })
  return { version: found.version, hash: toHex(found.hash), own: toHex(sha256) }
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
