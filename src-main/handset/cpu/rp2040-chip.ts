import { RP2040 } from 'rp2040js'
import { SILENT_LOGGER, type Bus, type Registers } from './bus'
import {
  AIRCR,
  AIRCR_KEY,
  AIRCR_RESET_REQUEST,
  PERIPHERALS,
  PPB_PAGE,
  SIO_PAGE,
  SIO_READABLE,
  SIO_WRITABLE,
  TIMER,
  UART0,
  WATCHDOG,
  isWithin,
} from './chip-addresses'
import { followArchitecture } from './core-exceptions'
import type { CpuClock } from './cpu-clock'

type Peripheral = RP2040['peripherals'][number]

const WATCHDOG_CTRL = 0x00
const WATCHDOG_LOAD = 0x04
const WATCHDOG_REASON = 0x08
const WATCHDOG_SCRATCH = 0x0c
const WATCHDOG_ENABLE = 2 ** 30
const WATCHDOG_REASON_FORCED = 2
/** RP2040-E1: it counts down twice for each of its microseconds. */
const WATCHDOG_COUNTS_PER_MS = 2000
const SCRATCH_WORDS = 8

const UART_FULL = 1 << 6
const EDGES = 0b1100

export interface ChipEvents {
  /** Stops for good: the watchdog's time is over, or software asked for a reset. */
  readonly onReset: (cause: 'watchdog' | 'reset-requested') => void
  readonly onSent: (byte: number) => void
  /** The UART's FIFO may have room now. */
  readonly onUartRead: () => void
  /** A byte for the display; `isData` is the level of the pin that tells commands from data. */
  readonly onDisplayByte: (byte: number, isData: boolean) => void
}

export interface ChipParts {
  readonly hertz: number
  readonly clock: CpuClock
  readonly displayDataPin: number
  readonly events: ChipEvents
}

/**
 * The one place that knows rp2040js. Of its memory nothing is left: the core is given a
 * {@link Bus}, and the 16 MiB that the constructor makes are dropped at once. A chip serves from
 * one reset to the next, because rp2040js has no reset for its peripherals.
 */
export class Rp2040Chip extends RP2040 implements Registers {
  readonly #parts: ChipParts
  readonly #mapped: Readonly<Record<number, Peripheral>>
  readonly #watchdog: Peripheral
  readonly #serial: RP2040['uart'][number]
  /** Levels that were last given to the pins; undefined before the first time. */
  #pins: number | undefined

