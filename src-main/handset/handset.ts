import { asciiBytes } from '../base/bytes'
import type { Clock } from '../base/clock'
import type { HandsetState, HandsetView, RestoreReason } from '../contract/handsets'
import type { ByteLink } from '../link/byte-link'
import { ConsoleParser, encodeConsole } from '../wire/smp/console'
import { CONSOLE_FRAME_EXTRA_BYTES } from '../wire/smp/constants'
import { encodePacket } from '../wire/smp/packet'
import { decideBoot, type BootCause } from './boot/boot'
import { decodeIdentity } from './boot/identity'
import { Journal } from './boot/journal'
import { RestoreMode, type Reply } from './boot/restore-mode'
import { servePacket } from './boot/serve-packet'
import type { Sha256 } from './digest'
import { PowerCut } from './flash/flash-port'
import { flashWindow } from './flash/flash-window'
import { FLASH_FAULT_POINT, type NorFlash } from './flash/nor-flash'
import { regionOf, type HandsetModel } from './model/model'

const HISTORY_MAX = 1000

export interface HandsetParts {
  readonly name: string
  /** The LINK under which others reach it. */
  readonly link: string
  readonly model: HandsetModel
  /** A chip whose identity region holds an identity. */
  readonly flash: NorFlash
  readonly clock: Clock
  readonly sha256: Sha256
}

export interface Transition {
  readonly at: number
  readonly from: HandsetState
  readonly to: HandsetState
}

/** What is in the RAM of a handset that is switched on: lost with the power. */
interface Running {
  readonly reason: RestoreReason
  readonly restoreMode: RestoreMode
  readonly parser: ConsoleParser
  /** Received and not yet answered; the first one is being worked on. */
  readonly packets: Uint8Array[]
  cancelWait: (() => void) | undefined
}

/**
 * A whole virtual handset: a flash, the boot and restore code before it, and a line. No CPU is
 * fitted, so software that may run stays where it is and restore mode says `no-cpu`.
 */
export class Handset {
  readonly flash: NorFlash
  readonly terminalId: string
  readonly #parts: HandsetParts
  readonly #listeners = new Set<() => void>()
  #history: Transition[] = []
  #state: HandsetState = 'off'
  #running: Running | undefined
  #line: { readonly link: ByteLink; readonly detach: () => void } | undefined

  constructor(parts: HandsetParts) {
    this.#parts = parts
    this.flash = parts.flash
    const { address, bytes } = regionOf(parts.model, 'identity')
    const identity = decodeIdentity(parts.flash.peek(address, bytes))
    if (!identity) throw new Error(`The flash of ${parts.name} holds no identity`)
    this.terminalId = identity.terminalId
  }

  get state(): HandsetState {
    return this.#state
  }

  /** Every change of state, oldest first; the last thousand are kept. */
  get history(): readonly Transition[] {
    return this.#history
  }

