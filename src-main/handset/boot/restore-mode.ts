import type { HandsetState } from '../../contract/handsets'
import { ImageCommand, OsCommand, SmpGroup, SmpOp, SmpResult } from '../../wire/smp/constants'
import { answerTo } from '../../wire/smp/messages'
import type { SmpPacket, SmpPayload } from '../../wire/smp/packet'
import { SHA256_BYTES } from '../digest'
import type { HandsetModel } from '../model/model'
import { modelMadeFor } from '../../wire/image/descriptor'
import type { Journal } from './journal'
import { readSoftware, type SoftwarePlace } from './software'
import { Upload } from './upload'

export type RestoreState = Exclude<HandsetState, 'off'>

export interface RestoreModeParts extends SoftwarePlace {
  readonly journal: Journal
  readonly terminalId: string
  /** Told in order; the last one stays. */
  readonly onState: (state: RestoreState) => void
}

export interface Reply {
  /** Undefined: silence. */
  readonly answer: SmpPacket | undefined
  /** What to do once the answer is on the line. */
  readonly afterwards: 'stay' | 'reset' | 'reset-to-restore-mode'
}

type Handler = (payload: SmpPayload) => SmpPayload

const BOOTLOADER = 'Kintsugi'

/**
 * The SMP server of restore mode (spec 2.0.3). It reaches the executable region and the journal
 * through their windows and nothing else of the flash, and keeps one page in RAM.
 */
export class RestoreMode {
  readonly #parts: RestoreModeParts
  readonly #upload: Upload
  readonly #handlers: ReadonlyMap<string, Handler>
  #afterwards: Reply['afterwards'] = 'stay'

