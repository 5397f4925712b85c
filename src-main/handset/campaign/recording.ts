import { invariant } from '../../base/assert'
import { decodeJournalEntry, type JournalEntry } from '../boot/journal-entry'
import type { NorFlash } from '../flash/nor-flash'
import { WORD_BYTES } from '../flash/torn'
import type { Board } from './board'
import { ProtectedCode } from './protected-code'
import type { CutTarget } from './points'
import { type FlashOperation, perform, watchedFlash } from './watched-flash'

/** The flash right after an entry of the journal was written. */
export interface Border {
  /** Operations so far. */
  readonly operations: number
  readonly entry: JournalEntry
  readonly flash: NorFlash
}

/** Flashes that are kept, of so many steps and the few entries beside them: others are made from them. */
const BORDERS_MAX = 512

/**
 * A rewrite that nothing disturbs, with its judgement. Since the code is deterministic, what the flash holds when the
 * power fails at one of its operations needs no rewriter to be found: a copy from the border
 * before, and the operations that follow.
 */
export class Recording {
  readonly board: Board
  readonly operations: readonly FlashOperation[]
  readonly targets: readonly CutTarget[]
  /** In their order; the first is the flash before the rewrite, with the entry that it began with. */
  readonly #borders: readonly Border[]
  readonly #borderOf: ReadonlyMap<string, Border>

  /** Throws what the rewriter throws where it refuses the file. */
  constructor(board: Board) {
    this.board = board
    const flash = board.chip()
    const { operations, milliseconds, borders } = record(board, flash)
    this.operations = operations
    this.targets = targetsOf(board, operations, milliseconds)
    this.#borders = borders
    this.#borderOf = new Map(this.#borders.map(border => [borderKey(border.entry), border]))
  }

  /** The flash before an operation, counted from 1, with the power on and no fault planned. */
  flashBefore(operation: number): NorFlash {
    const done = operation - 1
    invariant(operation >= 1 && done < this.operations.length, 'the operation was recorded')
    const border = this.#borders.findLast(({ operations }) => operations <= done)
    invariant(border, 'the first border stands before everything')
    const flash = border.flash.clone()
    for (const each of this.operations.slice(border.operations, done)) perform(flash, each)
    flash.settle()
    return flash
  }

  /** Where the undisturbed rewrite wrote the same entry; undefined where none was kept. */
  borderWith(entry: JournalEntry): Border | undefined {
    return this.#borderOf.get(borderKey(entry))
  }
}

/** What an entry says, but for where its backups are and how many came before it. */
function borderKey(entry: JournalEntry): string {
  return entry.kind === 'rewrite' ? `${entry.kind} ${entry.step}` : entry.kind
}

/** A handset that was switched on before has nothing left to confirm. */
function record(board: Board, flash: NorFlash) {
  new ProtectedCode(board, flash).boot()
  flash.settle()
  flash.interrupt(0)
  flash.powerUp()
  const operations: FlashOperation[] = []
  const milliseconds: number[] = []
  const first = board.windows(flash).journal.newest()
  invariant(first, 'the old software was verified')
  const borders: Border[] = [{ operations: 0, entry: first, flash: flash.clone() }]
  const stride = Math.ceil(board.parts.source.plan.steps.length / BORDERS_MAX)
  let busy = flash.busyMilliseconds
  const watched = watchedFlash(flash, {
    after(operation) {
      operations.push(operation)
      milliseconds.push(flash.busyMilliseconds - busy)
      busy = flash.busyMilliseconds
      flash.settle()
      const entry = entryWritten(board, operation)
      if (!entry || (entry.kind === 'rewrite' && entry.step % stride !== 0)) return
      borders.push({ operations: operations.length, entry, flash: flash.clone() })
    },
  })
  const code = new ProtectedCode(board, watched)
  invariant(code.boot().kind === 'software', 'the old software runs')
  for (const _ of code.rewrite());
  invariant(code.judge(), 'an undisturbed rewrite makes the new software')
  return { operations, milliseconds, borders }
}

/**
 * The entry of the journal that an operation writes; undefined for anything else, and for one that
 * nothing relies on yet.
 */
export function entryWritten(
  board: Board,
  { kind, address, bytes }: FlashOperation,
): JournalEntry | undefined {
  if (kind === 'erase' || board.regionAt(address) !== 'journal') return undefined
  const entry = decodeJournalEntry(bytes)
  return entry?.opens === false ? entry : undefined
}

function targetsOf(
  board: Board,
  operations: readonly FlashOperation[],
  milliseconds: readonly number[],
): CutTarget[] {
  const { sectorBytes } = board.model.flash
  const sectorAt = (index: number) => {
    const { address } = operations[index] ?? { address: -1 }
    return Math.floor(address / sectorBytes)
  }
  return operations.map(({ kind, address, bytes }, index) => ({
    kind,
    milliseconds: milliseconds[index] ?? 0,
    words: Math.ceil(bytes.length / WORD_BYTES),
    isMark: kind === 'program' && board.regionAt(address) === 'journal',
    isEdge: sectorAt(index) !== sectorAt(index - 1) || sectorAt(index) !== sectorAt(index + 1),
  }))
}
