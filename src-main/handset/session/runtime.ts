import { asciiBytes } from '../../base/bytes'
import { CodedError } from '../../base/coded-error'
import type { HandsetState, RestoreReason } from '../../contract/handsets'
import type { RewriteEnd, TransferState } from '../agents/agent-host'
import { decideBoot, type BootCause, type BootDecision } from '../boot/boot'
import type { Journal } from '../boot/journal'
import { judge } from '../boot/judgement'
import { RestoreMode } from '../boot/restore-mode'
import { Rewriter, type RewriteProgress, type RewriterParts } from '../boot/rewriter'
import type { CpuFault, CpuSocket, SliceOutcome } from '../cpu/cpu-port'
import {
  REQUEST_RESTORE_MODE,
  SCRATCH,
  STATUS,
  WATCHDOG_RESETS_MAX,
} from '../cpu/firmware-interface'
import { FlashFailure } from '../flash/flash-port'
import { BootFlash } from './boot-flash'
import { PendingRewrite } from './pending-rewrite'
import { RestoreSession } from './restore-session'
import { RewriteSession } from './rewrite-session'
import type { RuntimeParts } from './runtime-parts'
import { drawSession, percentOf, restingState, WAITING, type Session } from './runtime-session'
import { startSoftware } from './software-start'

/** Software that ran for so long is not caught in a row of watchdog resets. */
const HEALTHY_MS = 30_000
/** Software that was started on trial and has not said by then that it is sound never will. */
const TRIAL_MS_MAX = 60_000

export interface NewestFault extends CpuFault {
  /** Milliseconds since 1970. */
  readonly at: number
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
  /** Of an update under way; the software runs on meanwhile. */
  #transfer: TransferState | undefined
  #rewriting: PendingRewrite | undefined
  #boots: BootFlash

  constructor(parts: RuntimeParts) {
    this.#parts = parts
    this.#boots = new BootFlash(this.#parts)
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
    this.#boots = new BootFlash(this.#parts)
    this.#watchdogResets = 0
    this.#resetsInARow = 0
    this.#fault = undefined
    this.#boot({ by: 'power', keyHeld })
  }

  /** An operation of the flash that goes on is torn as far as it has come. */
  powerOff(): void {
    const { flash, ram, board } = this.#parts
    const session = this.#session
    const elapsed = session && session.kind !== 'software' ? session.run.flashElapsed : 0
    const slice = this.#slice
    this.#end()
    this.#rewriting = undefined
    // The host's clock can be set back.
    if (flash.powered) flash.interrupt(Math.max(0, elapsed))
    ram.reset()
    board.losePower()
    if (slice) this.#memoryFree = this.#emptyAfter(slice)
    this.#failedSelfTest = null
    this.#enter('off')
  }

  receive(bytes: Uint8Array): void {
    const session = this.#session
    // Protected code that rewrites the flash does not listen.
    if (session && session.kind !== 'rewrite') session.run.receive(bytes)
  }

