import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { concatBytes } from '../../../src-main/base/bytes'
import { seededRandom } from '../../../src-main/base/random'
import {
  BOOT_CAUSE,
  REQUEST_RESTORE_MODE,
  SCRATCH,
  STATUS,
} from '../../../src-main/handset/cpu/firmware-interface'
import { SmpOp } from '../../../src-main/wire/smp/constants'
import {
  echo,
  readImageState,
  readInfo,
  readParameters,
  requestOf,
  reset,
} from '../../../src-main/wire/smp/messages'
import { encodeConsole } from '../../../src-main/wire/smp/console'
import { encodePacket } from '../../../src-main/wire/smp/packet'
import { fromHex } from '../../support/from-hex'
import { firmwareImage, RunningFirmware, started } from './running-firmware'

const V1 = 'k1-1.0.0.bin'

describe('running software at its start', () => {
  test('prints who it is, that its self-test passed and that it is ready', async () => {
    const firmware = await started(V1)
    expect(firmware.sent).toBe(
      '\r\nKintsugi k1 1.0.0 K1-0123456789AB\r\nself-test passed: 7 tests\r\nready\r\n',
    )
    expect(firmware.outcome?.scratch[SCRATCH.status]).toBe(STATUS.runs)
    expect(firmware.faults).toEqual([])
  })

  test('says so when the watchdog started it', async () => {
    const firmware = await started(V1, { handover: { cause: BOOT_CAUSE.watchdog } })
    expect(firmware.lines).toContain('started by the watchdog')
  })

  test('sleeps when nothing is due and feeds the watchdog for minutes', async () => {
    const firmware = await started(V1)
    expect(firmware.outcome?.wakeNanoseconds).toBeGreaterThan(0)
    const before = firmware.instructions
    await firmware.run(120_000)
    expect(firmware.outcome?.stop).toBeUndefined()
    expect(firmware.instructions - before).toBeLessThan(120 * 20_000)
  })
})

