import { hash } from 'node:crypto'
import { invariant } from '../base/assert'
import type { DeltaJobRun } from './delta-job-run'
import type { CampaignRequest, PowerCuts } from './delta-jobs'
import type { DeltaService, MakeRequest } from './delta-service'

interface MakeOrder extends Pick<MakeRequest, 'old' | 'fresh'> {
  readonly sectorBytes: number
  readonly ramBytes: number
  readonly inPlace: boolean
}

/** Makes the file of a job. */
export async function makeStep(
  maker: Pick<DeltaService, 'make'>,
  run: DeltaJobRun,
  { old, fresh, sectorBytes, ramBytes, inPlace }: MakeOrder,
): Promise<void> {
  const startedAt = performance.now()
  const { file, fullBytes, format, sectorErases, ...made } = await maker.make({
    old,
    fresh,
    sectorBytes,
    ramBytes,
    inPlace,
    signal: run.signal,
    onStep: (_, share) => run.progress('making', share),
  })
  if (inPlace) run.file = file
  run.result({
    made: {
      sha256: hash('sha256', file, 'hex'),
      bytes: file.length,
      fullBytes,
      ratio: file.length / fullBytes,
      seconds: (performance.now() - startedAt) / 1000,
      format,
      ramBytes: made.ramBytes,
      sectorErases,
    },
  })
}

/** Cuts the power of a virtual handset while it rewrites itself with the file of the job. */
export async function cutStep(
  powerCuts: PowerCuts,
  run: DeltaJobRun,
  { old, points, seed }: Pick<CampaignRequest, 'old' | 'points' | 'seed'>,
): Promise<void> {
  const { file } = run
  invariant(file, 'a campaign has an in-place file')
  const cuts = await powerCuts.run({
    old,
    file,
    points,
    seed,
    signal: run.signal,
    onProgress: ({ done, total, secondsLeft }) =>
      run.progress('cutting', total === 0 ? 0 : done / total, secondsLeft),
  })
  run.result({ cuts })
}
