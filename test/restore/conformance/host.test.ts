import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src-main/base/coded-error'
import type { EncodingChoice } from '../../../src-main/contract/restore'
import { memoryPair } from '../../../src-main/link/memory-link'
import { VirtualClock } from '../../../src-main/observe/virtual-clock'
import type { RestoreImage } from '../../../src-main/restore/drivers/driver'
import { SmpDriver } from '../../../src-main/restore/drivers/smp-driver'
import { restoreImageOf } from '../../../src-main/restore/restore-image'
import { binOf } from '../workshop'
import { readNotebook, traceNamed, type Trace } from './notebook'
import { Script } from './script'

const TRACES = readNotebook('host.trace')

const imageOf = (length: number) =>
  restoreImageOf(binOf(Uint8Array.from({ length }, (_, index) => (7 * index + 3) & 255)))
const IMAGE = imageOf(160)

/** What somebody wants of the host. */
type Deed = (driver: SmpDriver) => Promise<unknown>

const identify: Deed = driver => driver.identify()
const readBack: Deed = driver => driver.readBack(IMAGE)

function write(image: RestoreImage = IMAGE): Deed {
  return async driver => {
    await driver.identify()
    const isConfirmed = await driver.write(image, () => {})
    return { isConfirmed, retries: driver.retries, touched: driver.touched }
  }
}

async function play(trace: Trace, deed: Deed, encoding?: EncodingChoice) {
  const clock = new VirtualClock()
  const [ours, theirs] = memoryPair({ names: ['line', 'device'] })
  const notes: string[] = []
  const driver = new SmpDriver({
    link: ours,
    clock,
    signal: new AbortController().signal,
    trace: { record: () => {} },
    ...(encoding && { encoding }),
    onNote: (_level, text) => void notes.push(text),
  })
  const script = new Script('device', { link: theirs, clock })
  const ending = deed(driver).catch((error: unknown) => {
    if (!(error instanceof CodedError)) throw error
    return { code: error.code, message: error.message, touched: driver.touched }
  })
  const [problem, end] = await clock.runUntil(Promise.all([script.play(trace), ending]))
  expect(problem).toBeUndefined()
  expect(script.rest).toBe('')
  return { end, notes }
}

const listed = { kind: 'this-image' }
const confirmed = { isConfirmed: true, retries: 0 }
const accepted = { isConfirmed: false, retries: 0 }
const unknownDevice = { device: { name: null, mode: 'unknown', information: null } }

const NOBODY_WAITS = /^An answer that nobody waits for was ignored/

/** Every trace, what the host is to do, how that ends, and what it notes. */
const DEEDS: Readonly<Record<string, readonly [Deed, object, ...RegExp[]]>> = {
  'indefinite lengths': [
    identify,
    {
      ...unknownDevice,
      software: { version: '1.2.3', active: true },
      memory: { bufferBytes: 1024, bufferCount: 1 },
    },
  ],
  'a smaller first chunk': [write(), confirmed],
  'whole alignment units': [write(), { ...accepted, retries: 1 }, NOBODY_WAITS],
  'the expected offset': [write(), { ...accepted, retries: 1 }],
  'start over at offset 0': [write(), { ...accepted, retries: 1 }],
  'the same digest at offset 0': [write(), accepted],
  'the same digest, complete': [write(), confirmed],
  'bursts are dropped': [write(), { ...accepted, retries: 1 }],
  'larger than the slot': [
    write(),
    {
      code: 'DEVICE_REFUSED',
      message:
        'line: the device refused the image before anything was written: the device refused a ' +
        'value; the image may be larger than its slot. Check that the image is made for this device.',
      touched: false,
    },
  ],
  'an error of the image group': [
    write(),
    {
      code: 'DEVICE_REFUSED',
      message:
        'line: the device refused the image before anything was written: group 1 reported error ' +
        '14. Check that the image is made for this device.',
      touched: false,
    },
  ],
  'an error with a reason': [
    write(),
    {
      code: 'DEVICE_REFUSED',
      message:
        'line: the device refused the image before anything was written: the answer would be ' +
        'larger than the device can send (no room). Check that the image is made for this device.',
      touched: false,
    },
  ],
  'an error of 0': [
    readBack,
    { kind: 'unknown', reason: 'its list of images holds no hash for slot 0' },
  ],
  'refused half-way': [
    write(),
    {
      code: 'DEVICE_REFUSED',
      message:
        'line: the device refused to go on after 32 bytes: the device refused a value; the image ' +
        'may be larger than its slot. Check the cable and its power, then restore again; the ' +
        'handset waits for it.',
      touched: true,
    },
  ],
  'everything is rc 8': [
    identify,
    { ...unknownDevice, software: null, memory: { bufferBytes: 384, bufferCount: 1 } },
  ],
  'echo is rc 8': [
    async driver => {
      await driver.reset()
      return { who: await driver.awaken(IMAGE) }
    },
    { who: 'restore-mode' },
  ],
  'an empty list until the reset': [
    async driver => {
      const before = await driver.readBack(IMAGE)
      await driver.reset()
      return { before, after: await driver.readBack(IMAGE) }
    },
    { before: { kind: 'unknown' }, after: listed },
  ],
  'separate reads': [readBack, listed],
  'console text between lines': [
    readBack,
    listed,
    /^device: \[00:00:01\] <inf> boot$/,
    /^device: erasing sector 3$/,
    // It stands in the line of a marker, which ends it.
    /^device: > $/,
    /^device: done$/,
  ],
  'no parameters': [write(imageOf(640)), accepted],
  'sequence numbers': [readBack, listed, NOBODY_WAITS, NOBODY_WAITS],
  'an answer to another request': [
    readBack,
    listed,
    ...Array.from({ length: 4 }, () => NOBODY_WAITS),
  ],
  'a late answer': [readBack, listed, /^No answer to "image state"/, NOBODY_WAITS],
  'an answer that comes twice': [write(), accepted, NOBODY_WAITS, NOBODY_WAITS],
  'answers out of order': [write(), confirmed, NOBODY_WAITS],
  'a wrong CRC': [readBack, listed, /thrown away: the CRC of the frame is wrong/, /^No answer/],
  'a frame that is too long': [
    readBack,
    listed,
    /thrown away: the frame is longer than the \d+ bytes it announced/,
    /^No answer/,
  ],
  'a frame that is too short': [
    readBack,
    listed,
    /^No answer/,
    /thrown away: a new frame began before this one was whole/,
  ],
  'no base64': [readBack, listed, /is not base64/, /line of a frame without its/, /^No answer/],
  'no CBOR': [readBack, listed, /^A packet was ignored: the payload is not CBOR/, /^No answer/],
  'a wrong length in the header': [
    readBack,
    listed,
    /^A packet was ignored: header announces/,
    /^No answer/,
  ],
  'a lost line': [readBack, listed, /^No answer/, /thrown away: a new frame began/],
  'a buffer that is smaller than stated': [write(), { ...accepted, retries: 1 }],
  'a buffer that takes nothing': [
    write(),
    {
      code: 'NO_ANSWER',
      message:
        'line: the device fell silent while writing, at byte 0 of 160. Check the cable and its ' +
        'power, then restore again; the handset waits for it.',
      touched: false,
    },
  ],
  'a buffer too small for anything': [
    write(),
    {
      code: 'DEVICE_CONFUSED',
      message:
        'While identifying, the device says that its buffer holds 40 bytes, which is too little for ' +
        'any piece of an image. Switch it off and on, then try again.',
    },
  ],
  'no match': [
    write(),
    {
      code: 'VERIFY_FAILED',
      message:
        'line: at the end of writing, the device compared what it received with the digest and ' +
        'found a difference. Restore again; if that fails too, replace the cable.',
      touched: true,
    },
  ],
  'a match that is a lie': [
    async driver => {
      await write()(driver)
      return driver.readBack(IMAGE)
    },
    { kind: 'another' },
  ],
  'an offset behind the end': [
    write(),
    {
      code: 'DEVICE_CONFUSED',
      message:
        'line: while writing, the device answered with something that makes no sense: it asks ' +
        'for byte 161 of an image of 160 bytes. Switch it off and on, then try again.',
    },
  ],
  'an offset that is none': [
    write(),
    {
      code: 'DEVICE_CONFUSED',
      message:
        'line: while writing, the device answered with something that makes no sense: field ' +
        '"off" is not a whole number of 0 or more. Switch it off and on, then try again.',
    },
  ],
}