describe('running software on the wire', () => {
  let firmware: RunningFirmware
  beforeAll(async () => {
    firmware = await started(V1)
  })

  test('answers an echo sent as literal bytes with literal bytes', async () => {
    firmware.sent = ''
    await firmware.run(50, literal('\x06\x09ABYKAAAMAAAAAKFhZGhraW50c3Vnadm0\n'))
    expect(firmware.sent).toBe('\x06\x09ABYLAAAMAAAAAKFhcmhraW50c3VnaQsu\n')
  })

  test('answers in the older version of the protocol as well', async () => {
    const answer = await firmware.ask(hex('02 00 00 06 00 00 2a 00 a1 61 64 62 68 69'))
    expect(answer).toEqual({
      op: SmpOp.writeResponse,
      version: 0,
      group: 0,
      sequence: 0x2a,
      command: 0,
      payload: { r: 'hi' },
    })
  })

  test('reads maps and texts of any length, keys in any order', async () => {
    // {_ "x": [1, {"y": h'00'}, 2.0], "d": (_ "kin", "tsugi"), "n": null}
    const payload =
      'bf 61 78 83 01 a1 61 79 41 00 fb 40 00 00 00 00 00 00 00 ' +
      '61 64 7f 63 6b 69 6e 65 74 73 75 67 69 ff 61 6e f6 ff'
    const bytes = hex(payload)
    const header = Uint8Array.of(0x0a, 0, 0, bytes.length, 0, 0, 1, 0)
    const answer = await firmware.ask(Uint8Array.of(...header, ...bytes))
    expect(answer?.payload).toEqual({ r: 'kintsugi' })
  })

  test.each([0, 23, 24, 255, 256, 512, 1000])('echoes a text of %i bytes', async length => {
    const text = 'abcdefghij'.repeat(100).slice(0, length)
    const answer = await firmware.ask(encodePacket(requestOf(echo(text), length & 255)))
    expect(answer?.payload).toEqual({ r: text })
  })

  test('says who it is, what it takes and which image it runs', async () => {
    const info = await firmware.ask(encodePacket(requestOf(readInfo(), 1)))
    const parameters = await firmware.ask(encodePacket(requestOf(readParameters, 2)))
    const state = await firmware.ask(encodePacket(requestOf(readImageState, 3)))
    const hash = new Uint8Array(createHash('sha256').update(firmwareImage(V1)).digest())
    expect(info?.payload).toEqual({ output: 'Kintsugi k1 1.0.0 K1-0123456789AB' })
    expect(parameters?.payload).toEqual({ buf_size: 1024, buf_count: 4 })
    expect(state?.payload).toEqual({
      images: [
        {
          image: 0,
          slot: 0,
          version: '1.0.0',
          hash,
          bootable: true,
          active: true,
          confirmed: true,
        },
      ],
    })
  })

  test('takes as many whole packets at once as it says', async () => {
    const texts = Array.from('abcd', letter => letter.repeat(990))
    const before = firmware.packets.length
    const frames = texts.map((text, sequence) => {
      return encodeConsole(encodePacket(requestOf(echo(text), sequence)))
    })
    await firmware.run(1500, concatBytes(frames))
    const answers = firmware.packets.slice(before).map(({ payload }) => payload)
    expect(answers).toEqual(texts.map(r => ({ r })))
  })

  test('hashes as many bytes as the journal vouches for', async () => {
    const bytes = 50_000
    const vouched = await started(V1, { handover: { imageBytes: bytes } })
    const image = new Uint8Array(bytes).fill(0xff)
    image.set(firmwareImage(V1))
    const state = await vouched.ask(encodePacket(requestOf(readImageState, 3)))
    const [slot] = readImageState.readAnswer(state?.payload ?? {})
    expect(slot?.hash).toEqual(new Uint8Array(createHash('sha256').update(image).digest()))
  })

  test('answers other questions while it computes a long hash', async () => {
    const vouched = await started(V1, { handover: { imageBytes: 150_000 } })
    await vouched.run(20, encodeConsole(encodePacket(requestOf(readImageState, 3))))
    const between = await vouched.ask(encodePacket(requestOf(echo('meanwhile'), 4)))
    await vouched.run(5000)
    expect(between?.payload).toEqual({ r: 'meanwhile' })
    expect(vouched.packets.map(({ sequence }) => sequence)).toEqual([4, 3])
  })

  test.each([
    ['an upload', '0a 00 00 01 00 01 05 01 a0', 8],
    ['an erase', '0a 00 00 01 00 01 05 05 a0', 8],
    ['an unknown command', '08 00 00 01 00 00 05 63 a0', 8],
    ['an unknown group', '08 00 00 01 04 00 05 00 a0', 8],
    ['an echo of no text', '0a 00 00 04 00 00 05 00 a1 61 64 01', 3],
    ['an echo without a text', '0a 00 00 01 00 00 05 00 a0', 3],
    ['no map', '0a 00 00 01 00 00 05 00 80', 3],
    ['a map that ends too early', '0a 00 00 03 00 00 05 00 a2 61 64', 3],
    ['bytes behind the map', '0a 00 00 02 00 00 05 00 a0 00', 3],
    ['a key that is no text', '0a 00 00 03 00 00 05 00 a1 01 02', 3],
    ['a reset with an unknown mode', '0a 00 00 0c 00 00 05 05 a1 69 626f6f745f6d6f6465 07', 3],
  ])('refuses %s', async (_, request, rc) => {
    const answer = await firmware.ask(hex(request))
    expect(answer?.payload).toEqual({ rc })
    expect(answer?.sequence).toBe(5)
  })

  test.each([
    ['an answer of somebody else', '0b 00 00 01 00 00 05 00 a0'],
    ['a reserved version', '12 00 00 01 00 00 05 00 a0'],
    ['reserved bits', '2a 00 00 01 00 00 05 00 a0'],
    ['a length that is not its own', '0a 00 00 02 00 00 05 00 a0'],
  ])('meets %s with silence', async (_, request) => {
    expect(await firmware.ask(hex(request))).toBeUndefined()
  })
})

describe('a reset over the wire', () => {
  test.each([
    ['starts anew', undefined, 0],
    ['leads into restore mode where it is asked to', 1, REQUEST_RESTORE_MODE],
  ] as const)('%s, after the answer', async (_, mode, request) => {
    const firmware = await started(V1)
    const answer = await firmware.ask(encodePacket(requestOf(reset(mode), 9)))
    expect(answer?.payload).toEqual({ rc: 0 })
    expect(firmware.outcome?.stop).toBe('reset-requested')
    expect(firmware.outcome?.scratch[SCRATCH.request]).toBe(request)
  })
})

