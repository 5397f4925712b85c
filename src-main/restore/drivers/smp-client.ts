import { CodedError } from '../../base/coded-error'
import type { Clock } from '../../base/clock'
import { printableText } from '../../base/printable'
import type { ByteLink } from '../../link/byte-link'
import { LINE_END } from '../../wire/smp/constants'
import type { SmpEncoding, SmpItem } from '../../wire/smp/encoding'
import { failureOf, requestOf, type SmpCommand, type SmpFailure } from '../../wire/smp/messages'
import {
  decodePacket,
  encodePacket,
  SmpFormatError,
  type SmpHeader,
  type SmpPacket,
} from '../../wire/smp/packet'
import { SmpReceiver } from '../../wire/smp/receiver'

/** What an answer says: one of these for every request that was answered at all. */
export type SmpReply<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly failure: SmpFailure }
  | { readonly kind: 'senseless'; readonly reason: string }

export type AskOutcome<Answer> = SmpReply<Answer> | { readonly kind: 'silence' }

export interface Patience {
  readonly timeoutMs: number
  readonly attempts: number
}

/** A packet on its way, for the trace. */
export interface SmpPassage {
  readonly direction: 'sent' | 'received'
  /** Name of the command it belongs to. */
  readonly command: string
  readonly packet: SmpPacket
  readonly bytes: Uint8Array
  readonly refused: boolean
}

export interface SmpClientOptions {
  readonly link: ByteLink
  readonly clock: Clock
  /** To begin with. */
  readonly encoding: SmpEncoding
  /** Ends every wait with `CANCELLED`. */
  readonly signal: AbortSignal
  onPassage(passage: SmpPassage): void
  /** A line that the device printed, or bytes that made no sense. */
  onNote(level: 'info' | 'warning', text: string): void
}

interface Waiting {
  readonly request: SmpPacket
  take(packet: SmpPacket, bytes: Uint8Array): void
}

const SEQUENCES = 256

/**
 * Requests and answers over a link, in one encoding at a time. An answer belongs to a request when group,
 * command and sequence agree and the request still waits; everything else is noted and ignored.
 */
export class SmpClient {
  readonly #options: SmpClientOptions
  readonly #waiting = new Map<number, Waiting>()
  readonly #stops: (() => void)[] = []
  readonly #broken: Promise<never>
  #encoding: SmpEncoding
  #receiver: SmpReceiver
  #sequence: number
  #retries = 0

  constructor(options: SmpClientOptions) {
    this.#options = options
    this.#encoding = options.encoding
    this.#receiver = this.#receiverFor(options.encoding)
    // A late answer to an earlier client at the same link should meet another number.
    this.#sequence = Math.floor(options.clock.now()) % SEQUENCES
    this.#broken = this.#watchForTheEnd()
    // Whoever waits hears of it; nobody has to.
    this.#broken.catch(() => undefined)
    this.#stops.push(options.link.onData(bytes => this.#receiver.receive(bytes)))
  }

  get encoding(): SmpEncoding {
    return this.#encoding
  }

  /** Requests that had to be sent again before they were answered. */
  get retries(): number {
    return this.#retries
  }

  /** Rejects with `LINK_LOST` or `CANCELLED` as soon as there is nothing left to wait for. */
  get broken(): Promise<never> {
    return this.#broken
  }

