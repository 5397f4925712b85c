import { seededRandom } from '../../base/random'
import type { CutPicture, CutReport, CutVerdict } from '../../contract/delta'
import { decodeAhead } from '../../wire/delta/open-rewrite-source'
import { applyDelta, oldImageOf } from '../../wire/delta/apply'
import type { Sha256 } from '../digest'
import type { HandsetModel } from '../model/model'
import { Board } from './board'
import { pictureOf } from './picture'
import {
  checkPointCount,
  type CutPoint,
  formatPoint,
  pointSeries,
  type PointSeries,
  strikingPoint,
} from './points'
import { Recording } from './recording'
import { tryPoint, type Trial } from './trial'

/** What a campaign of cuts is about. */
export interface CampaignOrder {
  readonly old: Uint8Array
  /** An in-place file that was made from the old image. */
  readonly file: Uint8Array
  /** See `BoardParts`. */
  readonly model: HandsetModel
  readonly seed: number
  /** Null: every operation with every way in which it can be cut. */
  readonly points: number | null
  /** Only cuts of these kinds; all that cut the power where it is left out. */
  readonly kinds?: readonly string[] | undefined
}

/** What became of the points of a campaign, or of a part of them. */
export type CutTally = Omit<
  CutReport,
  'points' | 'seed' | 'operations' | 'seconds' | 'firstFailure'
> & {
  /** The first point, by its index, that ended as none may. */
  readonly failure: { readonly index: number; readonly point: string } | null
}

/** One trial in so many runs to its end even where the rest of it is known. */
const WHOLE_TRIALS = 64

const COUNTED: Readonly<Record<CutVerdict, keyof CutTally>> = {
  completed: 'completed',
  old: 'old',
  'needs-file': 'needsFile',
  restorable: 'restorable',
  silent: 'silent',
  stuck: 'stuck',
}

/**
 * Cuts the power at points of one rewrite and counts how it ends (decision 0003). The same order
 * gives the same points and the same verdicts, in any order of trying.
 */
export class Campaign {
  readonly recording: Recording
  readonly #order: CampaignOrder
  readonly #series: PointSeries

  /**
   * Throws `DELTA_WRONG_OLD`, `DELTA_DAMAGED` or `DELTA_UNSUPPORTED` where the file is not an
   * in-place file made from the old image, and `OPTION_UNFIT`.
   */
  constructor(order: CampaignOrder, sha256: Sha256) {
    const { old, file, model, seed, points, kinds } = order
    if (points !== null) checkPointCount(points)
    const fresh = applyDelta(oldImageOf(old), file, sha256)
    const source = decodeAhead(file, sha256)
    const named = { bytes: file.length, sha256: sha256([file]) }
    this.#order = order
    this.recording = new Recording(new Board({ old, fresh, source, file: named, model, sha256 }))
    this.#series = pointSeries({ targets: this.recording.targets, seed, count: points, kinds })
  }

  get points(): number {
    return this.#series.count
  }

  point(index: number): CutPoint {
    return this.#series.at(index)
  }

  /** Tries a point, to the end where it is one of the share that always is. */
  try(index: number): Trial {
    const stopsEarly = seededRandom(this.#order.seed ^ index).below(WHOLE_TRIALS) !== 0
    return tryPoint(this.recording, this.point(index), { stopsEarly })
  }

  /** Throws a CodedError `BAD_FAULT` where the rewrite has no such operation. */
  picture(point: CutPoint): CutPicture {
    return pictureOf(this.recording, strikingPoint(point, this.recording.targets))
  }
}

export const NO_TRIALS: CutTally = {
  completed: 0,
  old: 0,
  needsFile: 0,
  resumed: 0,
  restorable: 0,
  silent: 0,
  stuck: 0,
  failure: null,
}

/** Counts one more trial. */
export function withTrial(tally: CutTally, index: number, point: CutPoint, trial: Trial): CutTally {
  const name = COUNTED[trial.verdict]
  const counted = {
    ...tally,
    [name]: Number(tally[name]) + 1,
    resumed: tally.resumed + (trial.isResumed ? 1 : 0),
  }
  if (!isFailure(trial) || tally.failure) return counted
  return { ...counted, failure: { index, point: formatPoint(point) } }
}

/** With the spare ring every cut ends in software that starts or a file that finishes it. */
export function isFailure({ verdict, isResumed }: Trial): boolean {
  if (verdict === 'needs-file') return !isResumed
  return verdict === 'silent' || verdict === 'stuck' || verdict === 'restorable'
}
