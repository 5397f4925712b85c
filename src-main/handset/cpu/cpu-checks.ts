import { CodedError } from '../../base/coded-error'
import type { AddressRange, CpuBoard, CpuMemory, CpuStart, SliceOrder } from './cpu-port'

const SCRATCH_WORDS = 8
/** The watchdog counts to 2^24 in half microseconds. */
export const WATCHDOG_MS_MAX = 8388
const RECEIVED_BYTES_MAX = 1024 * 1024
const NANOSECONDS_MAX = 2 ** 53 - 1
const WORD_MAX = 2 ** 32 - 1
const CELL_BYTES = 4
const BLOCK_BYTES = 1024
const BYTES_PER_PIXEL = 2
const HERTZ_MAX = 1_000_000_000

/** Throws a CodedError `BAD_CPU_ORDER` unless memory and board fit each other. */
export function checkBoard(memory: CpuMemory, board: CpuBoard): void {
  const { flash, ram, pixels, execution, ramWrites } = memory
  demand(isWithin(board.hertz, 1, HERTZ_MAX), 'hertz', 'a whole number up to 10^9')
  demand(isAddress(board.windowAddress, flash), 'windowAddress', 'an address that is aligned')
  demand(isAddress(board.ramAddress, ram), 'ramAddress', 'an address that is aligned')
  const cells = Math.ceil(flash.length / CELL_BYTES)
  demand(execution.length >= cells, 'execution', `a map of ${cells} bytes`)
  const blocks = Math.ceil(ram.length / BLOCK_BYTES)
  demand(ramWrites.length >= blocks, 'ramWrites', `${blocks} counts`)
  const { display } = board
  const picture = display ? display.width * display.height * BYTES_PER_PIXEL : 0
  demand(pixels.length >= picture, 'pixels', `${picture} bytes`)
}

/** Throws a CodedError `BAD_CPU_ORDER`. */
export function checkStart(start: CpuStart): void {
  demand(isWithin(start.vectorAddress, 0, WORD_MAX), 'vectorAddress', 'an address of 32 bits')
  const areWords = start.scratch.every(word => isWithin(word, 0, WORD_MAX))
  demand(areWords && start.scratch.length <= SCRATCH_WORDS, 'scratch', 'at most eight words')
  const isTime = isWithin(start.watchdogMilliseconds, 1, WATCHDOG_MS_MAX)
  demand(isTime, 'watchdogMilliseconds', `1 to ${WATCHDOG_MS_MAX}, as its 24 bits count`)
  demand(start.hidden.every(isRange), 'hidden', 'ranges of addresses')
}

/** Throws a CodedError `BAD_CPU_ORDER`. */
export function checkOrder(order: SliceOrder): void {
  const { nanoseconds, received, pins, locked, busy } = order
  const isTime = nanoseconds >= 0 && nanoseconds <= NANOSECONDS_MAX
  demand(isTime, 'nanoseconds', 'a time that is not negative')
  demand(received.length <= RECEIVED_BYTES_MAX, 'received', 'at most 1 MiB at once')
  demand(Number.isInteger(pins), 'pins', 'one bit a pin')
  demand(!locked || isRange(locked), 'locked', 'a range of addresses')
  demand(!busy || isRange(busy), 'busy', 'a range of addresses')
}

function demand(isRight: boolean, field: string, wanted: string): void {
  if (isRight) return
  const message = `The CPU cannot be given this ${field}: it takes ${wanted}.`
  throw new CodedError('BAD_CPU_ORDER', message, { field })
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function isAddress(address: number, memory: Uint8Array): boolean {
  return isWithin(address, 0, WORD_MAX - memory.length) && address % BLOCK_BYTES === 0
}

function isRange({ address, bytes }: AddressRange): boolean {
  return isWithin(address, 0, WORD_MAX) && isWithin(bytes, 0, WORD_MAX + 1)
}
