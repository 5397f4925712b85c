import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src-main/base/bytes'
import { fromHex } from '../../support/from-hex'
import { flashWindow } from '../../../src-main/handset/flash/flash-window'
import type { FlashPort } from '../../../src-main/handset/flash/flash-port'
import { Upload } from '../../../src-main/handset/boot/upload'
import { servePacket } from '../../../src-main/handset/boot/serve-packet'
import { nodeSha256 } from '../../../src-main/handset/service/node-sha256'
import { benchOf, executable, plausibleImage, smallFlash, uploadAll } from '../small-handset'

/** Sends literal bytes: header `op flags length group sequence command`, then CBOR. */
function exchange(bench: ReturnType<typeof benchOf>, request: string): string | undefined {
  const answer = bench.send(fromHex(request)!)
  return answer && toHex(answer)
}

function spaced(text: string): string {
  return text.replaceAll(' ', '')
}

describe('requests of the OS group', () => {
  const bench = benchOf(smallFlash())

  test('echo gives the text back, with the sequence it came with', () => {
    // {"d": "hello"} gives {"r": "hello"}
    const answer = exchange(bench, '02 00 0009 0000 2a 00 a1 6164 6568656c6c6f')
    expect(answer).toBe(spaced('03 00 0009 0000 2a 00 a1 6172 6568656c6c6f'))
  })

  test('version bits come back as they were sent', () => {
    const answer = exchange(bench, '0a 00 0009 0000 ff 00 a1 6164 6568656c6c6f')
    expect(answer).toBe(spaced('0b 00 0009 0000 ff 00 a1 6172 6568656c6c6f'))
  })

  test('parameters are those of the model', () => {
    // {"buf_size": 1024, "buf_count": 2}
    const answer = exchange(bench, '00 00 0001 0000 01 06 a0')
    expect(answer).toBe(
      spaced('01 00 0018 0000 01 06 a2 686275665f73697a65 190400 696275665f636f756e74 02'),
    )
  })

  test('slot information is the size of the executable region', () => {
    const answer = exchange(bench, '00 00 0001 0001 01 06 a0')
    expect(answer).toContain(spaced('65 736c6f7473 81 a2 64 736c6f74 00 64 73697a65'))
  })

  test('information is one line, whatever format asks for', () => {
    const line = Buffer.from('Kintsugi small restore-mode SMALL-0123456789AB').toString('hex')
    const output = `a1 666f7574707574 782e ${line}`
    expect(exchange(bench, '00 00 000a 0000 01 07 a1 66666f726d6174 6161')).toBe(
      spaced(`01 00 0038 0000 01 07 ${output}`),
    )
    expect(exchange(bench, '00 00 0001 0000 01 07 a0')).toBe(
      spaced(`01 00 0038 0000 01 07 ${output}`),
    )
  })

  test('the bootloader says its name, and nothing else that it might be asked', () => {
    // {"bootloader": "Kintsugi"}; {"query": "mode"} gives {"rc": 8}
    expect(exchange(bench, '00 00 0001 0000 01 08 a0')).toBe(
      spaced('01 00 0015 0000 01 08 a1 6a626f6f746c6f61646572 684b696e7473756769'),
    )
    expect(exchange(bench, '00 00 000c 0000 01 08 a1 657175657279 646d6f6465')).toBe(
      spaced('01 00 0005 0000 01 08 a1 627263 08'),
    )
  })

  test('reset is answered and then carried out, into restore mode where that is asked', () => {
    const plain = servePacket(bench.restoreMode, fromHex('02 00 0001 0000 01 05 a0')!)
    expect(plain).toMatchObject({ answer: { payload: { rc: 0 } }, afterwards: 'reset' })
    // {"boot_mode": 1}, {"boot_mode": 2}
    const boot = '02 00 000c 0000 01 05 a1 69626f6f745f6d6f6465'
    const staying = servePacket(bench.restoreMode, fromHex(`${boot} 01`)!)
    expect(staying).toMatchObject({
      answer: { payload: { rc: 0 } },
      afterwards: 'reset-to-restore-mode',
    })
    const wrong = servePacket(bench.restoreMode, fromHex(`${boot} 02`)!)
    expect(wrong).toMatchObject({ answer: { payload: { rc: 3 } }, afterwards: 'stay' })
  })
})

