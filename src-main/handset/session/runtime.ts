import { asciiBytes } from '../../base/bytes'
import type { Clock } from '../../base/clock'
import type { HandsetState, RestoreReason } from '../../contract/handsets'
import type { Board } from '../board'
import { decideBoot, type BootCause } from '../boot/boot'
import { writeHandover } from '../boot/handover'
import { deviceKeyRange } from '../boot/identity'
import { Journal } from '../boot/journal'
import { RestoreMode } from '../boot/restore-mode'
import type { CpuFault, CpuSocket, SliceOutcome } from '../cpu/cpu-port'
import {
  BOOT_CAUSE,
  REQUEST_RESTORE_MODE,
  SCRATCH,
  STATUS,
  WATCHDOG_MILLISECONDS,
  WATCHDOG_RESETS_MAX,
} from '../cpu/firmware-interface'
import type { Sha256 } from '../digest'
import { drawRestoreScreen } from '../display/restore-screen'
import { PowerCut } from '../flash/flash-port'
import { flashWindow } from '../flash/flash-window'
import type { NorFlash } from '../flash/nor-flash'
import { regionOf, type HandsetModel } from '../model/model'
import type { RamControl } from '../ram/ram-control'
import type { SmpEncoding } from '../../wire/smp/encoding'
import { RestoreSession } from './restore-session'
import { SoftwareSession, type SoftwareInputs } from './software-session'

/** Software that ran for so long is not caught in a row of watchdog resets. */
const HEALTHY_MS = 30_000
const SCRATCH_WORDS = 8

export interface RuntimeParts {
  readonly model: HandsetModel
  readonly flash: NorFlash
  readonly board: Board
  readonly ram: RamControl
  readonly clock: Clock
  readonly sha256: Sha256
  readonly terminalId: string
  /** Of restore mode; software has its own. */
  readonly smpEncoding: SmpEncoding
  readonly send: (bytes: Uint8Array) => void
  readonly onState: (state: HandsetState) => void
  /** Something else that a view shows has changed. */
  readonly onChange: () => void
  /** The CPU failed by itself, which is a defect in Kintsugi. */
  readonly onDefect: (error: unknown) => void
}

export interface NewestFault extends CpuFault {
  /** Milliseconds since 1970. */
  readonly at: number
}

type Session =
  | { readonly kind: 'software'; readonly run: SoftwareSession; readonly startedAt: number }
  | {
      readonly kind: 'restore'
      readonly run: RestoreSession
      readonly restoreMode: RestoreMode
      readonly reason: RestoreReason
      readonly flaw: string | null
    }

/** What the power keeps alive: the boot code, and the software or restore mode that it begins. */
export class Runtime {
  readonly #parts: RuntimeParts
  #session: Session | undefined
  #state: HandsetState = 'off'
  /** Resolves when the slice during which the power went is over and the memory is empty. */
  #memoryFree: Promise<void> | undefined
  #watchdogResets = 0
  #resetsInARow = 0
  #fault: NewestFault | undefined
  #failedSelfTest: number | null = null

  constructor(parts: RuntimeParts) {
    this.#parts = parts
  }

  get reason(): RestoreReason | null {
    return this.#session?.kind === 'restore' ? this.#session.reason : null
  }

  /** What is wrong with the software, where that is the reason. */
  get flaw(): string | null {
    return this.#session?.kind === 'restore' ? this.#session.flaw : null
  }

  /** Since the power came. */
  get watchdogResets(): number {
    return this.#watchdogResets
  }

  get fault(): NewestFault | undefined {
    return this.#fault
  }

  get failedSelfTest(): number | null {
    return this.#failedSelfTest
  }

  powerOn(keyHeld: boolean): void {
    this.#parts.flash.powerUp()
    this.#watchdogResets = 0
    this.#resetsInARow = 0
    this.#fault = undefined
    this.#boot({ by: 'power', keyHeld })
  }

  /** An operation of the flash that goes on is torn as far as it has come. */
  powerOff(): void {
    const { flash, ram, board } = this.#parts
    const session = this.#session
    const elapsed = session?.kind === 'restore' ? session.run.flashElapsed : 0
    const slice = session?.kind === 'software' ? session.run.slice : undefined
    this.#end()
    // The host's clock can be set back.
    if (flash.powered) flash.interrupt(Math.max(0, elapsed))
    ram.reset()
    board.losePower()
    if (slice) this.#memoryFree = this.#emptyAfter(slice)
    this.#failedSelfTest = null
    this.#enter('off')
  }

  receive(bytes: Uint8Array): void {
    this.#session?.run.receive(bytes)
  }

  /** A pin or the secured area is not what it was. */
  inputsChanged(): void {
    if (this.#session?.kind === 'software') this.#session.run.inputsChanged()
  }

  /** Whoever was at the other end is gone; a transfer can be taken up again. */
  lineLost(): void {
    if (this.#session?.kind === 'restore') this.#enter('restore-wait')
  }

  /** No slice can be stopped within: what it writes after the power went was never written. */
  async #emptyAfter(slice: Promise<void>): Promise<void> {
    await slice
    this.#memoryFree = undefined
    this.#parts.board.losePower()
    this.#draw()
    this.#parts.onChange()
  }

  #boot(cause: BootCause): void {
    this.#end()
    const { model, sha256, flash, board, ram } = this.#parts
    ram.reset()
    const region = flashWindow(flash, regionOf(model, 'executable'))
    const journal = new Journal(flashWindow(flash, regionOf(model, 'journal')))
    if (!this.#confirm(journal)) return
    const place = { model, region, sha256 }
    const decision = decideBoot(place, journal, cause)
    if (decision.kind === 'software' && board.cpu) {
      this.#startSoftware(board.cpu, journal, cause)
      return
    }
    const { terminalId } = this.#parts
    const onState = (state: HandsetState) => this.#enter(state)
    const restoreMode = new RestoreMode({ ...place, journal, terminalId, onState })
    const why = decision.kind === 'software' ? ({ reason: 'no-cpu' } as const) : decision
    this.#enterRestoreMode(restoreMode, why.reason, 'flaw' in why ? why.flaw : undefined)
  }

  /** False where the power fails over it. */
  #confirm(journal: Journal): boolean {
    try {
      journal.confirm()
      this.#parts.flash.settle()
      return true
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      this.powerOff()
      return false
    }
  }

