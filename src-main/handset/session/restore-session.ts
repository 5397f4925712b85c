import type { Clock } from '../../base/clock'
import type { SmpEncoding } from '../../wire/smp/encoding'
import { encodePacket } from '../../wire/smp/packet'
import { SmpReceiver } from '../../wire/smp/receiver'
import type { Reply, RestoreMode } from '../boot/restore-mode'
import { servePacket } from '../boot/serve-packet'
import { PowerCut } from '../flash/flash-port'
import type { NorFlash } from '../flash/nor-flash'

export interface RestoreSessionParts {
  readonly restoreMode: RestoreMode
  readonly flash: NorFlash
  readonly clock: Clock
  readonly encoding: SmpEncoding
  /** Of a decoded frame, and how many of them fit into the RAM. */
  readonly bufferBytes: number
  readonly bufferCount: number
  readonly send: (bytes: Uint8Array) => void
  /** A request is about to be served. */
  readonly onRequest: () => void
  readonly onServed: () => void
  readonly onPowerCut: () => void
  /** The protected code itself failed, which is a defect in Kintsugi. */
  readonly onFailure: (error: unknown) => void
  readonly onReset: (intoRestoreMode: boolean) => void
}

/** Restore mode at the end of a line: what is in the RAM of its protected code. */
export class RestoreSession {
  readonly #parts: RestoreSessionParts
  readonly #receiver: SmpReceiver
  /** Received and not yet answered; the first one is being worked on. */
  readonly #packets: Uint8Array[] = []
  /** When the flash began with the operations of the request that is worked on. */
  #busySince = 0
  #cancelWait: (() => void) | undefined
  #isOver = false

  constructor(parts: RestoreSessionParts) {
    this.#parts = parts
    const { encoding, clock, bufferBytes } = parts
    this.#receiver = new SmpReceiver({
      encoding,
      clock,
      maxPacketBytes: bufferBytes - encoding.bufferExtraBytes,
      onItem: item => item.kind === 'packet' && this.#take(item.packet),
    })
  }

  /** Milliseconds that the flash has been busy with what was asked last; 0 where it rests. */
  get flashElapsed(): number {
    return this.#cancelWait ? this.#parts.clock.now() - this.#busySince : 0
  }

  receive(bytes: Uint8Array): void {
    this.#receiver.receive(bytes)
  }

  /** What was received and not answered is forgotten. */
  stop(): void {
    this.#isOver = true
    this.#receiver.stop()
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  #take(packet: Uint8Array): void {
    // An earlier packet of the same bytes may have reset the handset or cost it its power.
    if (this.#isOver) return
    // Without a free buffer a packet is lost, as on any device that is busy with its flash.
    if (this.#packets.length === this.#parts.bufferCount) return
    this.#packets.push(packet)
    if (this.#packets.length === 1) this.#serveNext()
  }

  #serveNext(): void {
    const [packet] = this.#packets
    if (!packet) return
    const { flash, clock, onRequest, onServed } = this.#parts
    onRequest()
    const busyBefore = flash.busyMilliseconds
    this.#busySince = clock.now()
    const reply = this.#serve(packet)
    onServed()
    if (!reply) return
    const finish = () => this.#finish(reply)
    const wait = flash.busyMilliseconds - busyBefore
    if (wait === 0) {
      finish()
    } else {
      flash.markBusy()
      this.#cancelWait = clock.after(wait, finish)
    }
  }

  /** Undefined where the power failed meanwhile. */
  #serve(packet: Uint8Array): Reply | undefined {
    try {
      return servePacket(this.#parts.restoreMode, packet)
    } catch (error) {
      // A defect of ours costs this handset its power, not the workbench its life.
      if (error instanceof PowerCut) this.#parts.onPowerCut()
      else this.#parts.onFailure(error)
      return undefined
    }
  }

  #finish({ answer, afterwards }: Reply): void {
    this.#cancelWait = undefined
    this.#parts.flash.settle()
    this.#packets.shift()
    if (answer) this.#parts.send(this.#parts.encoding.encode(encodePacket(answer)))
    if (afterwards === 'stay') this.#serveNext()
    else this.#parts.onReset(afterwards === 'reset-to-restore-mode')
  }
}