describe('what restore mode does not do is answered with rc 8', () => {
  test.each<[string, string, string]>([
    ['an unknown group', '00 00 0001 0008 01 00 a0', '01 00 0005 0008 01 00'],
    ['an unknown command', '00 00 0001 0000 01 02 a0', '01 00 0005 0000 01 02'],
    ['image erase', '02 00 0001 0001 01 05 a0', '03 00 0005 0001 01 05'],
    ['image state by write', '02 00 0001 0001 01 00 a0', '03 00 0005 0001 01 00'],
    ['upload by read', '00 00 0001 0001 01 01 a0', '01 00 0005 0001 01 01'],
    ['version 1', '08 00 0001 0040 01 00 a0', '09 00 0005 0040 01 00'],
  ])('%s', (_what, request, header) => {
    expect(exchange(benchOf(smallFlash()), request)).toBe(spaced(`${header} a1 627263 08`))
  })
})

describe('malformed requests', () => {
  test.each<[string, string]>([
    ['no payload', '02 00 0000 0000 01 00'],
    ['payload cut short', '02 00 0009 0000 01 00 a1 6164'],
    ['payload too long', '02 00 0001 0000 01 00 a0 a0'],
    ['no map', '02 00 0002 0000 01 00 80 00'],
    ['a number for a text', '02 00 0004 0000 01 00 a1 6164 05'],
    ['broken CBOR', '02 00 0002 0000 01 00 a1 ff'],
    ['a map that names a key twice', '02 00 0007 0000 01 00 a2 6164 00 6164 00'],
  ])('%s is answered with rc 3', (_what, request) => {
    const answer = exchange(benchOf(smallFlash()), request)
    expect(answer).toBe(spaced('03 00 0005 0000 01 00 a1 627263 03'))
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['half a header', '02 00 0000'],
    ['an operation that is none', '04 00 0001 0000 01 00 a0'],
    ['an unknown version', '12 00 0001 0000 01 00 a0'],
    ['our own answer, come back', '03 00 0005 0000 01 00 a1 627263 00'],
    ['a broken answer', '03 00 0000 0000 01 00'],
  ])('%s is met with silence', (_what, request) => {
    expect(exchange(benchOf(smallFlash()), request)).toBeUndefined()
  })
})

