import { equalBytes } from '../../base/bytes'
import type { RestoreReason } from '../../contract/handsets'
import { decideBoot } from '../boot/boot'
import { judge } from '../boot/judgement'
import { readPieces } from '../boot/read-pieces'
import { Rewriter } from '../boot/rewriter'
import { Upload } from '../boot/upload'
import type { FlashPort } from '../flash/flash-port'
import type { Board, BoardWindows } from './board'

export type BootAnswer =
  /** Starts the software, which was verified; `judge`: for the first time after a rewrite. */
  | { readonly kind: 'software' }
  | { readonly kind: 'judge' }
  | { readonly kind: 'needs-file' }
  | { readonly kind: 'restore'; readonly reason: RestoreReason }

const UPLOAD_BYTES = 4096

/**
 * Boot code, rewriter and restore mode of a handset, from one power-on to the next. The software
 * that they start always passes its self-test.
 */
export class ProtectedCode {
  readonly #board: Board
  readonly #windows: BoardWindows

  /** `flash` is the port through which they see a flash of this board that is switched on. */
  constructor(board: Board, flash: FlashPort) {
    this.#board = board
    this.#windows = board.windows(flash)
  }

  boot(): BootAnswer {
    const { place, journal } = this.#windows
    journal.confirm()
    const decision = decideBoot(place, journal, { by: 'power' })
    if (decision.kind === 'software') return decision
    if (decision.kind === 'trial') return { kind: 'judge' }
    const { reason } = decision
    if (reason === 'needs-file') return { kind: reason }
    return this.#answerForeign() ?? { kind: 'restore', reason }
  }

  /** Applies the file of the board, from the start or from where the journal says. */
  rewrite(): Generator<unknown, void> {
    const { place, journal, stash, backup } = this.#windows
    const { source, file } = this.#board.parts
    const { region, sha256 } = place
    return new Rewriter({ region, journal, stash, backup, source, file, sha256 }).run()
  }

  /** Judges what a rewrite has made, as the boot code and the self-test do; whether it is good. */
  judge(): boolean {
    const { place, journal } = this.#windows
    const decision = decideBoot(place, journal, { by: 'power' })
    const isGood = decision.kind === 'trial' || this.#answerForeign()?.kind === 'judge'
    judge(journal, isGood)
    return isGood && journal.newest()?.kind === 'done'
  }

  /** Takes the whole new image over the wire; whether it was verified. */
  restore(): boolean {
    const { fresh } = this.#board.parts
    const { place, journal } = this.#windows
    const { region, sha256 } = place
    const upload = new Upload({ region, journal, sha256, onVerify: () => undefined })
    upload.begin({ length: fresh.length, sha256: sha256([fresh]) })
    for (let at = 0; at < fresh.length && upload.outcome === 'more'; at += UPLOAD_BYTES) {
      upload.take(fresh.subarray(at, at + UPLOAD_BYTES))
    }
    return upload.outcome === 'verified'
  }

  /**
   * The boot code starts no image of other people, whose first bytes tell it nothing (decision
   * 0003): of those the journal and the digest are judged, and nothing else.
   */
  #answerForeign(): BootAnswer | undefined {
    const { place, journal } = this.#windows
    const newest = journal.newest()
    if (this.#board.isFirmware || (newest?.kind !== 'done' && newest?.kind !== 'rewritten')) return
    const found = place.sha256(readPieces(place.region, newest.length))
    if (!equalBytes(found, newest.sha256)) return undefined
    return { kind: newest.kind === 'done' ? 'software' : 'judge' }
  }
}
