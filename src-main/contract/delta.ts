import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { call, errorCodes, instant, queryNumber, sha256Hex } from './procedure'

const count = z.number().int().nonnegative()
const image = z.object({ digest: sha256Hex, name: z.string(), bytes: count })

export const deltaErrors = errorCodes({
  IMAGE_UNKNOWN: [404, 'No such image is in the library.'],
  BLOB_DAMAGED: [410, 'The stored image is damaged.'],
  IMAGE_TOO_LARGE: [413, 'The image is too large.'],
  OPTION_UNFIT: [422, 'An option does not fit the images.'],
  DELTA_JOB_UNKNOWN: [404, 'No such job.'],
  DELTA_JOBS_BUSY: [409, 'Too many jobs go on.'],
  DELTA_FILE_MISSING: [409, 'The job has made no in-place file.'],
  DELTA_WORKER_DIED: [500, 'The worker died.'],
  BAD_FAULT: [422, 'No such cut.'],
  CANCELLED: [499, 'Cancelled.'],
})

/** What `delta make` says of a file (ARCHITECTURE section 4). */
export const madeDelta = z.object({
  sha256: sha256Hex,
  bytes: count,
  fullBytes: count,
  ratio: z.number(),
  seconds: z.number(),
  format: z.enum(['plain', 'in-place']),
  ramBytes: count,
  sectorErases: count,
})

/** How a cut of the power ended (decision 0003). */
export const cutVerdict = z.enum([
  'completed',
  'old',
  'needs-file',
  'restorable',
  'silent',
  'stuck',
])
export type CutVerdict = z.infer<typeof cutVerdict>

/** The verdict table of a campaign. `points` is the sum of the six verdicts. */
export const cutReport = z.object({
  points: count,
  completed: count,
  old: count,
  needsFile: count,
  /** Of those: finished when the same file came again. */
  resumed: count,
  restorable: count,
  silent: count,
  stuck: count,
  seed: count,
  /** Replays the first point that is silent, stuck or restorable; null where there is none. */
  firstFailure: z.string().nullable(),
  /** Flash operations of a rewrite that nothing disturbs. */
  operations: count,
  seconds: z.number(),
})
export type CutReport = z.infer<typeof cutReport>

/** What the flash holds right after one cut, and what became of it. */
export const cutPicture = z.object({
  /** Replays it, such as `flash:torn-erase@117`. */
  point: z.string(),
  operation: count,
  /** `erase` or `program`, and of which region. */
  operationKind: z.enum(['erase', 'program']),
  region: z.enum(['executable', 'journal', 'stash', 'backup']),
  verdict: cutVerdict,
  /** `needs-file`, and the same file finished it. */
  isResumed: z.boolean(),
  /** What the boot code says and does next, in words. */
  explanation: z.string(),
  /**
   * One character a sector of the executable region: `o` old, `n` new, `=` the same in both,
   * `.` erased, `x` neither.
   */
  sectors: z.string(),
  sectorBytes: count,
  /** Newest first, in words. */
  journal: z.array(z.string()),
  /** Sectors in use of each of the two. */
  stashSectors: count,
  backupSectors: count,
})
export type CutPicture = z.infer<typeof cutPicture>

export const deltaJob = z.object({
  id: z.number().int().positive(),
  kind: z.enum(['make', 'cuts']),
  old: image,
  fresh: image,
  /** What is done at the moment, in one word. */
  step: z.string(),
  /** From 0 to 1. */
  share: z.number(),
  secondsLeft: z.number().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  made: madeDelta.nullable(),
  cuts: cutReport.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type DeltaJob = z.infer<typeof deltaJob>

const pair = {
  old: sha256Hex,
  fresh: sha256Hex,
  sectorBytes: z
    .number()
    .int()
    .min(256)
    .max(1024 * 1024)
    .default(4096),
  ramBytes: z
    .number()
    .int()
    .min(1)
    .max(1024 * 1024 * 1024)
    .default(65_536),
}
const jobId = z.object({ id: queryNumber(z.number().int().positive()) })

export const delta = {
  // Queries
  jobs: call
    .route({ method: 'GET', path: '/delta/jobs', summary: 'Jobs of this workbench, newest first' })
    .output(z.array(deltaJob)),
  cut: call
    .route({
      method: 'GET',
      path: '/delta/jobs/{id}/cut',
      summary: 'Cuts the power at the n-th flash operation of a rewrite and shows what is left',
    })
    .input(
      z.object({
        id: queryNumber(z.number().int().positive()),
        operation: queryNumber(z.number().int().positive()),
        /** Of the list in `handset run --list-faults`; those that cut the power. */
        kind: z
          .string()
          .regex(/^[a-z0-9-]{1,64}$/, 'must be the name of a kind of cut')
          .default('power-cut'),
        seed: queryNumber(count).default(1),
      }),
    )
    .errors(deltaErrors)
    .output(cutPicture),
  // Commands
  make: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/delta/jobs/make', summary: 'Makes a differential file' })
    .input(z.object({ ...pair, inPlace: z.boolean().default(false) }))
    .errors(deltaErrors)
    .output(deltaJob),
  cuts: call
    .meta({ action: true })
    .route({
      method: 'POST',
      path: '/delta/jobs/cuts',
      summary: 'Cuts the power at every point of an in-place rewrite, or at a seeded sample',
    })
    .input(
      z.object({
        ...pair,
        /** Null: every one. */
        points: z.number().int().min(1).max(10_000_000).nullable().default(null),
        seed: z.number().int().min(0).max(0xffff_ffff).default(1),
      }),
    )
    .errors(deltaErrors)
    .output(deltaJob),
  cancel: call
    .meta({ action: true })
    .route({ method: 'POST', path: '/delta/jobs/{id}/cancel', summary: 'Ends a job' })
    .input(jobId)
    .errors(deltaErrors)
    .output(deltaJob),
  // Events
  watch: call
    .route({
      method: 'GET',
      path: '/delta/jobs/{id}/watch',
      summary: 'Every change, until it ends',
    })
    .input(jobId)
    .errors(deltaErrors)
    .output(eventIterator(deltaJob)),
}