  /** A pin or the secured area is not what it was. */
  inputsChanged(): void {
    if (this.#session?.kind === 'software') this.#session.run.inputsChanged()
  }

  /** Whoever was at the other end is gone; a transfer can be taken up again. */
  lineLost(): void {
    if (this.#session?.kind === 'restore') this.#enter(this.#restingState)
  }

  /** Shows how far a transfer is (U4 to U7); undefined ends it. */
  enterTransfer(state: TransferState | undefined): void {
    if (state === this.#transfer) return
    this.#transfer = state
    this.#enter(this.#restingState)
  }

  /**
   * Halts whatever runs, rewrites the executable region (U8) and judges it (U9). Rejects with a
   * CodedError where the rewriter refuses the source, having touched nothing. Where the power
   * fails nobody is told: what the RAM held is gone.
   */
  rewrite(
    order: Pick<RewriterParts, 'source' | 'file'>,
    onProgress: (progress: RewriteProgress) => void,
  ): Promise<RewriteEnd> {
    const { flash, clock, onChange } = this.#parts
    const cpuRests = this.#slice
    this.#end()
    const pending = new PendingRewrite()
    this.#rewriting = pending
    const run = new RewriteSession({
      begin: () => new Rewriter({ ...this.#boots.rewritten, ...order }).run(),
      flash,
      clock,
      stepsAtOnce: this.#parts.stepsAtOnce,
      cpuRests,
      onProgress: progress => {
        onProgress(progress)
        this.#showRewrite(progress)
        onChange()
      },
      onDone: () => this.#boot({ by: 'reset' }),
      onPowerCut: () => this.powerOff(),
      onFailure: error => this.#rewriteFailed(error),
    })
    this.#session = { kind: 'rewrite', run, progress: null }
    this.#enter('rewriting')
    return pending.end
  }

  /** The slice of the CPU that is being run; it may write into the memory until it ends. */
  get #slice(): Promise<void> | undefined {
    return this.#session?.kind === 'restore' ? undefined : this.#session?.run.slice
  }

  /** What the handset is in while nobody asks it for anything. */
  get #restingState(): HandsetState {
    return this.#transfer ?? restingState(this.#session)
  }

  /** A picture costs more than a page of flash: one for each percent is enough. */
  #showRewrite(progress: RewriteProgress): void {
    if (this.#session?.kind !== 'rewrite') return
    const before = percentOf(this.#session.progress)
    this.#session.progress = progress
    if (percentOf(progress) !== before) this.#draw()
  }

  #rewriteFailed(error: unknown): void {
    const isExpected = error instanceof FlashFailure || error instanceof CodedError
    if (!isExpected) {
      this.#fail(error)
      return
    }
    this.#parts.flash.settle()
    this.#boot({ by: 'reset' })
    if (error instanceof FlashFailure) this.#rewriting?.failed(error)
    else this.#rewriting?.refused(error)
    this.#rewriting = undefined
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
    const { board, ram, onTransferLost } = this.#parts
    ram.reset()
    if (!this.#rewriting) onTransferLost('The handset started anew, and its RAM was given away.')
    if (!this.#mark(journal => journal.confirm())) return
    const { journal, software: place } = this.#boots
    const decision = decideBoot(place, journal, cause)
    if (decision.kind !== 'restore-mode' && board.cpu) {
      this.#startSoftware(board.cpu, cause, decision.kind === 'trial')
      return
    }
    if (!this.#judgeUnstarted(decision)) return
    const { terminalId } = this.#parts
    const onState = (state: HandsetState) => this.#enterInRestore(state)
    const restoreMode = new RestoreMode({ ...place, journal, terminalId, onState })
    const why = decision.kind === 'restore-mode' ? decision : ({ reason: 'no-cpu' } as const)
    this.#enterRestoreMode(restoreMode, why.reason, 'flaw' in why ? why.flaw : undefined)
  }

  /** Ends the judgement of software that will not be started. False where the power fails over it. */
  #judgeUnstarted(decision: BootDecision): boolean {
    if (decision.kind === 'software') return true
    const isSound = decision.kind === 'trial'
    // Without a flaw the journal says so already.
    if (!isSound && (decision.reason !== 'judgement-failed' || !decision.flaw)) return true
    if (!this.#mark(journal => judge(journal, isSound))) return false
    this.#tellJudgement(decision.kind === 'trial' ? undefined : decision.flaw)
    return true
  }

  #tellJudgement(flaw: string | undefined): void {
    if (!this.#rewriting) this.#parts.onJudged(flaw === undefined)
    else if (flaw === undefined) this.#rewriting.updated()
    else this.#rewriting.unfit(flaw)
    this.#rewriting = undefined
  }

  /** False where the power fails over it. */
  #mark(write: (journal: Journal) => void): boolean {
    const isWritten = this.#boots.mark(write)
    if (!isWritten) this.powerOff()
    return isWritten
  }

  #startSoftware(cpu: CpuSocket, cause: BootCause, isTrial: boolean): void {
    const { clock } = this.#parts
    const run = startSoftware(this.#parts, {
      cpu,
      cause,
      imageBytes: this.#boots.journal.newest()?.length ?? 0,
      watchdogResets: this.#watchdogResets,
      memoryFree: this.#memoryFree,
      onSlice: outcome => this.#follow(outcome),
      onFailure: error => this.#fail(error),
    })
    const late = 'it did not say within a minute that it is sound'
    const trial = isTrial ? clock.after(TRIAL_MS_MAX, () => this.#endTrial(late)) : undefined
    this.#failedSelfTest = null
    this.#session = { kind: 'software', run, startedAt: clock.now(), trial }
    this.#enter(isTrial ? 'judging' : 'starting')
  }

  /**
   * Ends the judgement of what was rewritten: with what is wrong, or with nothing. False where the
   * software does not run on.
   */
  #endTrial(flaw?: string): boolean {
    const session = this.#session
    if (session?.kind !== 'software' || !session.trial) return true
    session.trial()
    session.trial = undefined
    if (!this.#mark(journal => judge(journal, flaw === undefined))) return false
    if (flaw !== undefined) this.#boot({ by: 'watchdog' })
    this.#tellJudgement(flaw)
    return flaw === undefined
  }

  #follow(outcome: SliceOutcome): void {
    const { board, clock, ram, send, onChange } = this.#parts
    if (outcome.sent.length > 0) send(outcome.sent)
    const newest = outcome.faults.at(-1)
    if (newest) this.#fault = { ...newest, at: clock.now() }
    const isNewPicture = board.follow(outcome.display)
    ram.stoppedTasksChanged()
    if (!this.#readStatus(outcome.scratch)) return
    if (outcome.stop) this.#restart(outcome)
    else if (newest || isNewPicture) onChange()
  }

  /**
   * Software is running when it says so itself, not when its first instruction is executed. False
   * where it does not run on.
   */
  #readStatus(scratch: readonly number[]): boolean {
    const status = scratch[SCRATCH.status]
    const failedSelfTest = scratch[SCRATCH.failedTest] ?? 0
    if (status === STATUS.selfTestFailed) {
      if (!this.#endTrial(`its self-test ${failedSelfTest} failed`)) return false
      this.#failedSelfTest = failedSelfTest
      this.#enter('self-test-failed')
    } else if (status === STATUS.runs) {
      if (!this.#endTrial()) return false
      this.#enter(this.#restingState)
    }
    return true
  }

  #restart({ stop, scratch }: SliceOutcome): void {
    if (!this.#endTrial('it was reset before it said that it is sound')) return
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
      onRequest: () => this.#requested(),
      onServed: () => this.#served(),
      onPowerCut: () => this.powerOff(),
      onFailure: error => this.#fail(error),
      onReset: resetRequested => this.#boot({ by: 'reset', resetRequested }),
    })
    const why = { reason, flaw: flaw ?? null, isOverwritten: false }
    this.#session = { kind: 'restore', run, restoreMode, ...why }
    this.#enter(this.#restingState)
    this.#draw()
    send(asciiBytes(`Kintsugi ${model.name} restore-mode ${terminalId}: ${reason}\r\n`))
  }

  #requested(): void {
    if (WAITING.includes(this.#state)) this.#enter('restore-linked')
  }

  #enterInRestore(state: HandsetState): void {
    if (state === 'restore-writing' && this.#session?.kind === 'restore') {
      this.#session.isOverwritten = true
      this.#transfer = undefined
      this.#parts.onTransferLost('A restore over the wire has begun.')
    }
    this.#enter(state)
  }

  #served(): void {
    this.#draw()
    this.#parts.onChange()
  }

  #draw(): void {
    const { board, terminalId } = this.#parts
    drawSession(board, this.#session, { state: this.#state, terminalId })
  }

  #fail(error: unknown): void {
    this.#parts.onDefect(error)
    this.powerOff()
  }

  #end(): void {
    if (this.#session?.kind === 'software') this.#session.trial?.()
    this.#session?.run.stop()
    this.#session = undefined
    this.#transfer = undefined
  }

  #enter(state: HandsetState): void {
    if (state === this.#state) return
    this.#state = state
    this.#draw()
    this.#parts.onState(state)
  }
}
