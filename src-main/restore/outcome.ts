import { CodedError } from '../base/coded-error'
import type { RestoreStage } from '../contract/restore'
import type { RestoreOutcome } from './restore-view'

export interface Circumstances {
  readonly stage: RestoreStage
  /** Whether the device may have changed its flash already. */
  readonly touched: boolean
}

/**
 * What a restore that did not succeed ends as (decision 0004). A refusal leaves the flash as it
 * was; an interruption is a cable or a person, and the same restore may be begun again; everything
 * else failed. `data.stage` says in which phase that was.
 */
export function outcomeOf(error: unknown, { stage, touched }: Circumstances): RestoreOutcome {
  const { code, message, data } = describe(error)
  const place = code === 'CANCELLED' || code === 'LINK_LOST' ? `While ${stage}: ` : ''
  const isRefusal = code === 'DEVICE_REFUSED' || code === 'IMAGE_UNFIT'
  // On a bare serial line a pulled cable is nothing but silence.
  const wasThere = stage !== 'connecting' && stage !== 'identifying'
  const isCut = code === 'LINK_LOST' || (code === 'NO_ANSWER' && wasThere)
  const result =
    code === 'CANCELLED' || isCut ? 'interrupted' : isRefusal && !touched ? 'refused' : 'failed'
  const nextStep = result === 'interrupted' && touched ? ` ${GO_ON}` : ''
  const facts = { ...data, stage }
  return { result, error: { code, message: `${place}${message}${nextStep}`, data: facts } }
}

const GO_ON = 'The next restore can go on where this one stopped (--resume).'

function describe(error: unknown): Pick<CodedError, 'code' | 'message' | 'data'> {
  if (error instanceof CodedError) return error
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'INTERNAL', message, data: {} }
}
