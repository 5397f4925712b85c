import type { RewriteProgress } from '../boot/rewriter'
import type { Inquiry, UpdateInformation } from '../../wire/update/messages'
import type { StopSignal } from '../radio/stop-signal'
import type { AgentHost, RewriteEnd, SecuredArea, TransferState } from './agent-host'

/**
 * A handset for as long as nobody says stop: from then on everything throws the reason, so that an
 * update whose handset lost its power in the middle of a step does not take the next one.
 */
export class GuardedHost implements AgentHost {
  readonly #host: AgentHost
  readonly #stop: StopSignal

  constructor(host: AgentHost, stop: StopSignal) {
    this.#host = host
    this.#stop = stop
  }

  get terminalId(): string {
    return this.#host.terminalId
  }

  inquiry(): Inquiry {
    return this.#living.inquiry()
  }

  enter(state: TransferState | undefined): void {
    this.#living.enter(state)
  }

  async secure(bytes: number): Promise<SecuredArea> {
    const area = await this.#living.secure(bytes)
    return {
      write: (offset, piece) => {
        this.#check()
        area.write(offset, piece)
      },
      first: length => area.first(length),
    }
  }

  release(): void {
    this.#living.release()
  }

  prove(file: Uint8Array, update: UpdateInformation): void {
    this.#living.prove(file, update)
  }

  rewrite(file: Uint8Array, onProgress: (progress: RewriteProgress) => void): Promise<RewriteEnd> {
    return this.#living.rewrite(file, onProgress)
  }

  get #living(): AgentHost {
    this.#check()
    return this.#host
  }

  #check(): void {
    if (this.#stop.reason) throw this.#stop.reason
  }
}
