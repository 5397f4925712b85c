import type { Clock } from '../../base/clock'
import type { Board } from '../board'
import type { BootCause } from '../boot/boot'
import { writeHandover } from '../boot/handover'
import { deviceKeyRange } from '../boot/identity'
import type { CpuSocket, SliceOutcome } from '../cpu/cpu-port'
import { BOOT_CAUSE, WATCHDOG_MILLISECONDS } from '../cpu/firmware-interface'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf, type HandsetModel } from '../model/model'
import type { RamControl } from '../ram/ram-control'
import { SoftwareSession } from './software-session'

const SCRATCH_WORDS = 8
/** About what a chip of this clock takes to wake up and to hash the software that it is to run. */
const BOOT_MS = 50

export interface SoftwarePlaceParts {
  readonly model: HandsetModel
  readonly flash: NorFlash
  readonly board: Board
  readonly ram: RamControl
  readonly clock: Clock
  readonly terminalId: string
}

export interface SoftwareStart {
  readonly cpu: CpuSocket
  readonly cause: BootCause
  /** Bytes of the image that the journal vouches for. */
  readonly imageBytes: number
  readonly watchdogResets: number
  /** Until then somebody else's slice may still write into the memory; undefined: nobody's does. */
  readonly memoryFree: Promise<void> | undefined
  readonly onSlice: (outcome: SliceOutcome) => void
  readonly onFailure: (error: unknown) => void
}

/** Has the CPU begin with what the executable region holds, as the boot code hands over to it. */
export function startSoftware(parts: SoftwarePlaceParts, start: SoftwareStart): SoftwareSession {
  const { model, flash, board, ram, clock } = parts
  const { address } = regionOf(model, 'executable')
  const { windowAddress, vectorOffset } = model.execution
  const { cpu, memoryFree, onSlice, onFailure } = start
  return new SoftwareSession({
    cpu,
    clock,
    bootMs: BOOT_MS,
    start: {
      vectorAddress: windowAddress + address + vectorOffset,
      scratch: Array.from({ length: SCRATCH_WORDS }, () => 0),
      watchdogMilliseconds: WATCHDOG_MILLISECONDS,
      hidden: [board.seenByCpu(deviceKeyRange(model))],
    },
    memoryFree,
    onStart: () => handOver(parts, start),
    inputs() {
      board.tellLimits()
      const busy = flash.busyRange && board.seenByCpu(flash.busyRange)
      return { pins: board.pins, locked: ram.locked, busy }
    },
    onSlice,
    onFailure,
  })
}

function handOver({ board, clock, terminalId }: SoftwarePlaceParts, start: SoftwareStart): void {
  const page = board.handoverPage
  if (!page) return
  const { cause, imageBytes, watchdogResets } = start
  writeHandover(page, {
    cause: BOOT_CAUSE[cause.by],
    watchdogResets,
    terminalId,
    imageBytes,
    startedAt: clock.now(),
  })
}