describe('upload', () => {
  // {"len": 5, "sha": SHA-256 of "hello", "off": 0, "data": "hello"}
  const digest = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
  const hello = `02 00 003c 0001 07 01 a4 636c656e 05 63736861 5820 ${digest}
    636f6666 00 6464617461 45 68656c6c6f`

  test('of literal bytes writes them, compares the digest and says so [S0-24]', () => {
    const flash = smallFlash()
    const bench = benchOf(flash)
    // {"rc": 0, "off": 5, "match": true}
    expect(exchange(bench, hello)).toBe(
      spaced('03 00 0011 0001 07 01 a3 627263 00 636f6666 05 656d61746368 f5'),
    )
    expect(flash.read(executable.address, 6)).toEqual(fromHex('68656c6c6fff'))
    expect(bench.journal.newest()).toMatchObject({ kind: 'done', length: 5 })
    expect(bench.states).toEqual(['restore-writing', 'restore-verifying', 'restore-linked'])
    // begin mark twice, one page, done mark; one sector erased, and one of the journal for each mark
    expect([flash.erases, flash.programs]).toEqual([4, 4])
  })

  test('is then listed with the hash of what the flash holds', () => {
    const bench = benchOf(smallFlash())
    const list = '00 00 0001 0001 09 00 a0'
    // {"images": []}, then [{"image": 0, "slot": 0, "version": "0.0.0", "hash", "bootable": false}]
    expect(exchange(bench, list)).toBe(spaced('01 00 0009 0001 09 00 a1 66696d61676573 80'))
    exchange(bench, hello)
    const software = `a5 65696d616765 00 64736c6f74 00 6776657273696f6e 65302e302e30
      6468617368 5820 ${digest} 68626f6f7461626c65 f4`
    expect(exchange(bench, list)).toBe(
      spaced(`01 00 0056 0001 09 00 a1 66696d61676573 81 ${software}`).replaceAll(/\s/g, ''),
    )
  })

  test('of the wrong bytes leaves the journal open and lists nothing [S0-41]', () => {
    const bench = benchOf(smallFlash())
    const corrupted = hello.replace('68656c6c6f', '68656c6c6e')
    expect(exchange(bench, corrupted)).toBe(
      spaced('03 00 0011 0001 07 01 a3 627263 00 636f6666 05 656d61746368 f4'),
    )
    expect(bench.journal.newest()?.kind).toBe('begin')
    expect(bench.states).toEqual(['restore-writing', 'restore-verifying', 'restore-wait'])
    expect(bench.boot()).toEqual({ kind: 'restore-mode', reason: 'journal-open' })
    expect(exchange(bench, '00 00 0001 0001 09 00 a0')).toBe(
      spaced('01 00 0009 0001 09 00 a1 66696d61676573 80'),
    )
    expect(exchange(bench, hello)).toContain('656d61746368f5')
    expect(bench.journal.newest()?.kind).not.toBe('begin')
  })

  test('whose digest nobody announced ends without saying match', () => {
    const bench = benchOf(smallFlash())
    expect(bench.upload({ off: 0, len: 2, data: Uint8Array.of(1, 2) })).toEqual({ rc: 0, off: 2 })
    expect(bench.journal.newest()?.kind).toBe('done')
  })

  test('into an erased region gives it software again [S0-33]', () => {
    const flash = smallFlash()
    const region = flash.read(executable.address, executable.bytes)
    expect(region.every(byte => byte === 0xff)).toBe(true)
    const bench = benchOf(flash)
    expect(bench.boot()).toMatchObject({ kind: 'restore-mode', reason: 'region-invalid' })
    const image = plausibleImage(executable.bytes, 3)
    expect(uploadAll(bench, image)).toEqual({ rc: 0, off: executable.bytes, match: true })
    expect(flash.read(executable.address, executable.bytes)).toEqual(image)
    expect(bench.boot()).toEqual({ kind: 'software' })
  })

  test.each([1, 32, 100, 255, 256, 257, 500, 4096])('by pieces of %i bytes', pieceBytes => {
    const flash = smallFlash()
    const image = plausibleImage(9001, pieceBytes)
    expect(uploadAll(benchOf(flash), image, pieceBytes)).toMatchObject({ match: true })
    expect(flash.read(executable.address, image.length)).toEqual(image)
    // Whatever the pieces: three marks, 36 pages; 3 sectors and those of the journal.
    expect([flash.erases, flash.programs]).toEqual([6, 39])
  })

  test('programs whole pages, erases a sector when its turn comes, and keeps the rest in RAM', () => {
    const flash = smallFlash()
    const bench = benchOf(flash)
    const image = plausibleImage(5000, 2)
    const seen = [200, 300, 4000, 4096, 4097, 4400].reduce<[number, number, number][]>(
      (steps, end) => {
        const off = steps.at(-1)?.[0] ?? 0
        const first = off === 0 ? { len: image.length } : {}
        const answer = bench.upload({ ...first, off, data: image.subarray(off, end) })
        return [...steps, [Number(answer['off']), flash.erases - 2, flash.programs - 2]]
      },
      [],
    )
    expect(seen).toEqual([
      [200, 0, 0],
      [300, 1, 1],
      [4000, 1, 15],
      [4096, 1, 16],
      [4097, 1, 16],
      [4400, 2, 17],
    ])
  })

  test('writes a begin mark before it erases anything', () => {
    const flash = smallFlash()
    const bench = benchOf(flash)
    uploadAll(bench, plausibleImage(5000, 1))
    const before = flash.dump()
    bench.upload({ off: 0, len: 5000, data: Uint8Array.of(1) })
    expect(bench.journal.newest()?.kind).toBe('begin')
    const after = flash.dump()
    const region = [executable.address, executable.address + executable.bytes] as const
    expect(after.subarray(...region)).toEqual(before.subarray(...region))
  })

  test('asked for at the wrong offset answers the right one', () => {
    const bench = benchOf(smallFlash())
    const data = Uint8Array.of(1, 2, 3)
    expect(bench.upload({ off: 77, data })).toEqual({ rc: 0, off: 0 })
    expect(bench.upload({ off: 0, len: 9, data })).toEqual({ rc: 0, off: 3 })
    expect(bench.upload({ off: 2, data })).toEqual({ rc: 0, off: 3 })
    expect(bench.upload({ off: 4, data })).toEqual({ rc: 0, off: 3 })
    expect(bench.upload({ off: 3, data })).toEqual({ rc: 0, off: 6 })
  })

  test('repeats its last answer to the last piece, come twice', () => {
    const bench = benchOf(smallFlash())
    const data = Uint8Array.of(1, 2, 3)
    const sha = nodeSha256([Uint8Array.of(1, 2, 3, 1, 2, 3)])
    bench.upload({ off: 0, len: 6, sha, data })
    expect(bench.upload({ off: 3, data })).toEqual({ rc: 0, off: 6, match: true })
    expect(bench.upload({ off: 3, data })).toEqual({ rc: 0, off: 6, match: true })
    expect(bench.upload({ off: 6, data })).toEqual({ rc: 0, off: 6, match: true })
  })

  test('begins anew at offset 0, also in the middle and after the end', () => {
    const flash = smallFlash()
    const bench = benchOf(flash)
    const [one, two] = [plausibleImage(700, 1), plausibleImage(900, 2)]
    bench.upload({ off: 0, len: one.length, data: one.subarray(0, 300) })
    expect(uploadAll(bench, two)).toMatchObject({ match: true })
    expect(uploadAll(bench, one)).toMatchObject({ match: true })
    expect(uploadAll(bench, one)).toMatchObject({ match: true })
    expect(flash.read(executable.address, one.length)).toEqual(one)
    // Four begin marks, the first one twice, and three done marks.
    expect(bench.journal.newest()).toMatchObject({ kind: 'done', sequence: 8 })
  })

  const data = Uint8Array.of(1)
  test.each<[string, Record<string, unknown>]>([
    ['no offset', { len: 5, data }],
    ['an offset that is text', { len: 5, off: '0', data }],
    ['an offset below 0', { len: 5, off: -1, data }],
    ['an offset between bytes', { len: 5, off: 0.5, data }],
    ['an offset beyond all numbers', { len: 5, off: 2n ** 63n, data }],
    ['no length', { off: 0, data }],
    ['a length of 0', { off: 0, len: 0, data: new Uint8Array() }],
    ['a length that is text', { off: 0, len: '5', data }],
    ['an image larger than the region', { off: 0, len: executable.bytes + 1, data }],
    ['more data than the image has', { off: 0, len: 2, data: Uint8Array.of(1, 2, 3) }],
    ['no data', { off: 0, len: 5 }],
    ['data that is text', { off: 0, len: 5, data: 'hello' }],
    ['half a digest', { off: 0, len: 5, sha: new Uint8Array(16), data }],
    ['a digest that is text', { off: 0, len: 5, sha: 'x'.repeat(32), data }],
    ['another image', { off: 0, len: 5, image: 1, data }],
  ])('with %s is refused with rc 3 before anything is written', (_what, payload) => {
    const flash = smallFlash()
    expect(benchOf(flash).upload(payload)).toEqual({ rc: 3 })
    expect(flash.operations).toBe(0)
  })

  test('with more data than is left is refused and goes on where it was', () => {
    const bench = benchOf(smallFlash())
    bench.upload({ off: 0, len: 4, data: Uint8Array.of(1, 2) })
    expect(bench.upload({ off: 2, data: Uint8Array.of(3, 4, 5) })).toEqual({ rc: 3 })
    expect(bench.upload({ off: 2, data: Uint8Array.of(3, 4) })).toEqual({ rc: 0, off: 4 })
  })

  test('with no data yet only begins', () => {
    const bench = benchOf(smallFlash())
    expect(bench.upload({ off: 0, len: 4, data: new Uint8Array() })).toEqual({ rc: 0, off: 0 })
    expect(bench.journal.newest()?.kind).toBe('begin')
  })
})

test('a page that the flash did not take ends the upload with the journal open', () => {
  const flash = smallFlash()
  const bench = benchOf(flash)
  const region = flashWindow(flash, executable)
  let programs = 0
  const lazy: FlashPort = {
    ...region,
    program(address, bytes) {
      programs += 1
      if (programs !== 2) region.program(address, bytes)
    },
  }
  const upload = new Upload({
    region: lazy,
    journal: bench.journal,
    sha256: nodeSha256,
    onVerify: () => {},
  })
  upload.begin({ length: 700, sha256: undefined })
  expect(upload.take(plausibleImage(700, 1))).toBe('flash-failed')
  expect(upload.offset).toBe(0)
  expect(bench.journal.newest()?.kind).toBe('begin')
})
