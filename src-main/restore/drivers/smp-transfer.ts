import type { Clock } from '../../base/clock'
import type { ByteLink } from '../../link/byte-link'
import { SmpResult } from '../../wire/smp/constants'
import { uploadImage, type UploadAnswer, type UploadPiece } from '../../wire/smp/messages'
import type { RestoreImage } from './driver'
import type { SmpClient, SmpReply } from './smp-client'
import {
  next,
  uploadOf,
  type Piece,
  type UploadEffect,
  type UploadEnd,
  type UploadInput,
  type UploadLimits,
  type UploadState,
} from './smp-upload'

export interface SmpTransferOptions {
  readonly client: SmpClient
  readonly clock: Clock
  readonly link: ByteLink
  readonly image: RestoreImage
  readonly limits: UploadLimits
  /** The first byte that the device does not hold yet. */
  readonly from: number
  onProgress(doneBytes: number): void
}

/** Header and CBOR around the data of a piece, generously. */
const PIECE_OVERHEAD_BYTES = 96
const BITS_PER_BYTE = 10

/** Results that a device gives in passing troubles. */
const PASSING: ReadonlySet<number> = new Set([
  SmpResult.noMemory,
  SmpResult.timeout,
  SmpResult.corrupt,
  SmpResult.busy,
])

/** Runs the upload machine: sends what it asks for and feeds it answers and silence. */
export class SmpTransfer {
  readonly #options: SmpTransferOptions
  readonly #forget = new Map<number, () => void>()
  #state: UploadState
  #heldBytes: number | null = null
  #stopTimer = () => {}
  #onEnd: (end: UploadEnd) => void = () => {}

  constructor(options: SmpTransferOptions) {
    this.#options = options
    this.#state = uploadOf(options.limits, options.from)
  }

  get retries(): number {
    return this.#state.retries
  }

  get touched(): boolean {
    return this.#state.touched
  }

  get doneBytes(): number {
    return this.#state.wanted
  }

  /** What the device held already when the image was announced to it; null for nothing. */
  get heldBytes(): number | null {
    return this.#heldBytes
  }

  /** Resolves with how the transfer ended. Rejects with `LINK_LOST` and `CANCELLED`. */
  async run(): Promise<UploadEnd> {
    const end = new Promise<UploadEnd>(done => {
      this.#onEnd = done
    })
    this.#input({ kind: 'started' })
    return Promise.race([end, this.#options.client.broken]).finally(() => {
      this.#stopTimer()
      for (const forget of this.#forget.values()) forget()
    })
  }

  #input(input: UploadInput): void {
    const before = this.#state.wanted
    this.#noteHeld(input)
    const { state, effects } = next(this.#state, input)
    this.#state = state
    this.#forgetAllBut(state.inFlight)
    if (state.wanted !== before) this.#options.onProgress(state.wanted)
    for (const effect of effects) this.#run(effect)
    if (state.end) this.#onEnd(state.end)
  }

  /** Some devices go on by themselves where they have been given the same digest before. */
  #noteHeld(input: UploadInput): void {
    if (input.kind !== 'answered') return
    const piece = this.#state.inFlight.find(({ id }) => id === input.id)
    if (piece?.offset === 0) this.#heldBytes = input.offset > piece.bytes ? input.offset : null
  }

  #run(effect: UploadEffect): void {
    if (effect.kind === 'send') {
      const { id } = effect.piece
      const command = uploadImage(uploadPieceOf(this.#options.image, effect.piece))
      const forget = this.#options.client.post(command, reply => this.#input(inputOf(id, reply)))
      this.#forget.set(id, forget)
    } else {
      this.#stopTimer()
      const milliseconds = effect.milliseconds + this.#lineMilliseconds()
      this.#stopTimer = this.#options.clock.after(milliseconds, () => {
        this.#options.client.giveUpBegun()
        this.#input({ kind: 'silence' })
      })
    }
  }

  /** How long the line itself needs for everything under way. */
  #lineMilliseconds(): number {
    const { link, client } = this.#options
    const { baud } = link
    if (baud === null) return 0
    const bytes = this.#state.inFlight
      .map(piece => client.encoding.wireBytes(piece.bytes + PIECE_OVERHEAD_BYTES))
      .reduce((total, each) => total + each, 0)
    return Math.ceil((bytes * BITS_PER_BYTE * 1000) / baud)
  }

  #forgetAllBut(kept: readonly Piece[]): void {
    for (const [id, forget] of this.#forget) {
      if (kept.some(piece => piece.id === id)) continue
      forget()
      this.#forget.delete(id)
    }
  }
}

/** A piece of an image as it is sent; the first one announces the whole. */
export function uploadPieceOf(image: RestoreImage, { offset, bytes }: Piece): UploadPiece {
  const data = image.bytes.subarray(offset, offset + bytes)
  if (offset > 0) return { offset, data }
  return { offset, data, first: { totalBytes: image.bytes.length, sha256: image.sha256 } }
}

function inputOf(id: number, reply: SmpReply<UploadAnswer>): UploadInput {
  switch (reply.kind) {
    case 'answered':
      return { kind: 'answered', id, offset: reply.answer.offset, match: reply.answer.match }
    case 'refused': {
      const { group, rc, message: reason } = reply.failure
      return { kind: 'refused', id, rc, reason, passing: group === undefined && PASSING.has(rc) }
    }
    case 'senseless':
      return { kind: 'senseless', id, reason: reply.reason }
  }
}
