import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import { addSample, rateOf, type Sample } from '../../base/rate'
import type { HandsetUpdate, UpdateOutcome } from '../../contract/handsets'
import type { Sha256 } from '../digest'
import { RadioLost } from '../radio/radio'
import { StopSignal } from '../radio/stop-signal'
import type { UpdateClient } from '../radio/update-client'
import type { RewriteProgress } from '../boot/rewriter'
import type { Trust } from '../trust/trust'
import type { AgentHost } from './agent-host'
import { GuardedHost } from './guarded-host'
import { UpdateRun, type UpdateEnd } from './update-run'

export interface UpdateAgentParts {
  readonly host: AgentHost
  readonly client: UpdateClient
  readonly clock: Clock
  readonly sha256: Sha256
  /** Whom the handset believes; without it, the carrier alone. */
  readonly trust?: Pick<Trust, 'prove'> | undefined
  readonly onChange: () => void
  /** Hears of what only a defect of ours can be. */
  readonly onDefect: (error: unknown) => void
}

interface Running {
  readonly stop: StopSignal
  readonly run: UpdateRun
  samples: readonly Sample[]
  rewrites: boolean
  /** How it ended, while the server is told. */
  decided: UpdateEnd | undefined
}

/** The part of the protected code that updates the handset over the radio, one update at a time. */
export class UpdateAgent {
  readonly #parts: UpdateAgentParts
  #view: HandsetUpdate | null = null
  #running: Running | undefined
  /** Ends the inquiry that tells the server of a judgement. */
  #telling: StopSignal | undefined

  constructor(parts: UpdateAgentParts) {
    this.#parts = parts
  }

  /** The newest update; null before the first. */
  get view(): HandsetUpdate | null {
    return this.#view
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Begins at once and goes on by itself; {@link view} says what comes of it. */
  start(): void {
    const { client, clock, sha256, trust } = this.#parts
    const stop = new StopSignal()
    const host = new GuardedHost(this.#parts.host, stop)
    const run = new UpdateRun({
      host,
      client,
      clock,
      sha256,
      stop,
      prove: async (update, inquiry) => trust?.prove(update, inquiry, stop),
      onAnnounced: announced => this.#show(announced),
      onProgress: progress => this.#running === running && this.#progress(running, progress),
      onRewrite: () => void (running.rewrites = true),
      onDecided: end => void (running.decided = end),
    })
    const running: Running = { stop, run, samples: [], rewrites: false, decided: undefined }
    this.#running = running
    this.#view = begun(clock.now())
    this.#parts.onChange()
    void this.#finish(running)
  }

  /**
   * Ends an update, with the area and the limits given back; does nothing where none goes on.
   * Throws a CodedError `UPDATE_RUNNING` from the first erase on.
   */
  cancel(): void {
    if (this.#running?.rewrites === true) {
      const message = 'The rewrite has begun; it cannot be taken back. Wait for its end.'
      throw new CodedError('UPDATE_RUNNING', message)
    }
    if (!this.#running) return
    this.interrupt('cancelled', 'Cancelled.')
    this.#parts.host.enter(undefined)
  }

  /** What the agent lives in goes another way: the update ends as it stands. */
  interrupt(outcome: UpdateOutcome, message: string): void {
    this.#telling?.stop(new Error(message))
    const running = this.#running
    if (!running) return
    if (running.run.holdsRam) this.#parts.host.release()
    this.#end(running.decided ?? { outcome, message })
    running.stop.stop(new Error(message))
  }

  /**
   * What a rewrite left behind before the power failed is judged now. Which update it was is lost
   * with the RAM, so the server hears of the new software by an inquiry whose answer is not used.
   */
  async judged(isSound: boolean): Promise<void> {
    const { client, host } = this.#parts
    if (this.#view?.outcome === 'rewrite-failed') {
      this.#show({ outcome: isSound ? 'updated' : 'judgement-failed', message: null })
    }
    if (!isSound) return
    const stop = new StopSignal()
    this.#telling = stop
    try {
      await client.inquire(host.inquiry(), stop)
    } catch (error) {
      const isExpected = error instanceof RadioLost || error instanceof CodedError
      if (!isExpected && error !== stop.reason) this.#parts.onDefect(error)
    }
  }

  /** Whether an area of the RAM is the update's, or about to be. */
  get holdsRam(): boolean {
    return this.#running?.run.holdsRam === true
  }

  /** Whether an interruption finds the flash in the middle of a rewrite. */
  get rewrites(): boolean {
    return this.#running?.rewrites === true
  }

  async #finish(running: Running): Promise<void> {
    try {
      const end = await running.run.run()
      if (this.#running === running) this.#end(end)
    } catch (error) {
      if (error === running.stop.reason) return
      const message = 'Kintsugi itself failed. Ask for the update again.'
      if (this.#running === running) this.#end({ outcome: 'cancelled', message })
      this.#parts.onDefect(error)
    }
  }

  #progress(running: Running, { doneBytes, totalBytes }: RewriteProgress): void {
    const isNewPart = totalBytes !== this.#view?.totalBytes
    const sample = { at: this.#parts.clock.now(), doneBytes }
    running.samples = addSample(isNewPart ? [] : running.samples, sample)
    this.#show({ doneBytes, totalBytes, ...rateOf(running.samples, totalBytes) })
  }

  #end({ outcome, message }: UpdateEnd): void {
    this.#running = undefined
    const endedAt = this.#parts.clock.now()
    this.#show({ outcome, message, endedAt, bytesPerSecond: 0, secondsLeft: null })
  }

  #show(changes: Partial<HandsetUpdate>): void {
    if (!this.#view) return
    this.#view = { ...this.#view, ...changes }
    this.#parts.onChange()
  }
}

function begun(startedAt: number): HandsetUpdate {
  return {
    startedAt,
    endedAt: null,
    kind: null,
    target: null,
    fileBytes: null,
    ramBytes: null,
    doneBytes: 0,
    totalBytes: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    outcome: null,
    message: null,
  }
}
