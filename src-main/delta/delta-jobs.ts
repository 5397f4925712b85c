import type { Clock } from '../base/clock'
import { CodedError } from '../base/coded-error'
import type { CutPicture, CutReport, DeltaJob } from '../contract/delta'
import type { EventSink } from '../observe/events'
import { flatten, type FirmwareImage } from '../wire/image/firmware-image'
import { DeltaJobRun } from './delta-job-run'
import type { DeltaService } from './delta-service'
import { makeStep, cutStep } from './job-steps'

/** Two images of the library and what the handset gives to a rewrite. */
interface PairOrder {
  readonly old: string
  readonly fresh: string
  readonly sectorBytes: number
  readonly ramBytes: number
}

/** An in-place file and the image that it was made from. */
export interface InPlaceFile {
  readonly old: Uint8Array
  readonly file: Uint8Array
}

export interface CampaignRequest extends InPlaceFile {
  /** Null: every point. */
  readonly points: number | null
  readonly seed: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: {
    readonly done: number
    readonly total: number
    readonly secondsLeft: number | null
  }) => void
}

/** Who can cut the power of a virtual handset while it rewrites itself; works in workers. */
export interface PowerCuts {
  /** Rejects with `CANCELLED`. */
  run(request: CampaignRequest): Promise<CutReport>
  /** `point` is a line such as `flash:torn-erase@117,seed=5`. Rejects with `BAD_FAULT`. */
  picture(
    request: InPlaceFile & { readonly point: string; readonly signal: AbortSignal },
  ): Promise<CutPicture>
}

export interface DeltaJobsParts {
  readonly maker: Pick<DeltaService, 'make'>
  readonly powerCuts: PowerCuts
  readonly images: {
    read(
      digest: string,
    ): Promise<{ readonly stored: { name: string }; readonly image: FirmwareImage }>
  }
  readonly clock: Clock
  readonly events: EventSink
  /** Hears of failures that are nobody's input. */
  readonly onDefect: (error: unknown) => void
}

/** Each takes the machine's cores for itself. */
const RUNNING_MAX = 2
/** Pictures of cuts at the same time; each takes a worker. */
const PICTURES_MAX = 4
/** Jobs that ended and are still shown. */
const ENDED_KEPT = 20

/**
 * Work on differential files for people and scripts: making them, and cutting the power while they
 * are applied. Jobs live as long as the workbench.
 */
export class DeltaJobs {
  readonly #parts: DeltaJobsParts
  /** By id, so oldest first. */
  readonly #runs = new Map<number, DeltaJobRun>()
  readonly #pictures = new Set<Promise<CutPicture>>()
  readonly #closing = new AbortController()
  #lastId = 0

  constructor(parts: DeltaJobsParts) {
    this.#parts = parts
  }