  #startSoftware(cpu: CpuSocket, journal: Journal, cause: BootCause): void {
    const { model, board, clock } = this.#parts
    const imageBytes = journal.newest()?.length ?? 0
    const { address } = regionOf(model, 'executable')
    const { windowAddress, vectorOffset } = model.execution
    const run = new SoftwareSession({
      cpu,
      clock,
      start: {
        vectorAddress: windowAddress + address + vectorOffset,
        scratch: Array.from({ length: SCRATCH_WORDS }, () => 0),
        watchdogMilliseconds: WATCHDOG_MILLISECONDS,
        hidden: [board.seenByCpu(deviceKeyRange(model))],
      },
      memoryFree: this.#memoryFree,
      onStart: () => this.#handOver(cause, imageBytes),
      inputs: () => this.#inputs(),
      onSlice: outcome => this.#follow(outcome),
      onFailure: error => this.#fail(error),
    })
    this.#failedSelfTest = null
    this.#session = { kind: 'software', run, startedAt: clock.now() }
    this.#enter('starting')
  }

  #handOver(cause: BootCause, imageBytes: number): void {
    const { board, clock, terminalId } = this.#parts
    const page = board.handoverPage
    if (!page) return
    writeHandover(page, {
      cause: BOOT_CAUSE[cause.by],
      watchdogResets: this.#watchdogResets,
      terminalId,
      imageBytes,
      startedAt: clock.now(),
    })
  }

  #inputs(): SoftwareInputs {
    const { board, ram, flash } = this.#parts
    board.tellLimits()
    const busy = flash.busyRange && board.seenByCpu(flash.busyRange)
    return { pins: board.pins, locked: ram.locked, busy }
  }

  #follow(outcome: SliceOutcome): void {
    const { board, clock, ram, send, onChange } = this.#parts
    if (outcome.sent.length > 0) send(outcome.sent)
    const newest = outcome.faults.at(-1)
    if (newest) this.#fault = { ...newest, at: clock.now() }
    const isNewPicture = board.follow(outcome.display)
    ram.stoppedTasksChanged()
    this.#readStatus(outcome.scratch)
    if (outcome.stop) this.#restart(outcome)
    else if (newest || isNewPicture) onChange()
  }

  /** Software is running when it says so itself, not when its first instruction is executed. */
  #readStatus(scratch: readonly number[]): void {
    const status = scratch[SCRATCH.status]
    if (status === STATUS.runs) this.#enter('normal')
    if (status !== STATUS.selfTestFailed) return
    this.#failedSelfTest = scratch[SCRATCH.failedTest] ?? 0
    this.#enter('self-test-failed')
  }

  #restart({ stop, scratch }: SliceOutcome): void {
    const resetRequested = scratch[SCRATCH.request] === REQUEST_RESTORE_MODE
    if (stop === 'watchdog') {
      const startedAt = this.#session?.kind === 'software' ? this.#session.startedAt : 0
      const wasHealthy = this.#parts.clock.now() - startedAt >= HEALTHY_MS
      this.#watchdogResets += 1
      this.#resetsInARow = wasHealthy ? 1 : this.#resetsInARow + 1
    }
    const isStuck = this.#resetsInARow >= WATCHDOG_RESETS_MAX
    this.#boot({ by: stop === 'watchdog' ? 'watchdog' : 'reset', resetRequested, isStuck })
  }

  #enterRestoreMode(restoreMode: RestoreMode, reason: RestoreReason, flaw?: string): void {
    const { flash, clock, send, model, terminalId, smpEncoding } = this.#parts
    const run = new RestoreSession({
      encoding: smpEncoding,
      restoreMode,
      flash,
      clock,
      send,
      ...model.restore.smp,
      onRequest: () => this.#state === 'restore-wait' && this.#enter('restore-linked'),
      onServed: () => this.#served(),
      onPowerCut: () => this.powerOff(),
      onFailure: error => this.#fail(error),
      onReset: resetRequested => this.#boot({ by: 'reset', resetRequested }),
    })
    this.#session = { kind: 'restore', run, restoreMode, reason, flaw: flaw ?? null }
    this.#enter('restore-wait')
    this.#draw()
    send(asciiBytes(`Kintsugi ${model.name} restore-mode ${terminalId}: ${reason}\r\n`))
  }

  #served(): void {
    this.#draw()
    this.#parts.onChange()
  }

  #draw(): void {
    const { board, terminalId } = this.#parts
    const session = this.#session
    if (session?.kind !== 'restore') return
    const { restoreMode, reason } = session
    const screen = { state: this.#state, reason, terminalId, progress: restoreMode.progress }
    board.draw(picture => drawRestoreScreen(picture, screen))
  }

  #fail(error: unknown): void {
    this.#parts.onDefect(error)
    this.powerOff()
  }

  #end(): void {
    this.#session?.run.stop()
    this.#session = undefined
  }

  #enter(state: HandsetState): void {
    if (state === this.#state) return
    this.#state = state
    this.#draw()
    this.#parts.onState(state)
  }
}
