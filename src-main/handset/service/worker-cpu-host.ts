import { CodedError } from '../../base/coded-error'
import { checkBoard, checkOrder, checkStart } from '../cpu/cpu-checks'
import type {
  CpuBoard,
  CpuHost,
  CpuMemory,
  CpuSocket,
  CpuStart,
  SliceOrder,
  SliceOutcome,
} from '../cpu/cpu-port'
import { CpuThread } from './cpu-thread'
import { findCpuWorker } from './find-cpu-worker'
import type { WorkerScript } from './find-worker'

/**
 * Runs CPUs in one worker thread, which begins with the first start. Where the worker dies, its
 * orders are rejected with `CPU_HOST_DIED`, and the next start begins another one.
 */
export class WorkerCpuHost implements CpuHost {
  readonly #findScript: () => WorkerScript
  #thread: CpuThread | undefined
  #opened = 0
  #isClosed = false

  constructor(findScript: () => WorkerScript = () => findCpuWorker(import.meta.dirname)) {
    this.#findScript = findScript
  }

  share(bytes: number): Uint8Array {
    return new Uint8Array(new SharedArrayBuffer(bytes))
  }

  /** Throws a CodedError `BAD_CPU_ORDER` where the memory is not shared or does not fit. */
  open(memory: CpuMemory, board: CpuBoard): CpuSocket {
    checkBoard(memory, board)
    checkShared(memory)
    this.#opened += 1
    return new WorkerSocket({ cpu: this.#opened, memory, board, thread: () => this.#current() })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#thread?.end()
  }

  #current(): CpuThread {
    if (this.#isClosed) throw new CodedError('CPU_HOST_CLOSED', 'The CPUs were taken out.')
    if (!this.#thread?.isAlive) this.#thread = new CpuThread(this.#findScript())
    return this.#thread
  }
}

interface WorkerSocketParts {
  readonly cpu: number
  readonly memory: CpuMemory
  readonly board: CpuBoard
  /** The thread that is alive, or a new one. */
  readonly thread: () => CpuThread
}

class WorkerSocket implements CpuSocket {
  readonly #parts: WorkerSocketParts
  /** Where this CPU was started. */
  #thread: CpuThread | undefined

  constructor(parts: WorkerSocketParts) {
    this.#parts = parts
  }

  start(start: CpuStart): void {
    checkStart(start)
    const { cpu, memory, board } = this.#parts
    const thread = this.#parts.thread()
    if (thread !== this.#thread) thread.tell({ kind: 'open', cpu, memory, board })
    this.#thread = thread
    thread.tell({ kind: 'start', cpu, start })
  }

  async run(order: SliceOrder): Promise<SliceOutcome> {
    checkOrder(order)
    if (!this.#thread) throw new CodedError('CPU_NOT_STARTED', 'This CPU was not started.')
    return await this.#thread.order(this.#parts.cpu, order)
  }

  close(): void {
    this.#thread?.tell({ kind: 'close', cpu: this.#parts.cpu })
    this.#thread = undefined
  }
}

function checkShared({ flash, ram, pixels, execution, ramWrites }: CpuMemory): void {
  for (const part of [flash, ram, pixels, execution, ramWrites]) {
    if (part.buffer instanceof SharedArrayBuffer) continue
    throw new CodedError(
      'BAD_CPU_ORDER',
      'The memory of a CPU that runs in a worker must be made by share() of its host.',
    )
  }
}
