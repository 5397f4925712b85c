import { createHash } from 'node:crypto'
import { concatBytes } from '../../src-main/base/bytes'
import { seededRandom } from '../../src-main/base/random'
import type {
  Encoding,
  RestoreOptions,
  RestorePlan,
  RestoreView,
} from '../../src-main/contract/restore'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import { brickChip, makeChip } from '../../src-main/handset/chip'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { Handset } from '../../src-main/handset/handset'
import { regionOf } from '../../src-main/handset/model/model'
import { modelNamed } from '../../src-main/handset/service/models'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import type { LinkOpener } from '../../src-main/link/byte-link'
import { memoryPair } from '../../src-main/link/memory-link'
import { Audit } from '../../src-main/observe/audit'
import { EventBus } from '../../src-main/observe/events'
import { Trace } from '../../src-main/observe/trace'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { RestoreService } from '../../src-main/restore/restore-service'
import { openStorage } from '../../src-main/storage/open-storage'
import type { FirmwareImage } from '../../src-main/wire/image/firmware-image'

const LINK = 'virtual:T-0001'

/** A restore service on virtual time, with one image in its library and links of the test's. */
export async function openWorkshop(openLink: LinkOpener, image: FirmwareImage) {
  const clock = new VirtualClock()
  const storage = await openStorage({ clock })
  const events = new EventBus()
  const published: WorkbenchEvent[] = []
  events.subscribe(event => published.push(event))
  const trace = new Trace({ clock, events })
  const audit = new Audit({ db: storage.db, clock })
  const parts = {
    openLink,
    listPorts: () => Promise.resolve([]),
    images: libraryOf(image),
    clock,
    trace,
    audit,
    events,
    db: storage.db,
    raise: storage.raise,
  }
  const service = new RestoreService(parts)
  const options: RestoreOptions = {
    protocol: 'auto',
    offset: 0,
    verify: true,
    encoding: 'auto',
    resume: false,
    force: false,
  }

  /** Runs a restore to its end in virtual time and shows its views on the way. */
  const restore = (
    changed: Partial<RestoreOptions> = {},
    onView: (view: RestoreView) => void = () => {},
  ): Promise<RestoreView> =>
    clock.runUntil(
      (async () => {
        const input = { link: LINK, digest: DIGEST, options: { ...options, ...changed } }
        const { id } = await service.start(input)
        return endOf(service, id, onView)
      })(),
    )

  const plan = (changed: Partial<RestoreOptions> = {}): Promise<RestorePlan> => {
    const input = { link: LINK, digest: DIGEST, options: { ...options, ...changed } }
    return clock.runUntil(service.plan(input))
  }

  const close = async () => {
    await clock.runUntil(service.close())
    await storage.close()
  }
  return { service, parts, clock, trace, audit, published, options, restore, plan, close }
}

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>

/** The name of the only image in the library of a workshop. */
export const DIGEST = 'd'.repeat(64)
export { LINK }

export async function endOf(
  service: RestoreService,
  id: number,
  onView: (view: RestoreView) => void = () => {},
): Promise<RestoreView> {
  let last: RestoreView | undefined
  for await (const view of service.watch({ id })) {
    last = view
    onView(view)
  }
  if (last?.stage !== 'ended') throw new Error(`watch ended at stage ${last?.stage}`)
  return last
}

export function binOf(bytes: Uint8Array): FirmwareImage {
  return { format: 'bin', segments: [{ address: 0, data: bytes }], entry: null, warnings: [] }
}

/** Bytes that look like nothing and are the same every time. */
export function noise(length: number, seed = 1): Uint8Array {
  return seededRandom(seed).bytes(length)
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

/** For MCUboot: 32 bytes of header, 100 of body, then a trailer with this hash, and a signature. */
export function headed(
  hash: (hashed: Uint8Array) => Uint8Array = sha256,
  signature: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const header = new Uint8Array(32)
  const view = new DataView(header.buffer)
  view.setUint32(0, 0x96f3b83d, true)
  view.setUint16(8, 32, true)
  view.setUint32(12, 100, true)
  const hashed = concatBytes([header, noise(100)])
  const trailer = Uint8Array.of(0x07, 0x69, 40, 0, 0x10, 0, 32, 0)
  return concatBytes([hashed, trailer, hash(hashed), signature])
}

/** A bricked virtual handset whose cable the opener puts in. */
export function brickedHandset(clock: VirtualClock, smpEncoding: Encoding = 'console') {
  const order = { model: modelNamed('k1'), name: 'T-0001', seed: 1, sha256: nodeSha256 }
  const contents = makeChip(order)
  brickChip(contents, order)
  const { model } = order
  const flash = new NorFlash({
    geometry: model.flash,
    timing: model.flash.timing,
    contents,
    random: seededRandom(7),
  })
  const handset = new Handset({ ...order, link: LINK, flash, clock, smpEncoding })
  const region = regionOf(model, 'executable')
  return {
    handset,
    flash,
    executable: () => flash.peek(region.address, region.bytes),
    open: () => {
      const [ours, theirs] = memoryPair({ names: [LINK, 'handset'] })
      handset.attach(theirs)
      return Promise.resolve(ours)
    },
  }
}

function libraryOf(image: FirmwareImage) {
  const info = {
    name: 'firmware.bin',
    format: image.format,
    bytes: 0,
    segments: [],
    sha256: DIGEST,
    fileBytes: 0,
    fileSha256: DIGEST,
    entry: null,
    warnings: [],
  }
  const stored = { digest: DIGEST, name: 'firmware.bin', fileBytes: 0, addedAt: 0, info }
  return { read: () => Promise.resolve({ stored, image }) }
}
