import { expect, test } from 'vitest'
import type { Clock } from '../../src-main/base/clock'
import { CodedError } from '../../src-main/base/coded-error'
import type { WorkbenchEvent } from '../../src-main/contract/app'
import type { CutPicture, CutReport, DeltaJob } from '../../src-main/contract/delta'
import { type CampaignRequest, DeltaJobs, type PowerCuts } from '../../src-main/delta/delta-jobs'
import type { DeltaResult, MakeRequest } from '../../src-main/delta/delta-service'
import { EventBus } from '../../src-main/observe/events'
import { realClock } from '../../src-main/observe/real-clock'

const OLD = 'aa'.repeat(32)
const FRESH = 'bb'.repeat(32)
const pair = { old: OLD, fresh: FRESH, sectorBytes: 4096, ramBytes: 65_536 }
const FILE = new Uint8Array([1, 2, 3])
const MADE: DeltaResult = {
  file: FILE,
  fullBytes: 30,
  sectorErases: 7,
  format: 'in-place',
  ramBytes: 20_000,
}
const REPORT: CutReport = {
  points: 4,
  completed: 1,
  old: 1,
  needsFile: 2,
  resumed: 2,
  restorable: 0,
  silent: 0,
  stuck: 0,
  seed: 5,
  firstFailure: null,
  operations: 9,
  seconds: 0.1,
}

type Make = (request: MakeRequest) => Promise<DeltaResult>

interface JobsParts {
  readonly make?: Make
  readonly powerCuts?: Partial<PowerCuts>
  readonly clock?: Clock
}

function jobsWith(parts: JobsParts = {}) {
  const events = new EventBus()
  const seen: DeltaJob[] = []
  events.subscribe((event: WorkbenchEvent) => {
    if (event.kind === 'delta-job-changed') seen.push(event.job)
  })
  const defects: unknown[] = []
  const bytesOf = new Map([
    [OLD, new Uint8Array(8).fill(1)],
    [FRESH, new Uint8Array(9).fill(2)],
  ])
  const jobs = new DeltaJobs({
    maker: { make: parts.make ?? (async () => MADE) },
    powerCuts: {
      run: async () => REPORT,
      picture: async () => Promise.reject(new CodedError('BAD_FAULT', 'No such cut.')),
      ...parts.powerCuts,
    },
    images: {
      read: async digest => {
        const data = bytesOf.get(digest)
        if (!data) throw new CodedError('IMAGE_UNKNOWN', `No image ${digest}.`)
        const segments = [{ address: 0, data }]
        const image = { format: 'bin', segments, entry: null, warnings: [] } as const
        return { stored: { name: `${digest.slice(0, 2)}.bin` }, image }
      },
    },
    clock: parts.clock ?? realClock,
    events,
    onDefect: error => defects.push(error),
  })
  return { jobs, seen, defects }
}

/** Every view until the end. */
async function allOf(jobs: DeltaJobs, id: number): Promise<DeltaJob[]> {
  const views: DeltaJob[] = []
  for await (const view of jobs.watch({ id })) views.push(view)
  return views
}

const untilAborted: Make = ({ signal }) =>
  new Promise((_, reject) => {
    const abort = () => reject(new CodedError('CANCELLED', 'Cancelled.'))
    signal?.addEventListener('abort', abort, { once: true })
  })

test('a file is made from two images of the library', async () => {
  const requests: MakeRequest[] = []
  const { jobs, seen } = jobsWith({
    make: async request => {
      requests.push(request)
      request.onStep?.('sorting', 0.5)
      return MADE
    },
  })
  const begun = await jobs.make({ ...pair, inPlace: true })
  expect(begun).toMatchObject({
    id: 1,
    kind: 'make',
    old: { digest: OLD, name: 'aa.bin', bytes: 8 },
    fresh: { digest: FRESH, bytes: 9 },
    endedAt: null,
  })
  const last = (await allOf(jobs, 1)).at(-1)
  expect(last).toMatchObject({
    share: 1,
    endedAt: expect.any(Number),
    error: null,
    cuts: null,
    made: {
      bytes: 3,
      fullBytes: 30,
      ratio: 0.1,
      format: 'in-place',
      ramBytes: 20_000,
      sectorErases: 7,
    },
  })
  expect(requests).toMatchObject([{ sectorBytes: 4096, ramBytes: 65_536, inPlace: true }])
  expect(seen.map(({ step }) => step)).toEqual(['starting', 'making', 'making'])
  expect(jobs.jobs()).toEqual([last])
})

test('a campaign makes the file first, then tells how far it is and what came of it', async () => {
  const requests: CampaignRequest[] = []
  const { jobs, seen } = jobsWith({
    powerCuts: {
      run: async request => {
        requests.push(request)
        request.onProgress({ done: 1, total: 4, secondsLeft: 30 })
        return REPORT
      },
    },
  })
  const { id } = await jobs.cuts({ ...pair, points: 4, seed: 5 })
  expect((await allOf(jobs, id)).at(-1)).toMatchObject({ cuts: REPORT, made: { bytes: 3 } })
  expect(requests).toMatchObject([{ file: FILE, points: 4, seed: 5 }])
  expect(seen).toContainEqual(
    expect.objectContaining({ step: 'cutting', share: 0.25, secondsLeft: 30 }),
  )
})

