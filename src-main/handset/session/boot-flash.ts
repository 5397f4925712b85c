import { Journal } from '../boot/journal'
import type { RewriterParts } from '../boot/rewriter'
import type { SoftwarePlace } from '../boot/software'
import type { Sha256 } from '../digest'
import { PowerCut, type FlashPort } from '../flash/flash-port'
import { flashWindow } from '../flash/flash-window'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf, type HandsetModel, type RegionName } from '../model/model'

export interface BootFlashParts {
  readonly model: HandsetModel
  readonly flash: NorFlash
  readonly sha256: Sha256
}

/** The parts of the flash that boot code reaches, from one power-up to the next. */
export class BootFlash {
  readonly journal: Journal
  readonly #parts: BootFlashParts

  constructor(parts: BootFlashParts) {
    this.#parts = parts
    this.journal = new Journal(this.#window('journal'))
  }

  get software(): SoftwarePlace {
    const { model, sha256 } = this.#parts
    return { model, region: this.#window('executable'), sha256 }
  }

  /** What a rewriter works on. */
  get rewritten(): Omit<RewriterParts, 'source' | 'file'> {
    return {
      region: this.#window('executable'),
      stash: this.#window('stash'),
      backup: this.#window('backup'),
      journal: this.journal,
      sha256: this.#parts.sha256,
    }
  }

  /** Writes to the journal while nothing executes. False where the power fails over it. */
  mark(write: (journal: Journal) => void): boolean {
    try {
      write(this.journal)
      this.#parts.flash.settle()
      return true
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      return false
    }
  }

  #window(name: RegionName): FlashPort {
    const { flash, model } = this.#parts
    return flashWindow(flash, regionOf(model, name))
  }
}
