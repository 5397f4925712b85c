import { readFileSync } from 'node:fs'
import { crc16Xmodem } from '../../../src-main/base/crc'
import type {
  AddressRange,
  CpuMemory,
  CpuSocket,
  SliceOutcome,
} from '../../../src-main/handset/cpu/cpu-port'
import {
  HANDOVER,
  HANDOVER_MAGIC,
  HANDOVER_VERSION,
  KEY_PINS,
  type KeyName,
} from '../../../src-main/handset/cpu/firmware-interface'
import { InProcessCpuHost } from '../../../src-main/handset/cpu/in-process-cpu-host'
import { ConsoleParser, encodeConsole } from '../../../src-main/wire/smp/console'
import { decodePacket, type SmpPacket } from '../../../src-main/wire/smp/packet'
import { firmwareFolder, k1, layoutOf, type ModelLayout } from './model-layout'

const MILLISECOND = 1_000_000
const SLICE_MS = 50
const NOTHING = new Uint8Array(0)

export interface FirmwareEntry {
  readonly file: string
  readonly version: string
  readonly name: string
  readonly model: string
  readonly bytes: number
  readonly sha256: string
  readonly note: string
}

export function firmwareList(): FirmwareEntry[] {
  return JSON.parse(readFileSync(new URL('firmware.json', firmwareFolder), 'utf8'))
}

export function firmwareImage(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, firmwareFolder)))
}

export interface RunOptions {
  readonly handover?: Partial<Record<'cause' | 'imageBytes' | 'startedAt' | 'limitedTasks', number>>
  readonly terminalId?: string
  readonly pins?: number
  /** Of the model that the image was made for; the k1 where it is left out. */
  readonly layout?: ModelLayout
  /** A slow CPU makes a busy one cheap to emulate. */
  readonly hertz?: number
}

/** An image of the firmware on the in-process CPU of its model, with what boot code leaves behind. */
export class RunningFirmware {
  readonly memory: CpuMemory
  readonly #host = new InProcessCpuHost()
  readonly #cpu: CpuSocket
  readonly #parser = new ConsoleParser()
  readonly #layout: ModelLayout
  #pins: number
  locked: AddressRange | undefined
  outcome: SliceOutcome | undefined
  readonly faults: SliceOutcome['faults'][number][] = []
  readonly packets: SmpPacket[] = []
  readonly lines: string[] = []
  /** Everything that was sent, byte by byte. */
  sent = ''
  instructions = 0

  constructor(image: Uint8Array, options: RunOptions = {}) {
    const { handover = {}, terminalId, pins = 0, layout = k1, hertz = layout.hertz } = options
    const { executable, display } = layout
    this.#layout = layout
    const shared = (bytes: number) => this.#host.share(bytes)
    this.memory = {
      flash: shared(layout.flashBytes).fill(0xff),
      ram: shared(layout.ramBytes),
      pixels: shared(display.width * display.height * 2),
      execution: shared(layout.flashBytes / 4),
      ramWrites: new Uint32Array(layout.ramBytes / 1024),
    }
    this.memory.flash.set(image, executable.address)
    this.#pins = pins
    this.#writeHandover(handover, terminalId ?? `${layout.model.toUpperCase()}-0123456789AB`)
    this.#cpu = this.#host.open(this.memory, { ...layout, hertz })
    this.#cpu.start({
      vectorAddress: layout.windowAddress + executable.address + layout.vectorOffset,
      scratch: [],
      watchdogMilliseconds: 4000,
      hidden: [],
    })
  }

  get handover(): DataView {
    const { handoverAddress, ramAddress } = this.#layout
    return new DataView(this.memory.ram.buffer, handoverAddress - ramAddress)
  }

  #writeHandover(words: NonNullable<RunOptions['handover']>, terminalId: string): void {
    const view = this.handover
    view.setUint32(HANDOVER.magic, HANDOVER_MAGIC, true)
    view.setUint32(HANDOVER.version, HANDOVER_VERSION, true)
    view.setUint32(HANDOVER.cause, words.cause ?? 0, true)
    view.setUint32(HANDOVER.imageBytes, words.imageBytes ?? 0, true)
    // 2026-11-21 12:34:10, a Saturday.
    view.setUint32(HANDOVER.startedAt, words.startedAt ?? 1_795_264_450, true)
    view.setUint32(HANDOVER.limitedTasks, words.limitedTasks ?? 0, true)
    const id = new Uint8Array(view.buffer, view.byteOffset + HANDOVER.terminalId, 32)
    id.set(new TextEncoder().encode(terminalId))
  }

  /** Gives the CPU so much emulated time, unless it stops. */
  async run(milliseconds: number, received: Uint8Array = NOTHING): Promise<void> {
    let left = milliseconds * MILLISECOND
    let bytes = received
    do {
      const outcome = await this.#cpu.run({
        nanoseconds: Math.min(left, SLICE_MS * MILLISECOND),
        received: bytes,
        pins: this.#pins,
        locked: this.locked,
        busy: undefined,
      })
      bytes = NOTHING
      left -= outcome.nanoseconds
      this.#note(outcome)
    } while (left > 0 && !this.outcome?.stop)
  }

  #note(outcome: SliceOutcome): void {
    this.outcome = outcome
    this.instructions += outcome.instructions
    this.faults.push(...outcome.faults)
    this.sent += String.fromCharCode(...outcome.sent)
    for (const item of this.#parser.push(outcome.sent)) {
      if (item.kind === 'packet') this.packets.push(decodePacket(item.packet))
      if (item.kind === 'text') this.lines.push(item.text)
    }
  }

  /** Runs until a line with this text came; fails after ten seconds of emulated time. */
  async runUntilLine(text: string): Promise<void> {
    for (let waited = 0; waited < 10_000; waited += 20) {
      if (this.lines.some(line => line.includes(text))) return
      await this.run(20)
    }
    throw new Error(`no line says ${text}; there were: ${this.lines.join(' | ')}`)
  }

  setPin(pin: number, isHigh: boolean): void {
    const bit = 1 << pin
    this.#pins = isHigh ? this.#pins | bit : this.#pins & ~bit
  }

  turnPin(pin: number): void {
    this.#pins ^= 1 << pin
  }

  async press(...keys: KeyName[]): Promise<void> {
    for (const key of keys) {
      this.setPin(KEY_PINS[key], true)
      await this.run(30)
      this.setPin(KEY_PINS[key], false)
      await this.run(70)
    }
  }

  /** Sends a packet and gives the one answer to it; undefined after two silent seconds. */
  async ask(packet: Uint8Array): Promise<SmpPacket | undefined> {
    const before = this.packets.length
    await this.run(20, encodeConsole(packet))
    for (let waited = 0; waited < 2000 && this.packets.length === before; waited += 20) {
      await this.run(20)
    }
    return this.packets[before]
  }

  /** A number that stands for what is on the display. */
  get picture(): number {
    return crc16Xmodem(this.memory.pixels)
  }

  word(address: number): number {
    return new DataView(this.memory.ram.buffer).getUint32(address - this.#layout.ramAddress, true)
  }
}

/** The firmware of a file, of the model that its name begins with, once it is ready. */
export async function started(file: string, options?: RunOptions): Promise<RunningFirmware> {
  const layout = layoutOf(file.slice(0, file.indexOf('-')))
  const firmware = new RunningFirmware(firmwareImage(file), { layout, ...options })
  await firmware.runUntilLine('ready')
  await firmware.run(200)
  return firmware
}
