/** An area of the CPU's address space. */
export interface AddressRange {
  readonly address: number
  readonly bytes: number
}

/**
 * Memory that the CPU shares with the boot code and the rest of the handset, so that both see the
 * same cells: firmware executes in place from what the flash port wrote. All of it lies in
 * SharedArrayBuffers where the CPU runs in a worker.
 */
export interface CpuMemory {
  /** The whole chip. The CPU sees it from the model's `windowAddress` on and can only read it. */
  readonly flash: Uint8Array
  readonly ram: Uint8Array
  /** Pixels of the display, RGB565 big-endian, row by row. Empty where the model has no display. */
  readonly pixels: Uint8Array
  /** One byte for each four of the flash: bit 0 fetched as code, bit 1 read as data. */
  readonly execution: Uint8Array
  /** Stores into the RAM so far, one count for each KiB; they wrap round. */
  readonly ramWrites: Uint32Array
}

export const EXECUTED_CODE = 1
export const EXECUTED_DATA = 2
export const EXECUTION_CELL_BYTES = 4
export const RAM_BLOCK_BYTES = 1024

/** How the boot code lets the CPU begin. Everything but the memory is as after a reset. */
export interface CpuStart {
  /** Address of the vector table as the CPU sees it: initial stack pointer, reset handler. */
  readonly vectorAddress: number
  /** Words of the watchdog's scratch registers, which survive a reset. At most eight. */
  readonly scratch: readonly number[]
  /** The boot code arms the watchdog; software that never feeds it is reset after so long. */
  readonly watchdogMilliseconds: number
  /** Parts of the flash that the CPU may not even read, such as the device key. */
  readonly hidden: readonly AddressRange[]
}

/** What the CPU is given for one slice of time. */
export interface SliceOrder {
  /** Emulated time that may pass at most. */
  readonly nanoseconds: number
  /** Further bytes on the line to the UART; what its FIFO does not take now waits. */
  readonly received: Uint8Array
  /** Levels of the input pins, bit n for pin n. */
  readonly pins: number
  /** RAM that software must not touch: the secured area. */
  readonly locked: AddressRange | undefined
  /** Addresses (as the CPU sees them) of flash that is being programmed or erased. */
  readonly busy: AddressRange | undefined
}

export type CpuFaultKind =
  | 'undefined-instruction'
  | 'bad-address'
  | 'misaligned'
  | 'flash-store'
  | 'hidden-flash'
  | 'busy-flash'
  | 'locked-ram'
  | 'breakpoint'
  /** A fault inside the fault handler, or no handler: nothing executes until a reset. */
  | 'lockup'

export interface CpuFault {
  readonly kind: CpuFaultKind
  /** Of the instruction. */
  readonly pc: number
  /** What it touched; undefined where that means nothing. */
  readonly address: number | undefined
}

/** Why the CPU stopped for good in a slice; it must be started again. */
export type CpuStop = 'watchdog' | 'reset-requested'

export interface SliceOutcome {
  /** Emulated time that passed: less than ordered where something stopped it or it ran too long. */
  readonly nanoseconds: number
  readonly instructions: number
  /** What the UART sent, in order. */
  readonly sent: Uint8Array
  /** Received bytes that the UART has not taken yet. */
  readonly waitingBytes: number
  /**
   * 0: it runs on. A time: it sleeps (WFI) until then, unless a byte or a pin wakes it. Null: it
   * sleeps or is locked up, and no timer will ever wake it.
   */
  readonly wakeNanoseconds: number | null
  readonly stop: CpuStop | undefined
  /** In order; the first few of a slice. */
  readonly faults: readonly CpuFault[]
  /** The watchdog's scratch registers. */
  readonly scratch: readonly number[]
  /** Whether the display is on, and a number that grows with every change of its pixels. */
  readonly display: { readonly on: boolean; readonly revision: number }
}

/** One handset's CPU. Orders are worked off one after another. */
export interface CpuSocket {
  /** Resets everything but the memory; earlier bytes that wait are forgotten. */
  start(start: CpuStart): void
  run(order: SliceOrder): Promise<SliceOutcome>
  /** Takes the CPU out. A slice that is running ends without an answer that matters. */
  close(): void
}

/** Where CPUs run. */
export interface CpuHost {
  /** Makes memory that the CPUs of this host can share. */
  share(bytes: number): Uint8Array
  open(memory: CpuMemory, board: CpuBoard): CpuSocket
  close(): Promise<void>
}

/** What the model says of the board around the CPU. */
export interface CpuBoard {
  readonly hertz: number
  readonly windowAddress: number
  readonly ramAddress: number
  /** Null: no display. */
  readonly display: { readonly width: number; readonly height: number } | null
}
