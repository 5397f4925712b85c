import { Worker } from 'node:worker_threads'
import { CodedError } from '../base/coded-error'
import { applyDelta, oldImageOf } from '../wire/delta/apply'
import { readHeader } from '../wire/delta/header'
import { RAM_BYTES_DEFAULT } from './decoder-budget'
import type { DeltaAnswer, DeltaOrder } from './delta-messages'
import { findDeltaWorker } from './find-delta-worker'
import type { MadeDelta, OnStep } from './make-delta'
import { nodeSha256 } from './node-sha256'

export interface MakeRequest {
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  /** RAM that the handset can give the decoder; 64 KiB where it is not said. */
  readonly ramBytes?: number | undefined
  /** Ends the work at once; `make` rejects with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  readonly onStep?: OnStep | undefined
}

export interface DeltaResult extends MadeDelta {
  /** RAM that decoding this file takes, beside the file. */
  readonly ramBytes: number
}

/** Makes differential files in a worker of their own each, and applies them. */
export class DeltaService {
  /** Rejects with `OPTION_UNFIT`, `IMAGE_TOO_LARGE`, `CANCELLED` or `DELTA_WORKER_DIED`. */
  async make(request: MakeRequest): Promise<DeltaResult> {
    const { old, fresh, ramBytes = RAM_BYTES_DEFAULT, signal } = request
    if (signal?.aborted) throw cancelled()
    const { file, execArgv } = findDeltaWorker(import.meta.dirname)
    const workerData: DeltaOrder = { old, fresh, ramBytes }
    const worker = new Worker(file, { workerData, execArgv: [...execArgv], name: 'delta-worker' })
    const { promise, resolve, reject } = Promise.withResolvers<MadeDelta>()
    const cancel = () => reject(cancelled())
    signal?.addEventListener('abort', cancel)
    worker.on('message', (answer: DeltaAnswer) => {
      if (answer.kind === 'step') request.onStep?.(answer.step, answer.share)
      else if (answer.kind === 'made') resolve(answer.made)
      else reject(new CodedError(answer.code, answer.message, answer.data))
    })
    worker.on('error', error => reject(died(error)))
    worker.on('exit', code => reject(died(new Error(`It ended with code ${code}.`))))
    try {
      const made = await promise
      return { ...made, ramBytes: readHeader(made.file).header.ramBytes }
    } finally {
      signal?.removeEventListener('abort', cancel)
      await worker.terminate()
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

function cancelled(): CodedError {
  return new CodedError('CANCELLED', 'Cancelled.')
}

function died(cause: unknown): CodedError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `The worker that makes the differential file died: ${reason} Try again.`
  return new CodedError('DELTA_WORKER_DIED', message, {}, { cause })
}
