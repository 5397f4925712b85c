import type { Clock } from '../../base/clock'
import type { HandsetState } from '../../contract/handsets'
import type { SmpEncoding } from '../../wire/smp/encoding'
import type { Board } from '../board'
import type { Sha256 } from '../digest'
import type { NorFlash } from '../flash/nor-flash'
import type { HandsetModel } from '../model/model'
import type { RamControl } from '../ram/ram-control'

/** What the power is put on, and who hears of what comes of it. */
export interface RuntimeParts {
  readonly model: HandsetModel
  readonly flash: NorFlash
  readonly board: Board
  readonly ram: RamControl
  readonly clock: Clock
  readonly sha256: Sha256
  readonly terminalId: string
  /** Of restore mode; software has its own. */
  readonly smpEncoding: SmpEncoding
  /** Steps of a rewrite that are done at once. */
  readonly stepsAtOnce: number
  readonly send: (bytes: Uint8Array) => void
  readonly onState: (state: HandsetState) => void
  /** Something else that a view shows has changed. */
  readonly onChange: () => void
  /** What the RAM held is not asked for any more: whoever filled it must begin anew. */
  readonly onTransferLost: (why: string) => void
  /** What an earlier power-up rewrote is judged now: whether it is sound. */
  readonly onJudged: (isSound: boolean) => void
  /** The CPU failed by itself, which is a defect in Kintsugi. */
  readonly onDefect: (error: unknown) => void
}