  constructor(parts: RestoreModeParts) {
    this.#parts = parts
    this.#upload = new Upload({ ...parts, onVerify: () => parts.onState('restore-verifying') })
    const { read, write } = SmpOp
    this.#handlers = new Map<string, Handler>([
      [key(write, SmpGroup.os, OsCommand.echo), echo],
      [key(write, SmpGroup.os, OsCommand.reset), payload => this.#reset(payload)],
      [key(read, SmpGroup.os, OsCommand.parameters), () => this.#parameters()],
      [key(read, SmpGroup.os, OsCommand.info), payload => this.#info(payload)],
      [key(read, SmpGroup.os, OsCommand.bootloaderInfo), bootloaderInfo],
      [key(read, SmpGroup.image, ImageCommand.state), () => this.#imageState()],
      [key(read, SmpGroup.image, ImageCommand.slotInfo), () => this.#slotInfo()],
      [key(write, SmpGroup.image, ImageCommand.upload), payload => this.#takeUpload(payload)],
    ])
  }

  /** Of the image that is being received; null before the first one. */
  get progress(): { readonly doneBytes: number; readonly bytes: number } | null {
    const { image, offset } = this.#upload
    return image ? { doneBytes: offset, bytes: image.length } : null
  }

  /** Answers one request. Answers of others, an echo of our own included, are met with silence. */
  handle(request: SmpPacket): Reply {
    if (request.op !== SmpOp.read && request.op !== SmpOp.write) return silence
    this.#afterwards = 'stay'
    const handler = this.#handlers.get(key(request.op, request.group, request.command))
    const payload = handler?.(request.payload) ?? failure(SmpResult.notSupported)
    return { answer: answerTo(request, payload), afterwards: this.#afterwards }
  }

  #reset(payload: SmpPayload): SmpPayload {
    const mode = payload['boot_mode'] ?? 0
    if (mode !== 0 && mode !== 1) return failure(SmpResult.badValue)
    this.#afterwards = mode === 1 ? 'reset-to-restore-mode' : 'reset'
    return { rc: SmpResult.ok }
  }

  #parameters(): SmpPayload {
    const { bufferBytes, bufferCount } = this.#parts.model.restore.smp
    return { buf_size: bufferBytes, buf_count: bufferCount }
  }

  /** One line, whichever parts `format` asks for: `Kintsugi MODEL restore-mode TERMINAL-ID`. */
  #info(payload: SmpPayload): SmpPayload {
    const format = payload['format'] ?? 's'
    if (typeof format !== 'string') return failure(SmpResult.badValue)
    const { model, terminalId } = this.#parts
    return { output: `Kintsugi ${model.name} restore-mode ${terminalId}` }
  }

  #imageState(): SmpPayload {
    const entry = this.#parts.journal.newest()
    if (entry?.kind !== 'done') return { images: [] }
    const { version, hash, flaw } = readSoftware(this.#parts, entry)
    return { images: [{ image: 0, slot: 0, version, hash, bootable: flaw === undefined }] }
  }

  #slotInfo(): SmpPayload {
    const { bytes: size } = this.#parts.region.geometry
    return { images: [{ image: 0, slots: [{ slot: 0, size }], max_image_size: size }] }
  }

  #takeUpload(payload: SmpPayload): SmpPayload {
    const { off, data } = payload
    const isWhole = isCount(off) && data instanceof Uint8Array && (payload['image'] ?? 0) === 0
    if (!isWhole) return failure(SmpResult.badValue)
    if (off !== 0 && off !== this.#upload.offset) return this.#progress()
    if (off === 0) {
      const image = this.#announcement(payload)
      if (!image) return failure(SmpResult.badValue)
      if (data.length > image.length) return failure(SmpResult.badValue)
      const misfit = otherModel(data, this.#parts.model)
      if (misfit) return misfit
      this.#parts.onState('restore-writing')
      if (this.#upload.begin(image) === 'flash-failed') return this.#flashFailed()
    }
    return this.#takePiece(data)
  }

  #announcement(payload: SmpPayload) {
    const { len, sha } = payload
    const limit = this.#parts.region.geometry.bytes
    if (!isCount(len) || len === 0 || len > limit) return undefined
    if (sha === undefined) return { length: len, sha256: undefined }
    if (!(sha instanceof Uint8Array) || sha.length !== SHA256_BYTES) return undefined
    return { length: len, sha256: sha }
  }

  #takePiece(data: Uint8Array): SmpPayload {
    const left = (this.#upload.image?.length ?? 0) - this.#upload.offset
    if (left === 0) return this.#progress()
    if (data.length > left) return failure(SmpResult.badValue)
    this.#parts.onState('restore-writing')
    const outcome = this.#upload.take(data)
    if (outcome === 'verified') this.#parts.onState('restore-linked')
    if (outcome === 'mismatch') this.#parts.onState('restore-wait')
    return outcome === 'flash-failed' ? this.#flashFailed() : this.#progress()
  }

  /** The sender may begin anew: an error of the flash need not come twice. */
  #flashFailed(): SmpPayload {
    this.#parts.onState('restore-wait')
    return failure(SmpResult.unknown)
  }

  #progress(): SmpPayload {
    const { offset: off, outcome, image } = this.#upload
    const hasEnded = outcome === 'verified' || outcome === 'mismatch'
    const match = hasEnded && image?.sha256 ? { match: outcome === 'verified' } : {}
    return { rc: SmpResult.ok, off, ...match }
  }
}

const silence: Reply = { answer: undefined, afterwards: 'stay' }

function echo(payload: SmpPayload): SmpPayload {
  const text = payload['d']
  return typeof text === 'string' ? { r: text } : failure(SmpResult.badValue)
}

function bootloaderInfo(payload: SmpPayload): SmpPayload {
  const isKnown = (payload['query'] ?? '') === ''
  return isKnown ? { bootloader: BOOTLOADER } : failure(SmpResult.notSupported)
}

/** Refuses an image that says of itself that it is for another model, before anything is erased. */
function otherModel(firstBytes: Uint8Array, { name }: HandsetModel): SmpPayload | undefined {
  const madeFor = modelMadeFor(firstBytes, name)
  if (madeFor === undefined) return undefined
  return { ...failure(SmpResult.badValue), rsn: `it was made for ${madeFor}, this is a ${name}` }
}

function failure(rc: number): SmpPayload {
  return { rc }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function key(op: number, group: number, command: number): string {
  return `${op}/${group}/${command}`
}
