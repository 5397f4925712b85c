import type { Clock } from '../../base/clock'
import { invariant } from '../../base/assert'
import { seededRandom } from '../../base/random'
import type { UpdateOutcome } from '../../contract/handsets'
import { chipWithoutIdentity, giveIdentity } from '../chip'
import type { Sha256 } from '../digest'
import type { HandsetFace } from '../face/handset-face'
import { NorFlash } from '../flash/nor-flash'
import { SectorPool } from '../flash/sector-pool'
import { Handset, type HandsetGrain } from '../handset'
import type { HandsetModel } from '../model/model'
import type { Radio } from '../radio/radio'
import { FleetHandset } from './fleet-handset'
import { SharedDecoder } from './shared-decoder'

export interface FleetParts {
  readonly name: string
  readonly model: HandsetModel
  /** What all of them hold at first; undefined: nothing. */
  readonly software: Uint8Array | undefined
  /** Decides who they are and when they ask. */
  readonly seed: number
  readonly clock: Clock
  /** The way to their carrier. */
  readonly radio: Radio
  readonly sha256: Sha256
  /** Something of the summary is not what it was. */
  readonly onChange: () => void
  /** Hears of what only a defect of ours can be. */
  readonly onDefect: (error: unknown) => void
}

/** What became of the handsets of a fleet so far. */
interface FleetSummary {
  /** Handsets by the version that they hold. */
  readonly versions: Readonly<Record<string, number>>
  readonly polls: number
  readonly updated: number
  readonly failed: number
}

const DAY_SECONDS = 86_400
/** Larger steps than one handset takes that somebody watches. */
const GRAIN: HandsetGrain = { steps: 256, radioBytes: 16 * 1024 }
/** Of handsets that hold no software that says what it is. */
const NO_VERSION = 'none'
const NO_FAILURES: ReadonlySet<UpdateOutcome> = new Set(['updated', 'no-update'])

/**
 * Many handsets with the real agent, boot code and rewriter on a flash of their own, but without a
 * CPU (decision 14): what they hold is judged and never executed. What they hold alike they share.
 */
export class Fleet {
  readonly #parts: FleetParts
  readonly #handsets: FleetHandset[] = []
  readonly #model: HandsetModel
  /** The chip that all of them were copied from. */
  readonly #chip: NorFlash
  readonly #pool: SectorPool
  readonly #decoder: SharedDecoder
  readonly #random
  readonly #versions = new Map<string, number>()
  #polls = 0
  #updated = 0
  #failed = 0

  constructor(parts: FleetParts) {
    const { model, software, sha256, seed } = parts
    this.#parts = parts
    // Nobody looks at their screens.
    this.#model = { ...model, cpu: null, display: null }
    this.#chip = new NorFlash({
      geometry: model.flash,
      timing: model.flash.timing,
      contents: chipWithoutIdentity({ model, software, sha256 }),
    })
    this.#pool = new SectorPool(sha256)
    this.#decoder = new SharedDecoder(sha256)
    this.#random = seededRandom(seed)
  }

  get size(): number {
    return this.#handsets.length
  }

  /** Makes so many more of them, and switches them on. */
  grow(count: number): void {
    for (let made = 0; made < count; made++) this.#add()
  }

  face(index: number): HandsetFace {
    const handset = this.#handsets[index]
    invariant(handset, `the fleet has a handset ${index}`)
    return handset.face
  }

  summary(): FleetSummary {
    const versions = Object.fromEntries(this.#versions)
    return { versions, polls: this.#polls, updated: this.#updated, failed: this.#failed }
  }

  close(): void {
    for (const handset of this.#handsets) handset.close()
  }

  #add(): void {
    const { clock, onChange } = this.#parts
    let version: string | undefined
    const count = () => {
      this.#count(version, -1)
      version = handset.version ?? NO_VERSION
      this.#count(version, 1)
    }
    const handset = new FleetHandset({
      handset: this.#make(this.#handsets.length + 1),
      clock,
      pollAt: this.#random.below(DAY_SECONDS) * 1000,
      pool: this.#pool,
      onPoll: () => {
        this.#polls += 1
        onChange()
      },
      onEnd: outcome => {
        if (outcome === 'updated') this.#updated += 1
        else if (!NO_FAILURES.has(outcome)) this.#failed += 1
        count()
        onChange()
      },
    })
    count()
    this.#handsets.push(handset)
  }

  #make(number: number): Handset {
    const { name: fleet, seed, clock, radio, sha256, onDefect } = this.#parts
    const name = `${fleet}-${number}`
    const flash = this.#chip.clone({ random: seededRandom(this.#random.below(0x1_0000_0000)) })
    giveIdentity(flash, { model: this.#model, name, seed, sha256 })
    flash.settle()
    const fitted = { name, link: `fleet:${name}`, model: this.#model, flash, grain: GRAIN }
    return new Handset({ ...fitted, clock, radio, sha256, decoder: this.#decoder, onDefect })
  }

  #count(version: string | undefined, change: 1 | -1): void {
    if (version === undefined) return
    const count = (this.#versions.get(version) ?? 0) + change
    if (count === 0) this.#versions.delete(version)
    else this.#versions.set(version, count)
  }
}