  /** Sends and reads in another encoding from here on. */
  speak(encoding: SmpEncoding): void {
    if (encoding === this.#encoding) return
    this.#receiver.stop()
    this.#encoding = encoding
    this.#receiver = this.#receiverFor(encoding)
    // What was sent before would stand in the same line of a console as the next packet.
    if (encoding.name === 'console') this.#write(Uint8Array.of(LINE_END))
  }

  /**
   * Where an encoding has no marks, an answer that has begun and does not go on would take the next
   * one for its rest.
   */
  giveUpBegun(): void {
    if (this.#encoding.silenceMs !== null) this.#receiver.giveUp()
  }

  /**
   * Sends one request without waiting. `onReply` is called at most once. Returns how to forget the
   * request: an answer that comes later is ignored.
   */
  post<Answer>(
    command: SmpCommand<Answer>,
    onReply: (reply: SmpReply<Answer>) => void,
  ): () => void {
    const sequence = this.#nextSequence()
    const request = requestOf(command, sequence)
    const waiting: Waiting = {
      request,
      take: (packet, bytes) => {
        const reply = readReply(command, packet)
        const refused = reply.kind !== 'answered'
        const { name } = command
        this.#options.onPassage({ direction: 'received', command: name, packet, bytes, refused })
        onReply(reply)
      },
    }
    this.#waiting.set(sequence, waiting)
    const bytes = encodePacket(request)
    const passage = { command: command.name, packet: request, bytes, refused: false }
    this.#options.onPassage({ direction: 'sent', ...passage })
    this.#write(this.#encoding.encode(bytes))
    return () => {
      if (this.#waiting.get(sequence) === waiting) this.#waiting.delete(sequence)
    }
  }

  /** Asks and waits; repeats on silence. Rejects only with `LINK_LOST` and `CANCELLED`. */
  async ask<Answer>(
    command: SmpCommand<Answer>,
    { timeoutMs, attempts }: Patience,
  ): Promise<AskOutcome<Answer>> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const outcome = await this.#askOnce(command, timeoutMs)
      if (outcome.kind !== 'silence') {
        this.#retries += attempt - 1
        return outcome
      }
      this.giveUpBegun()
      this.#options.onNote('warning', `No answer to "${command.name}" within ${timeoutMs} ms.`)
    }
    return { kind: 'silence' }
  }

  /** Waits for so long. Rejects with `LINK_LOST` and `CANCELLED`. */
  async pause(milliseconds: number): Promise<void> {
    let cancel = () => {}
    const over = new Promise<void>(done => {
      cancel = this.#options.clock.after(milliseconds, done)
    })
    await Promise.race([over, this.#broken]).finally(cancel)
  }

  /** Stops listening. The link stays open. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#receiver.stop()
    this.#waiting.clear()
  }

  async #askOnce<Answer>(
    command: SmpCommand<Answer>,
    timeoutMs: number,
  ): Promise<AskOutcome<Answer>> {
    let forget = () => {}
    const reply = new Promise<SmpReply<Answer>>(done => {
      forget = this.post(command, done)
    })
    let cancel = () => {}
    const silence = new Promise<{ kind: 'silence' }>(done => {
      cancel = this.#options.clock.after(timeoutMs, () => done({ kind: 'silence' }))
    })
    return Promise.race([reply, silence, this.#broken]).finally(() => {
      cancel()
      forget()
    })
  }

  #watchForTheEnd(): Promise<never> {
    const { link, signal } = this.#options
    return new Promise((_, reject) => {
      const cancelled = () =>
        reject(new CodedError('CANCELLED', 'cancelled; nothing is sent any more.'))
      if (signal.aborted) cancelled()
      signal.addEventListener('abort', cancelled, { once: true })
      this.#stops.push(
        () => signal.removeEventListener('abort', cancelled),
        link.onClose(cause => {
          reject(cause ?? new CodedError('LINK_LOST', `The link ${link.name} was closed.`))
        }),
      )
    })
  }

  #nextSequence(): number {
    // A window is far smaller than the circle, so a free number is always near.
    do this.#sequence = (this.#sequence + 1) % SEQUENCES
    while (this.#waiting.has(this.#sequence))
    return this.#sequence
  }

  /** A write that fails also ends the link, and that is what waiting callers hear of. */
  #write(bytes: Uint8Array): void {
    this.#options.link.write(bytes).catch(() => undefined)
  }

  #receiverFor(encoding: SmpEncoding): SmpReceiver {
    const { clock } = this.#options
    return new SmpReceiver({ encoding, clock, onItem: item => this.#takeItem(item) })
  }

  #takeItem(item: SmpItem): void {
    if (item.kind === 'packet') this.#takePacket(item.packet)
    else if (item.kind === 'text') this.#showText(item.text)
    else this.#options.onNote('warning', `${item.bytes} bytes thrown away: ${item.reason}.`)
  }

  #showText(text: string): void {
    this.#options.onNote('info', `device: ${printableText(text)}`)
  }

  #takePacket(bytes: Uint8Array): void {
    const packet = this.#decode(bytes)
    if (!packet) return
    const waiting = this.#waiting.get(packet.sequence)
    if (waiting && answers(packet, waiting.request)) {
      this.#waiting.delete(packet.sequence)
      waiting.take(packet, bytes)
    } else {
      const what = `group ${packet.group}, command ${packet.command}, sequence ${packet.sequence}`
      this.#options.onNote('warning', `An answer that nobody waits for was ignored (${what}).`)
    }
  }

  #decode(bytes: Uint8Array): SmpPacket | undefined {
    try {
      return decodePacket(bytes)
    } catch (error) {
      if (!(error instanceof SmpFormatError)) throw error
      this.#options.onNote('warning', `A packet was ignored: ${error.message}.`)
      return undefined
    }
  }
}

function answers(packet: SmpHeader, request: SmpHeader): boolean {
  return (
    packet.op === request.op + 1 &&
    packet.group === request.group &&
    packet.command === request.command
  )
}

function readReply<Answer>(command: SmpCommand<Answer>, packet: SmpPacket): SmpReply<Answer> {
  try {
    const failure = failureOf(packet.payload)
    if (failure) return { kind: 'refused', failure }
    return { kind: 'answered', answer: command.readAnswer(packet.payload) }
  } catch (error) {
    if (!(error instanceof SmpFormatError)) throw error
    return { kind: 'senseless', reason: error.message }
  }
}
