import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, toHex } from '../../../src-main/base/bytes'
import { readMcubootImage } from '../../../src-main/handset/boot/mcuboot-image'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { benchOf, executable, smallChip, smallFlash, uploadAll } from '../small-handset'

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
  const found = readMcubootImage(region, image.length, nodeSha256)
  return found && { version: found.version, hash: found.hash && toHex(found.hash) }
}

const image = concatBytes([hex(HEADER), hex(BODY), hex(TLVS)])

describe('an image with MCUboot’s header', () => {
  test('tells its version and the hash of its TLV area', () => {
    expect(read(image)).toEqual({ version: '1.2.3.4', hash: HASH })
  })

  test('has no build number where it is 0', () => {
    const header = HEADER.replace('04000000 00000000', '00000000 00000000')
    expect(read(hex(header + BODY))?.version).toBe('1.2.3')
  })

  test('without the header is none', () => {
    expect(read(hex(`${BODY}${'00'.repeat(40)}`))).toBeUndefined()
    expect(read(image.subarray(0, 31))).toBeUndefined()
  })

  test('has no hash where the TLV area is missing, cut, foreign, or about other bytes', () => {
    const changedBody = concatBytes([hex(HEADER), hex('0102030405060709'), hex(TLVS)])
    const beyond = hex(HEADER.replace('08000000', 'ffffff7f') + BODY + TLVS)
    const foreign = concatBytes([hex(HEADER), hex(BODY), hex(TLVS.replace('0769', '0869'))])
    const other = concatBytes([hex(HEADER), hex(BODY), hex(TLVS.replace('1000', '1100'))])
    const overlong = concatBytes([hex(HEADER), hex(BODY), hex(TLVS.replace('2000', '2100'))])
    const damaged = [
      image.subarray(0, 40),
      image.subarray(0, 60),
      changedBody,
      beyond,
      foreign,
      other,
    ]
    for (const bytes of [...damaged, overlong]) expect(read(bytes)?.hash).toBeUndefined()
  })

  test('hashes its protected TLVs too', () => {
    const header = hex(HEADER.replace('2000 0000', '2000 0800'))
    const body = concatBytes([header, hex(BODY), hex('0869 0800 5000 0000')])
    const hash = toHex(nodeSha256([body]))
    const whole = (part: Uint8Array) => concatBytes([part, hex(`0769 2800 1000 2000 ${hash}`)])
    expect(read(whole(body))?.hash).toBe(hash)
    const wrongSize = concatBytes([header, hex(BODY), hex('0869 0900 5000 0000')])
    expect(read(whole(wrongSize))?.hash).toBeUndefined()
  })

  test('is listed by restore mode with its own version and hash', () => {
    const bench = benchOf(smallFlash())
    uploadAll(bench, image)
    const listed = bench.send(hex('00 00 0001 0001 05 00 a0'))!
    expect(toHex(listed)).toContain(`6776657273696f6e67312e322e332e34`)
    expect(toHex(listed)).toContain(`64686173685820${HASH}`)
  })
})