  /** Newest first. */
  jobs(): DeltaJob[] {
    return [...this.#runs.values()].map(({ view }) => view).toReversed()
  }

  /** Begins to make a file and answers at once. Rejects as {@link DeltaJobs.cuts} does. */
  async make(order: PairOrder & { readonly inPlace: boolean }): Promise<DeltaJob> {
    const { maker } = this.#parts
    return this.#begin('make', order, (run, pair) => makeStep(maker, run, { ...order, ...pair }))
  }

  /**
   * Begins a campaign of power cuts and answers at once. Rejects with `IMAGE_UNKNOWN`,
   * `BLOB_DAMAGED`, `DELTA_JOBS_BUSY`, or `CANCELLED` where the workbench ends; what goes wrong
   * later is in the job.
   */
  async cuts(
    order: PairOrder & { readonly points: number | null; readonly seed: number },
  ): Promise<DeltaJob> {
    const { maker, powerCuts } = this.#parts
    return this.#begin('cuts', order, async (run, pair) => {
      await makeStep(maker, run, { ...order, ...pair, inPlace: true })
      await cutStep(powerCuts, run, { ...order, old: pair.old })
    })
  }

  /**
   * Rejects with `DELTA_JOB_UNKNOWN`, `DELTA_FILE_MISSING`, `DELTA_JOBS_BUSY`, `IMAGE_UNKNOWN`,
   * `BAD_FAULT` or `CANCELLED`.
   */
  async cut(order: {
    readonly id: number
    readonly operation: number
    readonly kind: string
    readonly seed: number
  }): Promise<CutPicture> {
    const { id, operation, kind, seed } = order
    const { file, view } = this.#run(id)
    const point = `flash:${kind}@${operation},seed=${seed}`
    if (file) {
      const old = (await this.#image(view.old.digest)).bytes
      return this.#picture({ old, file, point })
    }
    const message = `Job ${id} has made no in-place file, or not yet. Wait for it, or begin one that does.`
    throw new CodedError('DELTA_FILE_MISSING', message, { id })
  }

  /** Answers once it has ended. Rejects with `DELTA_JOB_UNKNOWN`. */
  async cancel({ id }: { readonly id: number }): Promise<DeltaJob> {
    const run = this.#run(id)
    run.cancel()
    await run.ended
    return run.view
  }

  /** The job, then every change, until it ends. Throws `DELTA_JOB_UNKNOWN`. */
  watch({ id }: { readonly id: number }): AsyncIterableIterator<DeltaJob> {
    return this.#run(id).watch()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const runs = [...this.#runs.values()]
    for (const run of runs) run.cancel()
    await Promise.all(runs.map(({ ended }) => ended))
    await Promise.allSettled(this.#pictures)
  }

  async #picture(cut: InPlaceFile & { readonly point: string }): Promise<CutPicture> {
    const { clock, powerCuts } = this.#parts
    const { signal } = this.#closing
    if (signal.aborted) throw closing()
    if (this.#pictures.size >= PICTURES_MAX) throw tooManyPictures()
    const landed = clock.busy()
    const picture = powerCuts.picture({ ...cut, signal })
    this.#pictures.add(picture)
    try {
      return await picture
    } finally {
      this.#pictures.delete(picture)
      landed()
    }
  }

  async #begin(
    kind: DeltaJob['kind'],
    { old, fresh }: PairOrder,
    work: (run: DeltaJobRun, pair: Record<'old' | 'fresh', Uint8Array>) => Promise<void>,
  ): Promise<DeltaJob> {
    const [oldImage, freshImage] = [await this.#image(old), await this.#image(fresh)]
    if (this.#closing.signal.aborted) throw closing()
    const running = [...this.#runs.values()].filter(({ view }) => view.endedAt === null)
    if (running.length >= RUNNING_MAX) throw busy()
    const { clock, events, onDefect } = this.#parts
    const run = new DeltaJobRun(
      { clock, events, onDefect },
      { id: ++this.#lastId, kind, old: oldImage.view, fresh: freshImage.view },
    )
    this.#runs.set(run.view.id, run)
    this.#forgetOld()
    run.begin(() => work(run, { old: oldImage.bytes, fresh: freshImage.bytes }))
    return run.view
  }

  async #image(digest: string) {
    const { stored, image } = await this.#parts.images.read(digest)
    const { data } = flatten(image)
    return { bytes: data, view: { digest, name: stored.name, bytes: data.length } }
  }

  #forgetOld(): void {
    const ended = [...this.#runs.values()].filter(({ view }) => view.endedAt !== null)
    for (const { view } of ended.slice(0, -ENDED_KEPT)) this.#runs.delete(view.id)
  }

  #run(id: number): DeltaJobRun {
    const run = this.#runs.get(id)
    if (run) return run
    const message = `There is no job ${id}. Jobs are kept while the workbench runs, the newest ${ENDED_KEPT} of those that ended.`
    throw new CodedError('DELTA_JOB_UNKNOWN', message, { id })
  }
}

function closing(): CodedError {
  return new CodedError('CANCELLED', 'The workbench ends. Open it again, then ask again.')
}

function tooManyPictures(): CodedError {
  const message = `${PICTURES_MAX} cuts are being tried. Ask again when one is shown.`
  return new CodedError('DELTA_JOBS_BUSY', message, { limit: PICTURES_MAX })
}

function busy(): CodedError {
  const message = `${RUNNING_MAX} jobs go on. Wait for one to end, or cancel it.`
  return new CodedError('DELTA_JOBS_BUSY', message, { limit: RUNNING_MAX })
}
