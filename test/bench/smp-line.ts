import { seededRandom } from '../../src-main/base/random'
import type { Encoding } from '../../src-main/contract/restore'
import { brickChip, makeChip } from '../../src-main/handset/chip'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { throttleLink } from '../../src-main/handset/link-throttle'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import type { ByteLink } from '../../src-main/link/byte-link'
import { openSerial } from '../../src-main/link/serial-link'
import { realClock } from '../../src-main/observe/real-clock'
import { SmpDriver } from '../../src-main/restore/drivers/smp-driver'
import { restoreImageOf } from '../../src-main/restore/restore-image'
import { SMP_ENCODINGS } from '../../src-main/wire/smp/encodings'
import { ptyPair } from '../link/pty'
import { binOf } from '../restore/workshop'

export interface LineCase {
  readonly encoding: Encoding
  readonly baud: number
  /** That every byte is under way besides, in each direction. */
  readonly turnaroundMs: number
  /** That the device states and has. */
  readonly bufferCount: number
  /** Whether erasing and programming take the time of the model's flash, or none. */
  readonly hasFlashTimes: boolean
  readonly image: Uint8Array
}

export interface LineResult {
  readonly bytesPerSecond: number
  /** Of the line's rate at 10 bits a byte. */
  readonly lineShare: number
  /** Of the limit of encoding and piece. */
  readonly limitShare: number
  readonly retries: number
  /** Share of the time in which the flash was busy. */
  readonly flashShare: number
}

/** Header and CBOR around the data of a piece of 256 bytes or more, from offset 65536 on. */
const OVERHEAD_BYTES = 26
/** What fits into a buffer of 1024 bytes, in whole units. */
const PIECE_BYTES = 992

const k1 = modelNamed('k1')

/** Payload over wire bytes of one piece: what a pipelined sender can reach at best. */
export function limitOf(encoding: Encoding): number {
  return PIECE_BYTES / SMP_ENCODINGS[encoding].wireBytes(PIECE_BYTES + OVERHEAD_BYTES)
}

/** Writes an image over a pseudo-terminal with a line's rate and turnaround, and takes the time. */
export async function measure(parts: LineCase): Promise<LineResult> {
  const { baud, encoding, turnaroundMs, image } = parts
  const pair = await ptyPair()
  const [ours, theirs] = await Promise.all([
    openSerial({ path: pair.b, baud }),
    openSerial({ path: pair.a, baud }),
  ])
  const flash = flashFor(parts)
  const handset = handsetWith(flash, parts)
  handset.attach(later(throttleLink(theirs, { baud, clock: realClock }), turnaroundMs))
  handset.powerOn()
  const driver = new SmpDriver({
    link: ours,
    clock: realClock,
    signal: new AbortController().signal,
    trace: { record: () => {} },
    encoding,
    onNote: () => {},
  })
  try {
    await driver.identify()
    const [busyBefore, startedAt] = [flash.busyMilliseconds, performance.now()]
    await driver.write(restoreImageOf(binOf(image)), () => {})
    const milliseconds = performance.now() - startedAt
    const bytesPerSecond = (1000 * image.length) / milliseconds
    const lineShare = bytesPerSecond / (baud / 10)
    return {
      bytesPerSecond,
      lineShare,
      limitShare: lineShare / limitOf(encoding),
      retries: driver.retries,
      flashShare: (flash.busyMilliseconds - busyBefore) / milliseconds,
    }
  } finally {
    driver.close()
    handset.close()
    await Promise.all([ours.close(), theirs.close()])
    await pair.remove()
  }
}

function flashFor({ hasFlashTimes }: LineCase): NorFlash {
  const order = { model: k1, name: 'bench', seed: 1, sha256: nodeSha256 }
  const contents = makeChip(order)
  brickChip(contents, order)
  const { flash: geometry } = k1
  const none = { eraseMilliseconds: 0, programMilliseconds: 0 }
  const timing = hasFlashTimes ? geometry.timing : { ...geometry.timing, ...none }
  return new NorFlash({ geometry, timing, contents, random: seededRandom(1) })
}

function handsetWith(flash: NorFlash, { bufferCount, encoding }: LineCase): Handset {
  const smp = { ...k1.restore.smp, bufferCount }
  return new Handset({
    name: 'bench',
    link: 'serial:bench',
    model: { ...k1, display: null, restore: { ...k1.restore, smp } },
    flash,
    clock: realClock,
    sha256: nodeSha256,
    smpEncoding: encoding,
  })
}

/** The same link, on which everything comes later, in order. */
function later(link: ByteLink, milliseconds: number): ByteLink {
  if (milliseconds === 0) return link
  return {
    name: link.name,
    baud: link.baud,
    write: bytes =>
      new Promise((resolve, reject) => {
        setTimeout(() => void link.write(bytes).then(resolve, reject), milliseconds)
      }),
    onData: listener => link.onData(bytes => void setTimeout(() => listener(bytes), milliseconds)),
    onClose: listener => link.onClose(listener),
    close: () => link.close(),
  }
}
