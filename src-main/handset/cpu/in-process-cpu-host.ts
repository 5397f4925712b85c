import { CodedError } from '../../base/coded-error'
import { DisplayController } from '../display/display-controller'
import { Cpu } from './cpu'
import { checkBoard, checkOrder, checkStart } from './cpu-checks'
import type {
  CpuBoard,
  CpuHost,
  CpuMemory,
  CpuSocket,
  CpuStart,
  SliceOrder,
  SliceOutcome,
} from './cpu-port'

/** Runs CPUs where it is called, which a test can follow; the worker shares {@link CpuPlace}. */
export class InProcessCpuHost implements CpuHost {
  share(bytes: number): Uint8Array {
    return new Uint8Array(bytes)
  }

  open(memory: CpuMemory, board: CpuBoard): CpuSocket {
    const place = new CpuPlace(memory, board)
    return {
      start: start => place.start(start),
      run: async order => place.run(order),
      close: () => place.stop(),
    }
  }

  async close(): Promise<void> {}
}

/** Where a CPU sits: memory and display stay while it is reset. */
export class CpuPlace {
  readonly #memory: CpuMemory
  readonly #board: CpuBoard
  readonly #display: DisplayController | undefined
  #cpu: Cpu | undefined

  /** Throws a CodedError `BAD_CPU_ORDER` unless memory and board fit each other. */
  constructor(memory: CpuMemory, board: CpuBoard) {
    checkBoard(memory, board)
    this.#memory = memory
    this.#board = board
    this.#display = board.display ? new DisplayController(memory.pixels, board.display) : undefined
  }

  start(start: CpuStart): void {
    checkStart(start)
    this.#display?.reset()
    this.#cpu = new Cpu({
      memory: this.#memory,
      board: this.#board,
      start,
      display: this.#display,
    })
  }

  run(order: SliceOrder): SliceOutcome {
    checkOrder(order)
    if (!this.#cpu) throw new CodedError('CPU_NOT_STARTED', 'This CPU was not started.')
    return this.#cpu.run(order)
  }

  stop(): void {
    this.#cpu = undefined
  }
}
