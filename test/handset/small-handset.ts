import { toHex } from '../../src-main/base/bytes'
import { FaultPlan, type Fault } from '../../src-main/base/fault-plan'
import { seededRandom } from '../../src-main/base/random'
import { decideBoot, type BootCause, type BootDecision } from '../../src-main/handset/boot/boot'
import { Journal } from '../../src-main/handset/boot/journal'
import { RestoreMode, type RestoreState } from '../../src-main/handset/boot/restore-mode'
import { servePacket } from '../../src-main/handset/boot/serve-packet'
import { makeChip } from '../../src-main/handset/chip'
import type { FlashPort } from '../../src-main/handset/flash/flash-port'
import { flashWindow } from '../../src-main/handset/flash/flash-window'
import { NorFlash } from '../../src-main/handset/flash/nor-flash'
import { regionOf } from '../../src-main/handset/model/model'
import { readModel } from '../../src-main/handset/model/read-model'
import { nodeSha256 } from '../../src-main/handset/service/node-sha256'
import { ImageCommand, SmpGroup, SmpOp } from '../../src-main/wire/smp/constants'
import { decodePacket, encodePacket, type SmpPayload } from '../../src-main/wire/smp/packet'

/** A k1 in small: 16 sectors of 4 KiB, so that a sweep over every operation takes seconds. */
export const smallModel = readModel({
  name: 'small',
  flash: {
    bytes: '0x10000',
    sectorBytes: 4096,
    pageBytes: 256,
    timing: { profile: 'W25Q16', eraseMilliseconds: 45, programMilliseconds: 0.7 },
  },
  ram: { address: '0x20000000', bytes: '0x4000', tasks: [] },
  execution: { windowAddress: '0x10000000', vectorOffset: '0x100' },
  regions: [
    { name: 'protected', address: '0x0000', bytes: '0x1000' },
    { name: 'executable', address: '0x1000', bytes: '0x6000' },
    { name: 'journal', address: '0x7000', bytes: '0x3000' },
    { name: 'stash', address: '0xa000', bytes: '0x1000' },
    { name: 'backup', address: '0xb000', bytes: '0x3000' },
    { name: 'identity', address: '0xe000', bytes: '0x1000' },
    { name: 'application-storage', address: '0xf000', bytes: '0x1000' },
  ],
  restore: { protocols: ['smp'], smp: { bufferBytes: 1024, bufferCount: 2 } },
})

export const executable = regionOf(smallModel, 'executable')

export function smallChip(name = 'bench', seed = 7): Uint8Array {
  return makeChip({ model: smallModel, name, seed, sha256: nodeSha256 })
}

export function smallFlash(
  options: { contents?: Uint8Array; faults?: readonly Fault[]; seed?: number } = {},
): NorFlash {
  return new NorFlash({
    geometry: smallModel.flash,
    timing: smallModel.flash.timing,
    contents: options.contents ?? smallChip(),
    faults: new FaultPlan(options.faults),
    random: seededRandom(options.seed ?? 1),
  })
}

/** Bytes that the CPU of the model could begin with: a stack in RAM, a reset handler in flash. */
export function plausibleImage(bytes: number, seed: number): Uint8Array {
  const image = seededRandom(seed).bytes(bytes)
  image.set([0x00, 0x40, 0x00, 0x20, 0x09, 0x11, 0x00, 0x10], 0x100)
  return image
}

export interface Bench {
  readonly journal: Journal
  readonly states: RestoreState[]
  readonly restoreMode: RestoreMode
  boot(cause?: Partial<BootCause>): BootDecision
  /** Sends the bytes of one packet; undefined is silence. */
  send(packet: Uint8Array): Uint8Array | undefined
  /** Sends one piece of an upload and gives the payload of the answer. */
  upload(fields: SmpPayload): SmpPayload
}

/** Parts of the boot code, so that a test can plant a defect in their place. */
export interface BootCode {
  readonly decideBoot: typeof decideBoot
  journalOn(flash: FlashPort): Journal
}

export const soundCode: BootCode = { decideBoot, journalOn: flash => new Journal(flash) }

/** The boot and restore code of the small model over a flash that is switched on. */
export function benchOf(flash: NorFlash, code: BootCode = soundCode): Bench {
  const region = flashWindow(flash, executable)
  const journal = code.journalOn(flashWindow(flash, regionOf(smallModel, 'journal')))
  const place = { model: smallModel, region, sha256: nodeSha256 }
  const states: RestoreState[] = []
  const restoreMode = new RestoreMode({
    ...place,
    journal,
    terminalId: 'SMALL-0123456789AB',
    onState: state => void (states.at(-1) === state || states.push(state)),
  })
  const send = (packet: Uint8Array) => {
    const { answer } = servePacket(restoreMode, packet)
    return answer && encodePacket(answer)
  }
  return {
    journal,
    states,
    restoreMode,
    send,
    boot: (cause = {}) => code.decideBoot(place, journal, { by: 'power', ...cause }),
    upload(payload) {
      const answer = send(uploadPacket(payload))
      if (!answer) throw new Error('An upload was met with silence')
      return decodePacket(answer).payload
    },
  }
}

export function uploadPacket(payload: SmpPayload, sequence = 0): Uint8Array {
  const command = ImageCommand.upload
  return encodePacket({
    op: SmpOp.write,
    version: 0,
    group: SmpGroup.image,
    sequence,
    command,
    payload,
  })
}

/** Uploads a whole image, following the offsets that come back. Gives the last answer. */
export function uploadAll(bench: Bench, image: Uint8Array, pieceBytes = 500): SmpPayload {
  const first = { off: 0, len: image.length, sha: nodeSha256([image]) }
  let answer = bench.upload({ ...first, data: image.subarray(0, pieceBytes) })
  while (Number(answer['off']) < image.length) {
    const off = Number(answer['off'])
    answer = bench.upload({ off, data: image.subarray(off, off + pieceBytes) })
  }
  return answer
}

/** Digest of each region outside the executable one and the journal, read from the flash. */
export function untouchedDigests(flash: NorFlash): Record<string, string> {
  const regions = smallModel.regions.filter(
    ({ name }) => name !== 'executable' && name !== 'journal',
  )
  return Object.fromEntries(
    regions.map(({ name, address, bytes }) => {
      return [name, toHex(nodeSha256([flash.read(address, bytes)]))]
    }),
  )
}
