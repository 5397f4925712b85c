import type { ErrorData } from '../base/coded-error'
import type { MadeDelta, MakeOrder } from './make-delta'

/** What the worker that makes a differential file answers; its order is its `workerData`. */
export type DeltaOrder = MakeOrder
export type DeltaAnswer =
  | { readonly kind: 'step'; readonly step: string; readonly share: number }
  | { readonly kind: 'made'; readonly made: MadeDelta }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly data: ErrorData
    }
