import type { ErrorData } from '../../base/coded-error'
import type { CutPicture } from '../../contract/delta'
import type { CampaignOrder, CutTally } from '../campaign/campaign'

/** What a worker of a campaign is to do; it is its `workerData`. */
export type CampaignWork = CampaignOrder &
  (
    | {
        readonly kind: 'cuts'
        /** Tries the points from this one on, and of those every so manieth. */
        readonly first: number
        readonly stride: number
      }
    /** One point, as a line. */
    | { readonly kind: 'picture'; readonly point: string }
  )

export type CampaignAnswer =
  /** The undisturbed rewrite is recorded; `points` are those of all workers together. */
  | { readonly kind: 'ready'; readonly points: number; readonly operations: number }
  | { readonly kind: 'tried'; readonly tally: CutTally; readonly isOver: boolean }
  | { readonly kind: 'picture'; readonly picture: CutPicture }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly data: ErrorData
    }