  powerOn({ keyHeld = false }: { readonly keyHeld?: boolean } = {}): void {
    if (this.#state !== 'off') return
    this.flash.powerUp()
    this.#boot({ keyHeld, resetRequested: false })
  }

  powerOff(): void {
    this.#running?.cancelWait?.()
    this.#running = undefined
    this.#enter('off')
  }

  /** Puts the other end of the cable in; an earlier one is taken out. */
  attach(link: ByteLink): void {
    this.detach()
    const stopData = link.onData(bytes => this.#receive(bytes))
    const stopClose = link.onClose(() => this.detach())
    const detach = () => {
      stopData()
      stopClose()
    }
    this.#line = { link, detach }
  }

  /** Takes the cable out. What was received is kept in RAM: the sender may go on. */
  detach(): void {
    this.#line?.detach()
    this.#line = undefined
    if (this.#state !== 'off') this.#enter('restore-wait')
  }

  /** Calls back after every change of state and every request served. Returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  view(): HandsetView {
    const { name, link, model } = this.#parts
    const { bytes, sectorBytes } = model.flash
    const planned = this.flash.faults.pending().find(fault => fault.point === FLASH_FAULT_POINT)
    const sectors = this.flash.erasedSectors().map(erased => (erased ? '.' : '#'))
    const { operations, erases, programs } = this.flash
    const regions = model.regions.map(region => ({ ...region }))
    return {
      name,
      model: model.name,
      terminalId: this.terminalId,
      link,
      state: this.#state,
      reason: this.#running?.reason ?? null,
      flash: {
        bytes,
        sectorBytes,
        regions,
        sectors: sectors.join(''),
        operations,
        erases,
        programs,
      },
      cutAt: planned?.at ?? null,
    }
  }

  #boot(cause: BootCause): void {
    const { model, sha256 } = this.#parts
    const region = flashWindow(this.flash, regionOf(model, 'executable'))
    const journal = new Journal(flashWindow(this.flash, regionOf(model, 'journal')))
    const place = { model, region, sha256 }
    const decision = decideBoot(place, journal, cause)
    const reason = decision.kind === 'restore-mode' ? decision.reason : 'no-cpu'
    const restoreMode = new RestoreMode({
      ...place,
      journal,
      terminalId: this.terminalId,
      onState: state => this.#enter(state),
    })
    const maxPacketBytes = model.restore.smp.bufferBytes - CONSOLE_FRAME_EXTRA_BYTES
    const parser = new ConsoleParser(maxPacketBytes)
    this.#running = { reason, restoreMode, parser, packets: [], cancelWait: undefined }
    this.#enter('restore-wait')
    this.#send(asciiBytes(`Kintsugi ${model.name} restore-mode ${this.terminalId}: ${reason}\r\n`))
  }

  #receive(bytes: Uint8Array): void {
    const running = this.#running
    if (!running) return
    for (const item of running.parser.push(bytes)) {
      if (item.kind === 'packet') this.#take(running, item.packet)
    }
  }

  #take(running: Running, packet: Uint8Array): void {
    // An earlier packet of the same bytes may have reset the handset or cost it its power.
    if (running !== this.#running) return
    // Without a free buffer a packet is lost, as on any device that is busy with its flash.
    if (running.packets.length === this.#parts.model.restore.smp.bufferCount) return
    running.packets.push(packet)
    if (running.packets.length === 1) this.#serveNext(running)
  }

  #serveNext(running: Running): void {
    const [packet] = running.packets
    if (!packet) return
    if (this.#state === 'restore-wait') this.#enter('restore-linked')
    const busyBefore = this.flash.busyMilliseconds
    const reply = this.#serve(running, packet)
    this.#changed()
    if (!reply) return
    const finish = () => this.#finish(running, reply)
    const wait = this.flash.busyMilliseconds - busyBefore
    if (wait === 0) finish()
    else running.cancelWait = this.#parts.clock.after(wait, finish)
  }

  /** Undefined where the power failed meanwhile. */
  #serve(running: Running, packet: Uint8Array): Reply | undefined {
    try {
      return servePacket(running.restoreMode, packet)
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      this.powerOff()
      return undefined
    }
  }

  #finish(running: Running, { answer, afterwards }: Reply): void {
    running.cancelWait = undefined
    running.packets.shift()
    if (answer) this.#send(encodeConsole(encodePacket(answer)))
    if (afterwards === 'stay') this.#serveNext(running)
    else this.#boot({ keyHeld: false, resetRequested: afterwards === 'reset-to-restore-mode' })
  }

  #send(bytes: Uint8Array): void {
    // A line that is gone says so by onClose as well.
    this.#line?.link.write(bytes).catch(() => {})
  }

  #enter(state: HandsetState): void {
    if (state === this.#state) return
    const transition = { at: this.#parts.clock.now(), from: this.#state, to: state }
    this.#history = [...this.#history.slice(1 - HISTORY_MAX), transition]
    this.#state = state
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