describe('our host with a device that shows', () => {
  test.each(Object.entries(DEEDS))('%s', async (name, [deed, ends, ...noted]) => {
    const { end, notes } = await play(traceNamed(TRACES, name), deed)
    expect(end).toMatchObject(ends)
    expect(notes).toEqual(noted.map(note => expect.stringMatching(note)))
  })
})

const MISSING = /^\d+ bytes thrown away: the rest of a packet is missing\.$/

const RAW_DEEDS: typeof DEEDS = {
  'packets as they are': [write(), confirmed],
  'a device that knows no console lines': [
    identify,
    { ...unknownDevice, encoding: 'raw', memory: { bufferBytes: 128 } },
    ...Array.from({ length: 4 }, () => /^No answer to "image state" within 1000 ms\.$/),
  ],
  'a packet that stalls': [readBack, listed, MISSING, /^No answer/],
  'a packet that stalls in its header': [readBack, listed, MISSING, /^No answer/],
  'separate reads': [readBack, listed],
  'noise before a packet': [readBack, listed, /thrown away: no packet begins with them/],
  'console text before a packet': [readBack, listed, /^device: booting$/],
  'damage without a CRC': [readBack, listed, NOBODY_WAITS, /^No answer/],
  'no match': [write(), { code: 'VERIFY_FAILED', touched: true }],
}

describe('our host with a device that sends raw packets and shows', () => {
  const traces = readNotebook('host-raw.trace')

  test.each(Object.entries(RAW_DEEDS))('%s', async (name, [deed, ends, ...noted]) => {
    const choice = name === 'a device that knows no console lines' ? 'auto' : 'raw'
    const { end, notes } = await play(traceNamed(traces, name), deed, choice)
    expect(end).toMatchObject(ends)
    expect(notes).toEqual(noted.map(note => expect.stringMatching(note)))
  })
})

test('every trace of the host is played', () => {
  const names = (file: string) => readNotebook(file).map(({ name }) => name)
  expect(Object.keys(DEEDS)).toEqual(names('host.trace'))
  expect(Object.keys(RAW_DEEDS)).toEqual(names('host-raw.trace'))
})

test.each([
  ['console lines', 'restore-mode.trace', 'console'],
  ['raw packets', 'restore-mode-raw.trace', 'raw'],
] as const)(
  'our host restores our device with the very %s that are written down',
  async (_, file, encoding) => {
    const trace = traceNamed(readNotebook(file), 'a whole restore')
    const deed: Deed = async driver => {
      await driver.identify()
      const isConfirmed = await driver.write(IMAGE, () => {})
      const holding = await driver.readBack(IMAGE)
      await driver.reset()
      return { isConfirmed, holding }
    }
    const { end } = await play(trace, deed, encoding)
    expect(end).toEqual({ isConfirmed: true, holding: listed })
  },
)
