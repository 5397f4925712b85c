import { concatBytes, equalBytes, toHex } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import type { OldImage } from '../../wire/delta/apply'
import { readDeltaFile } from '../../wire/delta/delta-file'
import type { DeltaHeader } from '../../wire/delta/header'
import {
  describedSoftware,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_OFFSET,
  modelMadeFor,
} from '../../wire/image/descriptor'
import type { Inquiry, UpdateInformation } from '../../wire/update/messages'
import type { Board } from '../board'
import { Journal } from '../boot/journal'
import type { JournalEntry } from '../boot/journal-entry'
import { readPieces } from '../boot/read-pieces'
import { checkFit } from '../boot/rewrite-fit'
import type { RewriteProgress } from '../boot/rewriter'
import type { Sha256 } from '../digest'
import type { FlashPort } from '../flash/flash-port'
import { flashWindow } from '../flash/flash-window'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf, type HandsetModel } from '../model/model'
import type { RamControl } from '../ram/ram-control'
import type { AgentHost, RewriteEnd, SecuredArea, TransferState } from './agent-host'
import type { UpdateDecoder } from './update-decoder'

export interface HandsetHostParts {
  readonly terminalId: string
  readonly model: HandsetModel
  readonly flash: FlashPort & Pick<NorFlash, 'revision'>
  readonly board: Board
  readonly ram: RamControl
  readonly sha256: Sha256
  readonly decoder: UpdateDecoder
  /** Software runs that has to be asked before RAM is taken from it. */
  readonly softwareRuns: () => boolean
  readonly enter: (state: TransferState | undefined) => void
  readonly rewrite: (
    file: Uint8Array,
    onProgress: (progress: RewriteProgress) => void,
  ) => Promise<RewriteEnd>
}

/** What the flash held when it was read last. */
interface Held {
  readonly revision: number
  readonly newest: JournalEntry | undefined
  readonly software: Inquiry['software']
}

/** A handset as its update agent sees it. */
export class HandsetHost implements AgentHost {
  readonly terminalId: string
  readonly #parts: HandsetHostParts
  readonly #region: FlashPort
  readonly #journal: Journal
  #known: Held | undefined

  constructor(parts: HandsetHostParts) {
    const { terminalId, model, flash } = parts
    this.terminalId = terminalId
    this.#parts = parts
    this.#region = flashWindow(flash, regionOf(model, 'executable'))
    this.#journal = new Journal(flashWindow(flash, regionOf(model, 'journal')))
  }

  inquiry(): Inquiry {
    const { model, ram } = this.#parts
    const { newest, software } = this.#held()
    return {
      terminalId: this.terminalId,
      model: model.name,
      software,
      neededFile: newest?.kind === 'rewrite' ? toHex(newest.sha256) : null,
      flash: {
        sectorBytes: model.flash.sectorBytes,
        regionBytes: this.#region.geometry.bytes,
        stashBytes: regionOf(model, 'stash').bytes,
      },
      ramBytes: ram.map.possibleBytes,
    }
  }

  enter(state: TransferState | undefined): void {
    this.#parts.enter(state)
  }

  async secure(bytes: number): Promise<SecuredArea> {
    const { ram, board, softwareRuns } = this.#parts
    const { address, bytes: size } = await ram.secure(bytes, softwareRuns())
    return {
      write(offset, piece) {
        if (offset + piece.length > size) throw outside(offset + piece.length, size)
        board.store(address + offset, piece)
      },
      first: length => board.load(address, length),
    }
  }

  release(): void {
    this.#parts.ram.release()
  }