  constructor(parts: ChipParts) {
    super(parts.clock)
    this.#parts = parts
    Object.assign(this, withoutMemory())
    this.logger = SILENT_LOGGER
    this.clkSys = parts.hertz
    this.clkPeri = parts.hertz
    this.ppb.systickTimer.frequency = parts.hertz
    this.#mapped = Object.fromEntries(
      PERIPHERALS.map(address => [address, this.#peripheralAt(address)]),
    )
    this.#watchdog = this.#peripheralAt(WATCHDOG)
    this.#serial = this.#connect(parts)
    parts.clock.follow(this.core)
  }

  /** Called by the constructor, too, where rp2040js reads its vectors and fills its flash. */
  override reset(): void {
    this.pwm.reset()
  }

  /** The board's clocks run at their one speed, whatever software writes to CLOCKS. */
  override updateClocks(): void {}

  /** Gives the core its memory. */
  plugInto(bus: Bus): void {
    Object.assign(this.core, { rp2040: bus })
    followArchitecture(this.core, bus)
  }

  read(address: number): number | undefined {
    if (address >>> 12 === PPB_PAGE) return this.ppb.readUint32(address & 0xfff)
    if (address >>> 12 === SIO_PAGE) return this.#readSio(address & 0xfff)
    const base = (address >>> 14) << 2
    const peripheral = this.#mapped[base]
    if (!peripheral) return undefined
    if (base === TIMER) return this.#onMicroseconds(() => peripheral.readUint32(address & 0xfff))
    const value = peripheral.readUint32(address & 0xfff)
    if (base === UART0) this.#parts.events.onUartRead()
    return value
  }

  write(address: number, value: number): boolean {
    if (address >>> 12 === PPB_PAGE) {
      this.#writePpb(address & 0xfff, value)
      return true
    }
    if (address >>> 12 === SIO_PAGE) {
      const offset = address & 0xfff
      if (isWithin(SIO_WRITABLE, offset)) this.sio.writeUint32(offset, value)
      return true
    }
    const base = (address >>> 14) << 2
    const peripheral = this.#mapped[base]
    if (!peripheral) return false
    const write = () =>
      peripheral.writeUint32Atomic(address & 0xfff, value, (address >>> 12) & 0b11)
    if (base === TIMER) this.#onMicroseconds(write)
    else write()
    return true
  }

  /** Whether the UART has room for one more byte. */
  get uartHasRoom(): boolean {
    return (this.#serial.flags & UART_FULL) === 0
  }

  feedUart(byte: number): void {
    this.#serial.feedByte(byte)
  }

  /** Lets the board's signals reach the input pins: bit n for pin n. */
  drivePins(levels: number): void {
    const before = this.#pins
    const changed = before === undefined ? -1 : levels ^ before
    if (changed === 0) return
    for (const pin of this.gpio) {
      if (((changed >>> pin.index) & 1) === 0) continue
      pin.setInputValue(((levels >>> pin.index) & 1) === 1)
      // What a pin is from the beginning on is no edge.
      if (before === undefined) pin.updateIRQValue(EDGES)
    }
    this.#pins = levels
  }

  armWatchdog(milliseconds: number, scratch: readonly number[]): void {
    for (const [index, word] of scratch.entries()) {
      this.#watchdog.writeUint32(WATCHDOG_SCRATCH + 4 * index, word)
    }
    this.#watchdog.writeUint32(WATCHDOG_LOAD, milliseconds * WATCHDOG_COUNTS_PER_MS)
    this.#watchdog.writeUint32(WATCHDOG_CTRL, WATCHDOG_ENABLE)
  }

  get scratch(): number[] {
    return Array.from(
      { length: SCRATCH_WORDS },
      (_, index) => this.#watchdog.readUint32(WATCHDOG_SCRATCH + 4 * index) >>> 0,
    )
  }

  /** Leads what peripherals tell to the events; returns the UART of the line. */
  #connect({ events, displayDataPin }: ChipParts): RP2040['uart'][number] {
    const [serial] = this.uart
    const [spi] = this.spi
    const dataPin = this.gpio[displayDataPin]
    if (!serial || !spi || !dataPin) throw new Error('The chip has no UART0, SPI0 or data pin.')
    serial.onByte = events.onSent
    spi.onTransmit = value => {
      const isData = dataPin.outputEnable && dataPin.outputValue
      if (spi.dataBits > 8) events.onDisplayByte(value >>> 8, isData)
      events.onDisplayByte(value & 0xff, isData)
      spi.completeTransmit(0)
    }
    Object.assign(this.#watchdog, {
      onWatchdogTrigger: () => {
        const reason = this.#watchdog.readUint32(WATCHDOG_REASON)
        events.onReset(reason === WATCHDOG_REASON_FORCED ? 'reset-requested' : 'watchdog')
      },
    })
    return serial
  }

  #peripheralAt(address: number): Peripheral {
    const peripheral = this.peripherals[address]
    if (!peripheral) throw new Error(`The chip has nothing at ${address.toString(16)}.`)
    return peripheral
  }

  #readSio(offset: number): number {
    return isWithin(SIO_READABLE, offset) ? this.sio.readUint32(offset) : 0
  }

  #writePpb(offset: number, value: number): void {
    const isReset = value >>> 16 === AIRCR_KEY && (value & AIRCR_RESET_REQUEST) !== 0
    if (offset === AIRCR && isReset) this.#parts.events.onReset('reset-requested')
    else this.ppb.writeUint32(offset, value)
  }

  /** Lets the TIMER see what it counts: rp2040js would fire its alarms up to 1 µs early. */
  #onMicroseconds<T>(access: () => T): T {
    const { clock } = this.#parts
    clock.inMicroseconds = true
    try {
      return access()
    } finally {
      clock.inMicroseconds = false
    }
  }
}

function withoutMemory() {
  const sram = new Uint8Array(0)
  const flash = new Uint8Array(0)
  return {
    bootrom: new Uint32Array(0),
    sram,
    sramView: new DataView(sram.buffer),
    flash,
    flash16: new Uint16Array(flash.buffer),
    flashView: new DataView(flash.buffer),
  }
}
