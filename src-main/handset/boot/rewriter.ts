import { equalBytes, toHex } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import { damaged } from '../../wire/delta/delta-errors'
import type { RewriteSource, RewriteStep } from '../../wire/delta/rewrite-source'
import type { Sha256 } from '../digest'
import { BackupRing } from './backup-ring'
import type { Journal } from './journal'
import type { JournalEntry, RewriteMark } from './journal-entry'
import { OldBytes } from './old-bytes'
import { PageWriter, pagesOf } from './page-writer'
import { checkFit, unfit, type RewriteWindows } from './rewrite-fit'

export interface RewriterParts extends RewriteWindows {
  readonly journal: Journal
  /** Of a file that is whole and was proved to give the new image (decision 0009). */
  readonly source: RewriteSource
  readonly file: { readonly bytes: number; readonly sha256: Uint8Array }
  readonly sha256: Sha256
}

/** New bytes that are in flash, of all that the steps write. */
export interface RewriteProgress {
  readonly doneBytes: number
  readonly totalBytes: number
}

const NO_BACKUPS = { backup: null, backupBefore: null }

/**
 * Rewrites the executable region in place, step by step, so that after a power cut at any moment
 * the same file finishes it (decision 0009). Beside its tables – a number for each sector – it
 * keeps one page in RAM.
 */
export class Rewriter {
  readonly #parts: RewriterParts
  readonly #writer: PageWriter
  readonly #totalBytes: number
  #doneBytes = 0

  constructor(parts: RewriterParts) {
    this.#parts = parts
    this.#totalBytes = parts.source.plan.steps.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#writer = new PageWriter(parts.region.geometry.pageBytes)
  }

  /**
   * Begins or goes on, and yields after every few operations of the flash, so that whoever runs it
   * can wait for the time they take. At its end the journal says `rewritten`: the next start judges.
   *
   * Throws a CodedError before anything is touched: `UPDATE_FILE_OTHER` where another file was
   * begun with, `UPDATE_FILE_UNFIT` where it cannot be for this flash. Throws PowerCut and
   * FlashFailure; what was begun stays marked as such.
   */
  *run(): Generator<RewriteProgress, void> {
    const { source, journal } = this.#parts
    const { plan } = source
    checkFit(plan, this.#parts)
    const newest = journal.newest()
    const begun = newest?.kind === 'rewrite' ? newest : undefined
    if (begun) this.#checkBegun(begun)
    else yield* this.#begin(newest)
    const ring = new BackupRing(this.#parts.backup, this.#writer, begun ?? NO_BACKUPS)
    const old = new OldBytes(plan, this.#parts)
    const first = begun?.step ?? 0
    for (const { bytes } of plan.steps.slice(0, first)) this.#doneBytes += bytes
    for (const [index, step] of plan.steps.slice(first).entries()) {
      const number = first + index
      const isTaken = begun !== undefined && index === 0
      if (!isTaken) yield* this.#follow(ring.take(this.#parts.region, step.backup))
      this.#mark(number, ring)
      yield this.#progress
      yield* this.#write(step, source.pieces(number, old.during(number, ring.places)))
    }
    journal.append({ kind: 'rewritten', length: plan.newBytes, sha256: plan.newDigest })
    yield this.#progress
  }

  get #progress(): RewriteProgress {
    return { doneBytes: this.#doneBytes, totalBytes: this.#totalBytes }
  }

  #checkBegun({ sha256, length, step, backup, backupBefore }: RewriteMark): void {
    const { file, source, backup: ring } = this.#parts
    if (file.bytes !== length || !equalBytes(file.sha256, sha256)) {
      const needed = toHex(sha256)
      const message = `Only the file of ${length} bytes with SHA-256 ${needed} finishes the rewrite. Fetch that one, or restore the handset by wire.`
      throw new CodedError('UPDATE_FILE_OTHER', message, { needed, bytes: length })
    }
    const isInside = (address: number | null) => (address ?? 0) < ring.geometry.bytes
    if (step < source.plan.steps.length && isInside(backup) && isInside(backupBefore)) return
    throw unfit(`The journal says that step ${step} is next.`, { step })
  }

  /**
   * Only software that was verified is overwritten, and only the software the file is made from.
   * Its mark is written anew before anything else changes: a mark of an earlier attempt may lie in
   * the journal that cannot be read today and can be tomorrow.
   */
  *#begin(newest: JournalEntry | undefined): Generator<RewriteProgress, void> {
    const { region, sha256, source, journal } = this.#parts
    if (newest?.kind !== 'done') {
      const kind = newest?.kind ?? null
      throw unfit('What it holds is not verified: restore it by wire.', { journal: kind })
    }
    const { oldBytes, oldDigest } = source.plan
    if (oldBytes > newest.length) {
      const why = `It needs ${oldBytes} bytes of the old software, and ${newest.length} are verified.`
      throw unfit(why, { oldBytes, verified: newest.length })
    }
    const old = pagesOf(region, { start: 0, end: oldBytes }, region.geometry.sectorBytes)
    if (oldBytes > 0 && !equalBytes(sha256(old), oldDigest)) {
      throw unfit('It was made from other software than the handset holds.', { oldBytes })
    }
    journal.append(newest)
    yield this.#progress
    yield* this.#fillStash()
  }

  /** Puts aside what steps need long after it was overwritten. */
  *#fillStash(): Generator<RewriteProgress, void> {
    const { region, stash, source } = this.#parts
    const { sectorBytes, pageBytes } = stash.geometry
    const ranges = source.plan.stash
    const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
    for (let address = 0; address < bytes; address += sectorBytes) {
      stash.erase(address)
      yield this.#progress
    }
    const pages = function* () {
      for (const range of ranges) yield* pagesOf(region, range, pageBytes)
    }
    yield* this.#follow(this.#writer.write(stash, 0, pages()))
  }

  #mark(step: number, { places }: BackupRing): void {
    const { journal, file } = this.#parts
    const { bytes: length, sha256 } = file
    journal.append({ kind: 'rewrite', length, sha256, step, ...places })
  }

  *#write(
    { sector, bytes }: RewriteStep,
    pieces: Iterable<Uint8Array>,
  ): Generator<RewriteProgress, void> {
    const { region } = this.#parts
    const address = sector * region.geometry.sectorBytes
    region.erase(address)
    yield this.#progress
    const end = this.#doneBytes + bytes
    for (const count of this.#writer.write(region, address, exactly(bytes, pieces))) {
      this.#doneBytes += count
      yield this.#progress
    }
    if (this.#doneBytes !== end)
      throw damaged(`has too few bytes for sector ${sector}.`, { sector })
  }

  *#follow(operations: Iterable<unknown>): Generator<RewriteProgress, void> {
    for (const _ of operations) yield this.#progress
  }
}

/** Throws `DELTA_DAMAGED` rather than write behind the end of a step. */
function* exactly(bytes: number, pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let left = bytes
  for (const piece of pieces) {
    left -= piece.length
    if (left < 0) throw damaged('has too many bytes for a sector.')
    yield piece
  }
}
