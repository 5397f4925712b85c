import { invariant } from '../../base/assert'
import { seededRandom } from '../../base/random'
import type { RewriteSource } from '../../wire/delta/rewrite-source'
import { flawAtStart, type SoftwarePlace, startBytes } from '../boot/software'
import { Journal } from '../boot/journal'
import type { Sha256 } from '../digest'
import type { FlashPort } from '../flash/flash-port'
import { flashWindow } from '../flash/flash-window'
import { NorFlash } from '../flash/nor-flash'
import { regionOf, type HandsetModel, type Region } from '../model/model'

/** Two images, and the file that turns one into the other in place. */
interface CampaignPair {
  readonly old: Uint8Array
  readonly fresh: Uint8Array
  readonly source: RewriteSource
  readonly file: { readonly bytes: number; readonly sha256: Uint8Array }
}

export interface BoardParts extends CampaignPair {
  /**
   * The model that the images were made for, or the one that lends its CPU and its timing. The
   * sizes of the flash come from the images (decision 0003).
   */
  readonly model: HandsetModel
  readonly sha256: Sha256
}

/** A part of the flash that a rewrite touches. */
type BoardRegion = 'executable' | 'journal' | 'stash' | 'backup'

/** The code of a handset that stands on a flash, through windows. */
export interface BoardWindows {
  readonly place: SoftwarePlace
  /** Lives as long as the power. */
  readonly journal: Journal
  readonly stash: FlashPort
  readonly backup: FlashPort
}

const JOURNAL_SECTORS = 3
const STASH_SECTORS = 8
const BACKUP_SECTORS = 3
const ERASED = 0xff
const REMAINS_SEED = 0x6b69_6e74

/** A handset that is no larger than its images ask for. */
export class Board {
  readonly parts: BoardParts
  readonly model: HandsetModel
  /** The boot code starts either image: what it answers is judged (decision 0003). */
  readonly isFirmware: boolean

  constructor(parts: BoardParts) {
    this.parts = parts
    this.model = modelFor(parts)
    this.isFirmware = [parts.old, parts.fresh].every(image => {
      return flawAtStart(this.windows(this.#flashOf(image)).place) === undefined
    })
  }

  /** With the old software, and in stash and backup what an earlier update has left there. */
  chip(): NorFlash {
    const { old, sha256 } = this.parts
    const flash = this.#flashOf(old)
    const { journal } = this.windows(flash)
    const mark = { length: old.length, sha256: sha256([old]) }
    journal.append({ kind: 'begin', ...mark })
    journal.append({ kind: 'done', ...mark })
    flash.settle()
    return flash
  }

  windows(flash: FlashPort): BoardWindows {
    const window = (name: BoardRegion) => flashWindow(flash, regionOf(this.model, name))
    const { sha256 } = this.parts
    return {
      place: { model: this.model, region: window('executable'), sha256 },
      journal: new Journal(window('journal')),
      stash: window('stash'),
      backup: window('backup'),
    }
  }

  /** The region that an address of the flash is in. */
  regionAt(address: number): BoardRegion {
    const found = this.model.regions.find(region => {
      return address >= region.address && address < region.address + region.bytes
    })
    invariant(found && isBoardRegion(found.name), 'a rewrite stays in its regions')
    return found.name
  }

  #flashOf(image: Uint8Array): NorFlash {
    const { flash: geometry } = this.model
    const contents = new Uint8Array(geometry.bytes).fill(ERASED)
    contents.set(image, regionOf(this.model, 'executable').address)
    const random = seededRandom(REMAINS_SEED)
    for (const name of ['stash', 'backup'] as const) {
      const { address, bytes } = regionOf(this.model, name)
      contents.set(random.bytes(bytes), address)
    }
    return new NorFlash({ geometry, timing: geometry.timing, contents })
  }
}

function modelFor({ model, old, fresh, source }: BoardParts): HandsetModel {
  const { sectorBytes, stash } = source.plan
  const sectors = (bytes: number) => Math.ceil(bytes / sectorBytes)
  const stashed = stash.reduce((total, { start, end }) => total + end - start, 0)
  // Vectors name absolute addresses: firmware lies where it lies in its model.
  const isItsOwn = model.flash.sectorBytes === sectorBytes
  const counts: readonly [Region['name'], number][] = [
    ['protected', isItsOwn ? sectors(regionOf(model, 'executable').address) : 0],
    ['executable', sectors(Math.max(old.length, fresh.length, startBytes(model)))],
    ['journal', JOURNAL_SECTORS],
    ['stash', Math.max(STASH_SECTORS, sectors(stashed))],
    ['backup', BACKUP_SECTORS],
  ]
  let address = 0
  const regions = counts.map(([name, count]): Region => {
    const region = { name, address, bytes: count * sectorBytes }
    address += region.bytes
    return region
  })
  const pageBytes = Math.min(model.flash.pageBytes, sectorBytes)
  const { timing } = model.flash
  return { ...model, flash: { bytes: address, sectorBytes, pageBytes, timing }, regions }
}

function isBoardRegion(name: Region['name']): name is BoardRegion {
  return name === 'executable' || name === 'journal' || name === 'stash' || name === 'backup'
}