describe('noise on the wire', () => {
  let firmware: RunningFirmware
  beforeAll(async () => {
    firmware = await started(V1)
  })

  test.each([
    ['a line without its end', '\x06\x09ABYKAAAM'],
    ['half a marker', '\x06\x09ABYKAAAMAAAAAKFhZGhraW50c3Vnadm0\x06'],
    ['a wrong CRC', '\x06\x09ABYKAAAMAAAAAKFhZGhraW50c3Vnadm1\n'],
    ['base64 that is not whole', '\x06\x09ABYKAAA\n\x04\x14MAAAA\n'],
    ['padding in the middle', '\x06\x09ABY=AAAMAAAA\n'],
    ['a frame that announces too much', '\x06\x09//8AAAAA\n'],
    ['a frame that announces nothing', '\x06\x09AAAAAAAA\n'],
    ['a part without a beginning', '\x04\x14AAAAAAAA\n'],
    ['text', 'AT+CGMI\r\nhello?\r\n'],
  ])('%s costs no later echo', async (_, noise) => {
    await firmware.run(20, literal(noise))
    const answer = await firmware.ask(encodePacket(requestOf(echo('still here'), 1)))
    expect(answer?.payload).toEqual({ r: 'still here' })
  })

  test('20 000 random bytes stop nothing', async () => {
    const random = seededRandom(20_261_121)
    for (let round = 0; round < 20; round++) {
      await firmware.run(30, random.bytes(1000))
      const text = `round ${round}`
      const answer = await firmware.ask(encodePacket(requestOf(echo(text), round)))
      expect(answer?.payload).toEqual({ r: text })
    }
    expect(firmware.faults).toEqual([])
  })

  test('random characters of frames stop nothing', async () => {
    const random = seededRandom(7)
    const characters = '\x06\x09\x04\x14\n=ABYKwxyz0189+/'
    for (let round = 0; round < 10; round++) {
      const noise = Uint8Array.from(random.bytes(1500), byte =>
        characters.charCodeAt(byte % characters.length),
      )
      await firmware.run(30, noise)
      const answer = await firmware.ask(encodePacket(requestOf(echo('yes'), round)))
      expect(answer?.payload).toEqual({ r: 'yes' })
    }
  })
})

test('whoever sends without end keeps the watchdog from nothing, and the next one is answered', async () => {
  const firmware = await started(V1, { hertz: 8_000_000 })
  const frame = encodeConsole(encodePacket(requestOf(echo('x'.repeat(700)), 1)))
  for (let sent = 0; sent < 6000 && !firmware.outcome?.stop; sent += 5) await firmware.run(5, frame)
  expect(firmware.outcome?.stop).toBeUndefined()
  // What is still on the line ends in the middle of a frame.
  await firmware.run(1000, literal('\n'))
  const answer = await firmware.ask(encodePacket(requestOf(echo('at last'), 2)))
  expect(answer?.payload).toEqual({ r: 'at last' })
})

describe('software that fails its self-test', () => {
  test('says which test, and goes on answering the wire but not the test signal', async () => {
    const firmware = new RunningFirmware(firmwareImage('k1-self-test-fails.bin'))
    await firmware.runUntilLine('self-test failed: test 5, calendar')
    await firmware.run(500)
    expect(firmware.lines).not.toContain('ready')
    expect(firmware.outcome?.scratch.slice(0, 2)).toEqual([STATUS.selfTestFailed, 5])
    const echoed = await firmware.ask(encodePacket(requestOf(echo('hello'), 1)))
    const info = await firmware.ask(encodePacket(requestOf(readInfo(), 2)))
    const state = await firmware.ask(encodePacket(requestOf(readImageState, 3)))
    expect(echoed?.payload).toEqual({ rc: 1 })
    expect(info?.payload).toEqual({
      output: 'Kintsugi k1 2.0.1 K1-0123456789AB self-test-failed 5',
    })
    expect(readImageState.readAnswer(state?.payload ?? {})[0]?.confirmed).toBe(false)
    await firmware.run(30_000)
    expect(firmware.outcome?.stop).toBeUndefined()
  })

  test('an image with a flipped bit fails the first test', async () => {
    const image = firmwareImage(V1)
    image[image.length - 5] = (image[image.length - 5] ?? 0) ^ 1
    const firmware = new RunningFirmware(image)
    await firmware.runUntilLine('self-test failed: test 1, image')
    expect(firmware.outcome?.scratch.slice(0, 2)).toEqual([STATUS.selfTestFailed, 1])
  })
})

function hex(digits: string): Uint8Array {
  const bytes = fromHex(digits)
  if (!bytes) throw new Error(`${digits} is not hexadecimal`)
  return bytes
}

function literal(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}
