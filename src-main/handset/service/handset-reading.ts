import { toHex } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import {
  EXECUTED_CODE,
  EXECUTED_DATA,
  EXECUTION_CELL_BYTES,
  RAM_BLOCK_BYTES,
} from '../cpu/cpu-port'
import type { Handset } from '../handset'
import { regionOf } from '../model/model'
import { nodeSha256 } from './node-sha256'

/** Bytes of the flash that one character of the execution map stands for. */
const MAP_CELL_BYTES = 64
const MARKS = ['.', 'x', 'r', 'b'] as const

export interface MemoryPiece {
  readonly address: number
  readonly length: number
}

/** Bytes of the flash, as a programmer on the bench would read them. Throws `BAD_ADDRESS`. */
export function readFlash({ flash }: Handset, piece: MemoryPiece) {
  checkPiece(piece, flash.geometry.bytes, 'flash')
  return described(flash.peek(piece.address, piece.length))
}

/** Bytes of the RAM, counted from its start; all 0 while the power is off. Throws `BAD_ADDRESS`. */
export function readRam({ board }: Handset, piece: MemoryPiece) {
  const { ram } = board.memory
  checkPiece(piece, ram.length, 'RAM')
  return described(ram.slice(piece.address, piece.address + piece.length))
}

export function readFlashHealth({ flash }: Handset) {
  const { bytes, sectorBytes } = flash.geometry
  const sectors = Array.from({ length: bytes / sectorBytes }, (_, sector) => sector)
  return {
    erases: sectors.map(sector => flash.wear(sector)),
    weakCells: sectors.map(sector => flash.weakCells(sector)),
  }
}

export function readRamActivity({ board }: Handset) {
  return { blockBytes: RAM_BLOCK_BYTES, stores: [...board.memory.ramWrites] }
}

/** What of the software was executed or read since the power came. */
export function readExecution(handset: Handset) {
  const { address, bytes } = regionOf(handset.model, 'executable')
  const softwareBytes = Math.min(handset.view().software?.bytes ?? 0, bytes)
  const first = address / EXECUTION_CELL_BYTES
  const last = Math.ceil((address + softwareBytes) / EXECUTION_CELL_BYTES)
  const map = handset.board.memory.execution.slice(first, last)
  const perCell = MAP_CELL_BYTES / EXECUTION_CELL_BYTES
  const cells = Array.from({ length: Math.ceil(map.length / perCell) }, (_, cell) => {
    const marks = map.subarray(cell * perCell, (cell + 1) * perCell)
    return MARKS[marks.reduce((all, mark) => all | mark, 0)] ?? 'b'
  })
  const countOf = (bit: number) => map.filter(mark => (mark & bit) !== 0).length
  return {
    cellBytes: MAP_CELL_BYTES,
    cells: cells.join(''),
    executedBytes: countOf(EXECUTED_CODE) * EXECUTION_CELL_BYTES,
    readBytes: countOf(EXECUTED_DATA) * EXECUTION_CELL_BYTES,
    softwareBytes,
  }
}

export function readScreen({ model, board }: Handset) {
  const { width, height } = model.display ?? { width: 0, height: 0 }
  const pixels = Buffer.from(board.memory.pixels).toString('base64')
  return { width, height, on: board.displayOn, revision: board.displayRevision, pixels }
}

/** What the handset sent from a position on; at most the newest 64 KiB. */
export function readOutput({ output }: Handset, from: number) {
  const kept = output.since(from)
  const bytes = Buffer.from(kept.bytes).toString('base64')
  return { from: kept.from, next: output.next, bytes }
}

function checkPiece({ address, length }: MemoryPiece, bytes: number, memory: string): void {
  if (address + length <= bytes) return
  const message = `The ${memory} ends at ${bytes}; asked for ${length} bytes at ${address}.`
  throw new CodedError('BAD_ADDRESS', message, { address, length })
}

function described(bytes: Uint8Array) {
  return { hex: toHex(bytes), sha256: toHex(nodeSha256([bytes])) }
}
