import type { ErrorData } from '../base/coded-error'
import type { MadeDelta, MakeOrder } from './make-delta'

/** The `workerData` of the worker that makes a differential file. */
export interface DeltaOrder extends MakeOrder {
  /** Of the gate that it packs inside. */
  readonly gateMemory: SharedArrayBuffer
}

/** What it answers. */
export type DeltaAnswer =
  | { readonly kind: 'step'; readonly step: string; readonly share: number }
  | { readonly kind: 'made'; readonly made: MadeDelta }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly data: ErrorData
    }
