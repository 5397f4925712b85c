import { damaged } from '../../wire/delta/delta-errors'
import type { ReadOld } from '../../wire/delta/predictor'
import type { OldRange, RewritePlan } from '../../wire/delta/rewrite-source'
import type { FlashPort } from '../flash/flash-port'
import type { BackupPlaces } from './backup-ring'
import type { RewriteWindows } from './rewrite-fit'

/** Old bytes that lie together somewhere. */
interface Piece {
  readonly flash: FlashPort
  readonly address: number
  readonly bytes: number
}

/** Reads bytes of the old image from where they are while it is overwritten. */
export class OldBytes {
  readonly #plan: RewritePlan
  readonly #places: RewriteWindows
  /** Step of each sector; 0: it has none, else the step and 1. */
  readonly #stepAndOne: Uint32Array

  constructor(plan: RewritePlan, places: RewriteWindows) {
    this.#plan = plan
    this.#places = places
    const { bytes, sectorBytes } = places.region.geometry
    this.#stepAndOne = new Uint32Array(bytes / sectorBytes)
    for (const [step, { sector }] of plan.steps.entries()) this.#stepAndOne[sector] = step + 1
  }

  /**
   * For the time of one step. What it gives throws `DELTA_DAMAGED` where bytes are asked for that
   * are gone.
   */
  during(step: number, backups: BackupPlaces): ReadOld {
    return (offset, into) => {
      for (let at = 0; at < into.length;) {
        const { flash, address, bytes } = this.#find(offset + at, step, backups)
        const count = Math.min(bytes, into.length - at)
        into.set(flash.read(address, count), at)
        at += count
      }
    }
  }

  #find(offset: number, step: number, { backup, backupBefore }: BackupPlaces): Piece {
    const { steps, sectorBytes, oldBytes } = this.#plan
    if (offset >= oldBytes) throw gone(offset, step)
    const sector = Math.floor(offset / sectorBytes)
    const writtenAt = (this.#stepAndOne[sector] ?? 0) - 1
    const end = Math.min(oldBytes, (sector + 1) * sectorBytes)
    const { region, stash, backup: ring } = this.#places
    if (writtenAt < 0 || writtenAt > step) {
      return { flash: region, address: offset, bytes: end - offset }
    }
    const found =
      writtenAt < step - 1
        ? this.#findStashed(offset, stash)
        : inBackup(offset, steps[writtenAt]?.backup, {
            flash: ring,
            address: writtenAt === step ? backup : backupBefore,
          })
    if (!found) throw gone(offset, step)
    return found
  }

  #findStashed(offset: number, stash: FlashPort): Piece | undefined {
    let packedAt = 0
    for (const { start, end } of this.#plan.stash) {
      if (offset >= start && offset < end) {
        return { flash: stash, address: packedAt + offset - start, bytes: end - offset }
      }
      packedAt += end - start
    }
    return undefined
  }
}

function inBackup(
  offset: number,
  range: OldRange | undefined,
  place: { readonly flash: FlashPort; readonly address: number | null },
): Piece | undefined {
  const { flash, address } = place
  if (!range || address === null || offset < range.start || offset >= range.end) return undefined
  return { flash, address: address + offset - range.start, bytes: range.end - offset }
}

function gone(offset: number, step: number) {
  const what = `needs byte ${offset} of the old image in step ${step}, when it is gone.`
  return damaged(what, { offset, step })
}