  prove(file: Uint8Array, update: UpdateInformation): void {
    const { sha256, decoder } = this.#parts
    const newest = this.#journal.newest()
    const isBegun = newest?.kind === 'rewrite'
    if (isBegun && !equalBytes(sha256([file]), newest.sha256)) {
      const needed = toHex(newest.sha256)
      const message = `Only the file with SHA-256 ${needed} finishes the rewrite. Restore the handset by wire.`
      throw new CodedError('UPDATE_FILE_OTHER', message, { needed })
    }
    // Decoding takes the RAM that the header says: nothing is decoded before that is known.
    checkAnnounced(readDeltaFile(file, sha256).header, update)
    // What a rewrite was begun with was proved then; the old software is not there any more.
    if (isBegun) return
    const old = this.#oldImage(newest)
    decoder.prove(old, file)
    this.#checkFit(file, old)
  }

  rewrite(file: Uint8Array, onProgress: (progress: RewriteProgress) => void): Promise<RewriteEnd> {
    return this.#parts.rewrite(file, onProgress)
  }

  /** Reads it all once; protected code knows when the flash has changed since. */
  #held(): Held {
    const revision = this.#parts.flash.revision
    if (this.#known?.revision === revision) return this.#known
    const newest = this.#journal.newest()
    this.#known = { revision, newest, software: this.#software(newest) }
    return this.#known
  }

  /** Null while nothing that was verified is there, and where it does not say what it is. */
  #software(newest: JournalEntry | undefined): Inquiry['software'] {
    if (newest?.kind !== 'done') return null
    const { length: bytes } = newest
    const read = (at: number, length: number) => this.#region.read(at, length)
    const described = describedSoftware({ length: bytes, read })
    if (!described) return null
    const sha256 = toHex(this.#parts.sha256(readPieces(this.#region, bytes)))
    return { id: { name: described.name, version: described.version }, bytes, sha256 }
  }

  /** Refuses what this flash cannot be rewritten with, and software that is for another model. */
  #checkFit(file: Uint8Array, { read }: OldImage): void {
    const { model, flash, decoder } = this.#parts
    const source = decoder.open(file)
    const stash = flashWindow(flash, regionOf(model, 'stash'))
    const backup = flashWindow(flash, regionOf(model, 'backup'))
    checkFit(source.plan, { region: this.#region, stash, backup })
    const step = source.plan.steps.findIndex(({ sector }) => sector === 0)
    // Without a step the descriptor stays what it is.
    if (step < 0) return
    const madeFor = modelMadeFor(firstOf(source.pieces(step, read)), model.name)
    if (madeFor === undefined) return
    const message = `The update is for ${madeFor}, this handset is a ${model.name}. Tell the carrier.`
    throw new CodedError('UPDATE_FILE_UNFIT', message, { madeFor, model: model.name })
  }

  #oldImage(newest: JournalEntry | undefined): OldImage {
    const bytes = newest?.kind === 'done' ? newest.length : 0
    return { bytes, read: (at, into) => into.set(this.#region.read(at, into.length)) }
  }
}

function checkAnnounced(header: DeltaHeader, { target, workBytes }: UpdateInformation): void {
  const { newBytes, newDigest, ramBytes } = header
  if (newBytes !== target.bytes || toHex(newDigest) !== target.sha256) {
    const message = 'The file makes other software than was announced. Tell the carrier.'
    throw new CodedError('UPDATE_FILE_OTHER', message, { newBytes, announced: target.bytes })
  }
  if (ramBytes <= workBytes) return
  const message = `The file takes ${ramBytes} bytes of RAM, more RAM than the ${workBytes} that were announced. Tell the carrier.`
  throw new CodedError('UPDATE_FILE_OTHER', message, { ramBytes, announced: workBytes })
}

/** The first pieces, up to the end of the descriptor or more. */
function firstOf(pieces: Iterable<Uint8Array>): Uint8Array {
  const first: Uint8Array[] = []
  let bytes = 0
  for (const piece of pieces) {
    first.push(piece.slice())
    bytes += piece.length
    if (bytes >= DESCRIPTOR_OFFSET + DESCRIPTOR_BYTES) break
  }
  return concatBytes(first)
}

function outside(end: number, bytes: number): CodedError {
  const message = `A piece ends at byte ${end} of the secured area, which has ${bytes}.`
  return new CodedError('OUTSIDE_AREA', message, { end, bytes })
}
