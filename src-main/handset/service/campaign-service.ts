import { Worker } from 'node:worker_threads'
import { CodedError } from '../../base/coded-error'
import type { CutPicture, CutReport } from '../../contract/delta'
import { readHeader } from '../../wire/delta/header'
import { DESCRIPTOR_BYTES, DESCRIPTOR_OFFSET, decodeDescriptor } from '../../wire/image/descriptor'
import { type CampaignOrder, type CutTally, NO_TRIALS } from '../campaign/campaign'
import type { HandsetModel } from '../model/model'
import type { CampaignAnswer, CampaignWork } from './campaign-messages'
import { findWorker } from './find-worker'
import { modelNamed, modelNames } from './models'

export interface CampaignProgress {
  /** Points that were tried. */
  readonly done: number
  readonly total: number
  /** Points a second, since the first one; 0 while unknown. */
  readonly rate: number
  readonly secondsLeft: number | null
}

export interface CampaignRequest extends Omit<CampaignOrder, 'model'> {
  /** Ends the work at once; the promise rejects with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CampaignProgress) => void) | undefined
}

interface PictureRequest extends Pick<CampaignRequest, 'old' | 'file' | 'signal'> {
  /** As a report names it: `flash:torn-erase@117,seed=5`. */
  readonly point: string
}

const WORKERS = 2
/** Lends its CPU, pages and timing to images of other people where no model has their sectors. */
const MODEL_OF_OTHERS = 'k1'

/** Runs campaigns of power cuts in workers (decision 0003). */
export class CampaignService {
  /**
   * Cuts the power at every point of an in-place rewrite, or at a seeded sample. Rejects with
   * `DELTA_WRONG_OLD`, `DELTA_DAMAGED`, `DELTA_UNSUPPORTED`, `OPTION_UNFIT`, `CANCELLED` or
   * `DELTA_WORKER_DIED`.
   */
  async run(request: CampaignRequest): Promise<CutReport> {
    const startedAt = performance.now()
    const share = Array.from({ length: WORKERS }, () => NO_TRIALS)
    const follow = progressOf(request.onProgress)
    let total = 0
    let operations = 0
    await inWorkers(request, share.length, worker => ({
      order: { kind: 'cuts', first: worker, stride: share.length },
      take(answer) {
        if (answer.kind === 'ready') ({ points: total, operations } = answer)
        if (answer.kind !== 'tried') return false
        share[worker] = answer.tally
        follow(pointsOf(sum(share)), total)
        return answer.isOver
      },
    }))
    const { failure, ...counts } = sum(share)
    return {
      points: pointsOf(counts),
      ...counts,
      seed: request.seed,
      firstFailure: failure?.point ?? null,
      operations,
      seconds: (performance.now() - startedAt) / 1000,
    }
  }

  /** What one cut leaves. Rejects as `run` does, and with `BAD_FAULT`. */
  async picture(request: PictureRequest): Promise<CutPicture> {
    const { point } = request
    const pictures: CutPicture[] = []
    await inWorkers({ ...request, seed: 0, points: 1 }, 1, () => ({
      order: { kind: 'picture', point },
      take(answer) {
        if (answer.kind === 'picture') pictures.push(answer.picture)
        return answer.kind === 'picture'
      },
    }))
    const [picture] = pictures
    if (!picture) throw died(new Error('It gave no answer.'))
    return picture
  }
}

interface Employment {
  readonly order:
    | Pick<Extract<CampaignWork, { kind: 'cuts' }>, 'kind' | 'first' | 'stride'>
    | Pick<Extract<CampaignWork, { kind: 'picture' }>, 'kind' | 'point'>
  /** Whether that was the last answer. */
  take(answer: CampaignAnswer): boolean
}

/** The first worker that fails ends all of them. */
async function inWorkers(
  { signal, old, file: deltaFile, seed, points, kinds }: CampaignRequest,
  count: number,
  employ: (worker: number) => Employment,
): Promise<void> {
  if (signal?.aborted) throw cancelled()
  const { file, execArgv } = findWorker('campaign-worker', import.meta.dirname)
  const order = { old, file: deltaFile, seed, points, kinds, model: modelOf(old, deltaFile) }
  const { promise: interrupted, reject: interrupt } = Promise.withResolvers<never>()
  const cancel = () => interrupt(cancelled())
  signal?.addEventListener('abort', cancel)
  const workers: Worker[] = []
  const works = Array.from({ length: count }, (_each, index) => {
    const employment = employ(index)
    const workerData: CampaignWork = { ...order, ...employment.order }
    const options = { workerData, execArgv: [...execArgv], name: `campaign-worker ${index}` }
    const worker = new Worker(file, options)
    workers.push(worker)
    return outcomeOf(worker, employment)
  })
  try {
    await Promise.race([Promise.all(works), interrupted])
  } finally {
    signal?.removeEventListener('abort', cancel)
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}

function outcomeOf(worker: Worker, employment: Employment): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  worker.on('message', (answer: CampaignAnswer) => {
    if (answer.kind === 'failed') reject(new CodedError(answer.code, answer.message, answer.data))
    else if (employment.take(answer)) resolve()
  })
  worker.on('error', error => reject(died(error)))
  worker.on('exit', code => reject(died(new Error(`It ended with code ${code}.`))))
  return promise
}

/** The model that an image was made for, where it is one of ours; else one with such sectors. */
function modelOf(image: Uint8Array, file: Uint8Array): HandsetModel {
  const bytes = image.subarray(DESCRIPTOR_OFFSET, DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES)
  const named = decodeDescriptor(bytes)?.model
  if (named !== undefined && modelNames().includes(named)) return modelNamed(named)
  const { rewrite } = readHeader(file).header
  const models = modelNames().map(modelNamed)
  const hasSectors = ({ flash }: HandsetModel) => flash.sectorBytes === rewrite?.sectorBytes
  return models.find(hasSectors) ?? modelNamed(MODEL_OF_OTHERS)
}

function progressOf(onProgress: CampaignRequest['onProgress']) {
  let first: { readonly at: number; readonly done: number } | undefined
  return (done: number, total: number): void => {
    const now = performance.now()
    first ??= { at: now, done }
    const seconds = (now - first.at) / 1000
    const rate = seconds > 0 ? (done - first.done) / seconds : 0
    const secondsLeft = rate > 0 ? (total - done) / rate : null
    onProgress?.({ done, total, rate, secondsLeft })
  }
}

function sum(tallies: readonly CutTally[]): CutTally {
  return tallies.reduce((total, tally) => ({
    completed: total.completed + tally.completed,
    old: total.old + tally.old,
    needsFile: total.needsFile + tally.needsFile,
    resumed: total.resumed + tally.resumed,
    restorable: total.restorable + tally.restorable,
    silent: total.silent + tally.silent,
    stuck: total.stuck + tally.stuck,
    failure: earlier(total.failure, tally.failure),
  }))
}

function earlier(a: CutTally['failure'], b: CutTally['failure']): CutTally['failure'] {
  if (a === null || b === null) return a ?? b
  return a.index < b.index ? a : b
}

function pointsOf(counts: Omit<CutTally, 'resumed' | 'failure'>): number {
  const { completed, old, needsFile, restorable, silent, stuck } = counts
  return completed + old + needsFile + restorable + silent + stuck
}

function cancelled(): CodedError {
  return new CodedError('CANCELLED', 'Cancelled.')
}

function died(cause: unknown): CodedError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `A worker that cuts the power died: ${reason} Try again.`
  return new CodedError('DELTA_WORKER_DIED', message, {}, { cause })
}
