import { Worker } from 'node:worker_threads'
import { CodedError } from '../../base/coded-error'
import type { SliceOrder, SliceOutcome } from '../cpu/cpu-port'
import type { CpuAnswer, CpuMessage } from './cpu-messages'
import type { WorkerScript } from './find-worker'

interface Waiting {
  readonly resolve: (outcome: SliceOutcome) => void
  readonly reject: (error: Error) => void
}

/** One life of the worker. It keeps the process alive only while an order is out. */
export class CpuThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #tickets = 0
  #death: CodedError | undefined

  constructor({ file, execArgv }: WorkerScript) {
    this.#worker = new Worker(file, { execArgv: [...execArgv], name: 'cpu-worker' })
    this.#worker.unref()
    this.#worker.on('message', (answer: CpuAnswer) => this.#settle(answer))
    this.#worker.on('error', error => this.#die(died(error)))
    this.#worker.on('messageerror', error => {
      this.#die(died(error))
      void this.#worker.terminate()
    })
    this.#worker.on('exit', code => this.#die(died(new Error(`It ended with code ${code}.`))))
  }

  get isAlive(): boolean {
    return this.#death === undefined
  }

  tell(message: CpuMessage): void {
    if (this.isAlive) this.#worker.postMessage(message, [])
  }

  /** Rejects with a CodedError: what the worker says is wrong, or `CPU_HOST_DIED`. */
  async order(cpu: number, order: SliceOrder): Promise<SliceOutcome> {
    if (this.#death) throw this.#death
    this.#tickets += 1
    const ticket = this.#tickets
    if (this.#waiting.size === 0) this.#worker.ref()
    const { promise, resolve, reject } = Promise.withResolvers<SliceOutcome>()
    this.#waiting.set(ticket, { resolve, reject })
    this.tell({ kind: 'run', cpu, ticket, order })
    return await promise
  }

  async end(): Promise<void> {
    this.#die(new CodedError('CPU_HOST_CLOSED', 'The CPUs were taken out.'))
    await this.#worker.terminate()
  }

  #settle(answer: CpuAnswer): void {
    const waiting = this.#waiting.get(answer.ticket)
    this.#waiting.delete(answer.ticket)
    // After the end nothing waits but the end itself, which has to keep the process alive.
    if (!waiting) return
    if (this.#waiting.size === 0) this.#worker.unref()
    if ('outcome' in answer) waiting.resolve(answer.outcome)
    else {
      const { code, message, data } = answer.failure
      waiting.reject(new CodedError(code, message, data))
    }
  }

  #die(reason: CodedError): void {
    if (this.#death) return
    this.#death = reason
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
    this.#worker.unref()
  }
}

function died(cause: unknown): CodedError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `The worker that runs the CPUs died: ${reason} Switch the handset on again.`
  return new CodedError('CPU_HOST_DIED', message, {}, { cause })
}
