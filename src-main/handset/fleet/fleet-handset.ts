import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { UpdateOutcome } from '../../contract/handsets'
import { HandsetFace } from '../face/handset-face'
import type { SectorPool } from '../flash/sector-pool'
import type { Handset } from '../handset'

const DAY_MS = 86_400_000

export interface FleetHandsetParts {
  readonly handset: Handset
  readonly clock: Clock
  /** Time of the day at which it asks for updates, in milliseconds. */
  readonly pollAt: number
  /** Where handsets of the same contents share them. */
  readonly pool: SectorPool
  /** It began to ask. */
  readonly onPoll: () => void
  /** What came of that; its version may be another one. */
  readonly onEnd: (outcome: UpdateOutcome) => void
}

/** A handset of a fleet: asks for updates once a day at a time of its own, and when it is told to. */
export class FleetHandset {
  readonly face: HandsetFace
  readonly #parts: FleetHandsetParts
  #isAsking = false
  #cancelPoll: () => void

  constructor(parts: FleetHandsetParts) {
    const { handset, clock } = parts
    this.#parts = parts
    this.face = new HandsetFace(handset, clock)
    handset.onChange(() => this.#follow())
    handset.powerOn()
    this.#cancelPoll = this.#planPoll()
  }

  /** Of its software; undefined while none runs. */
  get version(): string | undefined {
    return this.face.software?.version
  }

  close(): void {
    this.#cancelPoll()
    this.#parts.handset.close()
  }

  /** At the next time of the day that is its own. */
  #planPoll(): () => void {
    const { clock, pollAt } = this.#parts
    const now = clock.now()
    const today = Math.floor(now / DAY_MS) * DAY_MS + pollAt
    return clock.after((today > now ? today : today + DAY_MS) - now, () => this.#poll())
  }

  #poll(): void {
    this.#cancelPoll = this.#planPoll()
    try {
      this.#parts.handset.startUpdate()
    } catch (error) {
      // It asks already, or holds nothing that could: tomorrow is another day.
      if (!(error instanceof CodedError)) throw error
    }
  }

  #follow(): void {
    const { handset, pool, onPoll, onEnd } = this.#parts
    const { update } = handset
    if (!update || this.#isAsking === (update.endedAt === null)) return
    this.#isAsking = update.endedAt === null
    if (this.#isAsking) {
      onPoll()
    } else if (update.outcome !== null) {
      handset.board.emptyRam()
      handset.flash.shareSectors(pool)
      onEnd(update.outcome)
    }
  }
}
