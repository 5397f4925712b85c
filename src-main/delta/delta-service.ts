import { Worker } from 'node:worker_threads'
import { CodedError } from '../base/coded-error'
import { applyDelta, oldImageOf } from '../wire/delta/apply'
import { readHeader } from '../wire/delta/header'
import { RAM_BYTES_DEFAULT } from './decoder-budget'
import type { DeltaAnswer, DeltaOrder } from './delta-messages'
import { findDeltaWorker } from './find-delta-worker'
import type { MadeDelta, MakeOrder, OnStep } from './make-delta'
import { NativeGate } from './native-gate'
import { nodeSha256 } from './node-sha256'

const SECTOR_BYTES_DEFAULT = 4096

export interface MakeRequest {
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  /** RAM that the handset can give the decoder; 64 KiB where it is not said. */
  readonly ramBytes?: number | undefined
  /** What the handset's flash erases at once; 4096 where it is not said. */
  readonly sectorBytes?: number | undefined
  /** Flash it keeps free for old bytes that are needed later; eight sectors where it is not said. */
  readonly stashBytes?: number | undefined
  /** Whether it has a single executable region, which is rewritten in place. */
  readonly inPlace?: boolean | undefined
  /** Ends the work, at the latest when the stream in work is packed; `make` rejects with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  readonly onStep?: OnStep | undefined
}

export interface DeltaResult extends MadeDelta {
  readonly format: 'plain' | 'in-place'
  /** RAM that decoding this file takes, beside the file. */
  readonly ramBytes: number
}

/** Makes differential files in a worker of their own each, and applies them. */
export class DeltaService {
  /** Rejects with `OPTION_UNFIT`, `IMAGE_TOO_LARGE`, `CANCELLED` or `DELTA_WORKER_DIED`. */
  async make(request: MakeRequest): Promise<DeltaResult> {
    const { old, fresh, ramBytes = RAM_BYTES_DEFAULT, signal } = request
    const { sectorBytes = SECTOR_BYTES_DEFAULT, stashBytes, inPlace = false } = request
    if (signal?.aborted) throw cancelled()
    const order = { old, fresh, ramBytes, sectorBytes, stashBytes, inPlace }
    const work = inWorker(order, request.onStep)
    const cancel = () => work.reject(cancelled())
    signal?.addEventListener('abort', cancel)
    try {
      const made = await work.promise
      const format = inPlace ? 'in-place' : 'plain'
      return { ...made, format, ramBytes: readHeader(made.file).header.ramBytes }
    } finally {
      signal?.removeEventListener('abort', cancel)
      await work.end()
    }
  }

  /**
   * The new image, whole and proved by its digest. Throws `DELTA_WRONG_OLD`, `DELTA_DAMAGED` or
   * `DELTA_UNSUPPORTED`.
   */
  apply(old: Uint8Array, file: Uint8Array): Uint8Array {
    return applyDelta(oldImageOf(old), file, nodeSha256)
  }
}

interface Work {
  readonly promise: Promise<MadeDelta>
  reject(error: CodedError): void
  /** Ends the thread as soon as it is outside liblzma. */
  end(): Promise<void>
}

function inWorker(order: MakeOrder, onStep: OnStep | undefined): Work {
  const { file, execArgv } = findDeltaWorker(import.meta.dirname)
  const gateMemory = NativeGate.memory()
  const workerData: DeltaOrder = { ...order, gateMemory }
  const worker = new Worker(file, { workerData, execArgv: [...execArgv], name: 'delta-worker' })
  const { promise, resolve, reject } = Promise.withResolvers<MadeDelta>()
  const exited = Promise.withResolvers<void>()
  worker.on('message', (answer: DeltaAnswer) => {
    if (answer.kind === 'step') onStep?.(answer.step, answer.share)
    else if (answer.kind === 'made') resolve(answer.made)
    else reject(new CodedError(answer.code, answer.message, answer.data))
  })
  worker.on('error', error => reject(died(error)))
  worker.on('exit', code => {
    reject(died(new Error(`It ended with code ${code}.`)))
    exited.resolve()
  })
  const end = async () => {
    // Who died inside leaves the gate as it is.
    await Promise.race([new NativeGate(gateMemory).shut(), exited.promise])
    await worker.terminate()
  }
  return { promise, reject, end }
}

function cancelled(): CodedError {
  return new CodedError('CANCELLED', 'Cancelled.')
}

function died(cause: unknown): CodedError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `The worker that makes the differential file died: ${reason} Try again.`
  return new CodedError('DELTA_WORKER_DIED', message, {}, { cause })
}
