import type { Clock } from '../../base/clock'
import type { ByteLink } from '../../link/byte-link'
import type { EventSink } from '../../observe/events'
import type { Handset } from '../handset'
import { HandsetFace } from '../face/handset-face'

const CHANGE_INTERVAL_MS = 100
const OUTPUT_INTERVAL_MS = 50

/** A handset of a workbench, the line to it, and what the windows have been told of it. */
export class HandsetPlace {
  readonly handset: Handset
  /** What the network reaches of it. */
  readonly face: HandsetFace
  /** The handset's end of the cable, while someone holds the other one. */
  line: ByteLink | undefined
  readonly #name: string
  readonly #events: EventSink
  readonly #clock: Clock
  #told: string
  #cancelChange: (() => void) | undefined
  #cancelOutput: (() => void) | undefined
  /** Position of the first byte that is not told yet. */
  #untold = 0
  #isClosed = false
  readonly #stopListening: readonly (() => void)[]

  constructor(name: string, handset: Handset, parts: { clock: Clock; events: EventSink }) {
    this.#name = name
    this.handset = handset
    this.face = new HandsetFace(handset, parts.clock)
    this.#clock = parts.clock
    this.#events = parts.events
    this.#told = handset.state
    this.#stopListening = [
      handset.onChange(() => this.#changed()),
      handset.onOutput(() => {
        this.#cancelOutput ??= this.#clock.after(OUTPUT_INTERVAL_MS, () => this.#tellOutput())
      }),
    ]
  }

  /** Tells how the handset is now, unless it was thrown away. */
  publish(): void {
    if (this.#isClosed) return
    this.#cancelChange?.()
    this.#cancelChange = undefined
    this.#events.publish({ kind: 'handset-changed', handset: this.handset.view() })
  }

  async close(): Promise<void> {
    this.handset.close()
    this.#isClosed = true
    for (const stop of this.#stopListening) stop()
    this.#cancelChange?.()
    this.#cancelOutput?.()
    await this.line?.close()
  }

  /** A change of state is told at once, moving bytes ten times a second. */
  #changed(): void {
    if (this.handset.state !== this.#told) {
      this.#told = this.handset.state
      this.publish()
    } else {
      this.#cancelChange ??= this.#clock.after(CHANGE_INTERVAL_MS, () => this.publish())
    }
  }

  #tellOutput(): void {
    this.#cancelOutput = undefined
    const { from, bytes } = this.handset.output.since(this.#untold)
    this.#untold = this.handset.output.next
    const text = Buffer.from(bytes).toString('base64')
    this.#events.publish({ kind: 'handset-output', name: this.#name, from, bytes: text })
  }
}