test('one cut of a job is shown, and none of a job without an in-place file', async () => {
  const points: string[] = []
  const picture = { point: 'flash:power-cut@3,seed=9' } as CutPicture
  const { jobs } = jobsWith({
    powerCuts: {
      picture: async ({ point }) => {
        points.push(point)
        return picture
      },
    },
  })
  const cut = { operation: 3, kind: 'power-cut', seed: 9 }
  const plain = await jobs.make({ ...pair, inPlace: false })
  await allOf(jobs, plain.id)
  await expect(jobs.cut({ id: plain.id, ...cut })).rejects.toMatchObject({
    code: 'DELTA_FILE_MISSING',
  })
  const { id } = await jobs.make({ ...pair, inPlace: true })
  await allOf(jobs, id)
  expect(await jobs.cut({ id, ...cut })).toBe(picture)
  expect(points).toEqual(['flash:power-cut@3,seed=9'])
})

test('images that are not in the library begin no job', async () => {
  const { jobs } = jobsWith()
  const order = { ...pair, fresh: 'cc'.repeat(32), inPlace: false }
  await expect(jobs.make(order)).rejects.toMatchObject({ code: 'IMAGE_UNKNOWN' })
  expect(jobs.jobs()).toEqual([])
})

test('what can be acted on ends a job with its code, a defect in general words', async () => {
  const failures = [new CodedError('OPTION_UNFIT', 'Too little RAM.'), new TypeError('secret')]
  const { jobs, defects } = jobsWith({ make: () => Promise.reject(failures.shift()) })
  for (const error of [
    { code: 'OPTION_UNFIT', message: 'Too little RAM.' },
    { code: 'INTERNAL', message: 'Kintsugi failed at this job; its log says more.' },
  ]) {
    const { id } = await jobs.make({ ...pair, inPlace: true })
    expect((await allOf(jobs, id)).at(-1)).toMatchObject({ error, made: null })
  }
  expect(defects).toHaveLength(1)
})

test('two jobs at a time, and a third is refused until one was cancelled', async () => {
  const { jobs } = jobsWith({ make: untilAborted })
  const order = { ...pair, inPlace: false }
  const { id } = await jobs.make(order)
  await jobs.make(order)
  await expect(jobs.make(order)).rejects.toMatchObject({ code: 'DELTA_JOBS_BUSY' })
  expect(await jobs.cancel({ id })).toMatchObject({
    endedAt: expect.any(Number),
    error: { code: 'CANCELLED' },
  })
  expect(await jobs.make(order)).toMatchObject({ id: 3 })
  await jobs.close()
  expect(jobs.jobs().every(({ endedAt }) => endedAt !== null)).toBe(true)
})

test('a job that is asked for while the workbench ends does not begin', async () => {
  const { jobs } = jobsWith()
  const asking = jobs.make({ ...pair, inPlace: false })
  await jobs.close()
  await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(jobs.jobs()).toEqual([])
})

test('few cuts are tried at a time, time waits for them, and the end ends them', async () => {
  let inFlight = 0
  const { jobs } = jobsWith({
    clock: {
      ...realClock,
      busy: () => {
        inFlight += 1
        return () => void (inFlight -= 1)
      },
    },
    powerCuts: {
      picture: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new CodedError('CANCELLED', 'Cancelled.')))
        }),
    },
  })
  const { id } = await jobs.make({ ...pair, inPlace: true })
  await allOf(jobs, id)
  const cut = { id, operation: 3, kind: 'power-cut', seed: 9 }
  const [first, ...others] = Array.from({ length: 4 }, () => jobs.cut(cut))
  await expect(jobs.cut(cut)).rejects.toMatchObject({ code: 'DELTA_JOBS_BUSY' })
  expect(inFlight).toBe(4)
  const ends = Promise.allSettled([first, ...others])
  await jobs.close()
  expect((await ends).map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
  expect(inFlight).toBe(0)
})

test('old jobs are forgotten, and asking for one says so', async () => {
  const { jobs } = jobsWith()
  for (let job = 0; job < 25; job++) {
    const { id } = await jobs.make({ ...pair, inPlace: false })
    await allOf(jobs, id)
  }
  const kept = jobs.jobs().map(({ id }) => id)
  expect([kept[0], kept.at(-1), kept.length]).toEqual([25, 5, 21])
  await expect(jobs.cancel({ id: 1 })).rejects.toMatchObject({ code: 'DELTA_JOB_UNKNOWN' })
  expect(() => jobs.watch({ id: 1 })).toThrow(/no job 1/)
})
