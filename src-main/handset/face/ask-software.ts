import type { Clock } from '../../base/clock'
import type { HandsetState } from '../../contract/handsets'
import { SMP_ENCODINGS } from '../../wire/smp/encodings'
import { echo, failureOf, readInfo, requestOf, type SmpCommand } from '../../wire/smp/messages'
import { decodePacket, encodePacket, SmpFormatError } from '../../wire/smp/packet'
import { SmpReceiver } from '../../wire/smp/receiver'
import type { Handset } from '../handset'

/** Software that has not answered by then does not. */
const ANSWER_MS_MAX = 5000
const PACKET_BYTES_MAX = 1024
const ECHO_SEQUENCE = 0
const INFO_SEQUENCE = 1
const encoding = SMP_ENCODINGS.console
/** As Kintsugi's firmware says who it is. */
const INFORMATION = /^Kintsugi (?<model>\S{1,64}) (?<version>\S{1,64}) /
/** The firmware itself listens; restore mode would answer as well, but is not the software. */
const LISTENING: ReadonlySet<HandsetState> = new Set([
  'normal',
  'self-test-failed',
  'limiting',
  'secured',
  'requesting',
  'receiving',
  'stored',
])

export interface SoftwareAnswer {
  /** Sent back as it came. */
  readonly text: string
  readonly model: string
  readonly version: string
}

/**
 * Sends a text to the firmware that runs and asks it who it is, over its UART (decision 11). The
 * UART has one line: while a cable is on it the question waits. Undefined where the firmware does
 * not run, or has not answered both in time. One question at a time.
 */
export async function askSoftware(
  handset: Handset,
  { clock, text }: { readonly clock: Clock; readonly text: string },
): Promise<SoftwareAnswer | undefined> {
  const question = new Question(handset, { clock, text })
  const late = Promise.withResolvers<undefined>()
  const cancel = clock.after(ANSWER_MS_MAX, () => late.resolve(undefined))
  try {
    return await Promise.race([question.answer, late.promise])
  } finally {
    cancel()
    question.end()
  }
}

class Question {
  readonly #handset: Handset
  readonly #text: string
  readonly #receiver: SmpReceiver
  readonly #stops: readonly (() => void)[]
  readonly #answer = Promise.withResolvers<SoftwareAnswer>()
  #isAsked = false
  #echoed: string | undefined
  #information: string | undefined

  constructor(handset: Handset, { clock, text }: { readonly clock: Clock; readonly text: string }) {
    this.#handset = handset
    this.#text = text
    this.#receiver = new SmpReceiver({
      encoding,
      clock,
      maxPacketBytes: PACKET_BYTES_MAX,
      onItem: item => item.kind === 'packet' && this.#take(item.packet),
    })
    this.#stops = [
      handset.onOutput(bytes => this.#isAsked && this.#receiver.receive(bytes)),
      handset.onChange(() => this.#ask()),
    ]
    this.#ask()
  }

  get answer(): Promise<SoftwareAnswer> {
    return this.#answer.promise
  }

  end(): void {
    for (const stop of this.#stops) stop()
    this.#receiver.stop()
  }

  /** As soon as the line is free and somebody listens who can answer. */
  #ask(): void {
    const { state, hasLine } = this.#handset
    if (this.#isAsked || hasLine || !LISTENING.has(state)) return
    this.#isAsked = true
    for (const [sequence, command] of [echo(this.#text), readInfo()].entries()) {
      this.#handset.hear(encoding.encode(encodePacket(requestOf(command, sequence))))
    }
  }

  #take(bytes: Uint8Array): void {
    this.#echoed ??= answerIn(bytes, echo(this.#text), ECHO_SEQUENCE)
    this.#information ??= answerIn(bytes, readInfo(), INFO_SEQUENCE)
    const { model, version } = INFORMATION.exec(this.#information ?? '')?.groups ?? {}
    if (this.#echoed === undefined || model === undefined || version === undefined) return
    this.#answer.resolve({ text: this.#echoed, model, version })
  }
}

/** Undefined for what is no answer to this command, or says that it was not done. */
function answerIn<Answer>(
  bytes: Uint8Array,
  command: SmpCommand<Answer>,
  asked: number,
): Answer | undefined {
  try {
    const { op, group, command: id, sequence, payload } = decodePacket(bytes)
    const isAnswer = op === command.op + 1 && group === command.group && id === command.command
    if (!isAnswer || sequence !== asked || failureOf(payload)) return undefined
    return command.readAnswer(payload)
  } catch (error) {
    if (error instanceof SmpFormatError) return undefined
    throw error
  }
}
