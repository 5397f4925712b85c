import type { RewriteEnd } from '../agents/agent-host'
import type { FlashFailure } from '../flash/flash-port'

/** A rewrite whose end somebody waits for. */
export class PendingRewrite {
  readonly #end = Promise.withResolvers<RewriteEnd>()

  get end(): Promise<RewriteEnd> {
    return this.#end.promise
  }

  updated(): void {
    this.#end.resolve({ outcome: 'updated', message: null })
  }

  /** What was written is not what was announced, or says itself that it is not sound. */
  unfit(flaw: string): void {
    const message = `The new software is not sound: ${flaw}. Restore the handset by wire.`
    this.#end.resolve({ outcome: 'judgement-failed', message })
  }

  failed({ message: what }: FlashFailure): void {
    const message = `${what}. Get the same file again, or restore the handset by wire.`
    this.#end.resolve({ outcome: 'rewrite-failed', message })
  }

  refused(error: Error): void {
    this.#end.reject(error)
  }
}
