import { toHex } from '../../base/bytes'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { EncodingChoice, Identity } from '../../contract/restore'
import type { ByteLink } from '../../link/byte-link'
import type { TraceSink } from '../../observe/message'
import { SMP_ENCODINGS } from '../../wire/smp/encodings'
import {
  echo,
  readImageState,
  readInfo,
  readParameters,
  readSlotInfo,
  reset,
  uploadImage,
  type ImageSlotState,
  type SmpCommand,
} from '../../wire/smp/messages'
import type {
  Awakening,
  Forecast,
  Holding,
  ListedSlot,
  RestoreDriver,
  RestoreImage,
} from './driver'
import { SmpClient, type AskOutcome, type Patience } from './smp-client'
import { forecastUpload } from './smp-forecast'
import { holdingOf, identityOf, listedSlots, modeOf, type SmpFacts } from './smp-identity'
import { limitsFor } from './smp-limits'
import { firstEncoding, probe, triedText } from './smp-probe'
import { traceMessage } from './smp-trace'
import { SmpTransfer } from './smp-transfer'
import type { UploadLimits } from './smp-upload'

export interface SmpDriverOptions {
  readonly link: ByteLink
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly trace: TraceSink
  readonly encoding?: EncodingChoice
  onNote(level: 'info' | 'warning', text: string): void
}

const QUESTION: Patience = { timeoutMs: 1000, attempts: 3 }
/** Reading back computes a digest over the whole region. */
const READ_BACK: Patience = { timeoutMs: 5000, attempts: 3 }
/** Some devices reset before they answer. */
const RESET: Patience = { timeoutMs: 1000, attempts: 2 }
const AFTER_RESET: Patience = { timeoutMs: 500, attempts: 1 }
/** Time to go down and come up again, and how long to look for a sign of life after it. */
const RESET_PAUSE_MS = 1000
const AWAKENING_MS = 3000
/** An offset at which no piece of an upload ever begins. */
const WRONG_OFFSET = 1

const ADVICE = 'Check the cable and its power, then restore again; the handset waits for it'

const NO_FACTS: SmpFacts = {
  encoding: 'console',
  slots: undefined,
  parameters: undefined,
  information: undefined,
  slotSizes: undefined,
}

/** Wired restore over SMP, as MCUboot's serial recovery and Zephyr speak it. */
export class SmpDriver implements RestoreDriver {
  readonly protocol = 'smp'
  readonly #options: SmpDriverOptions
  readonly #encoding: EncodingChoice
  readonly #client: SmpClient
  #label = '0:R2'
  #facts: SmpFacts = NO_FACTS
  #transfer: SmpTransfer | undefined

  constructor(options: SmpDriverOptions) {
    this.#options = options
    this.#encoding = options.encoding ?? 'auto'
    this.#client = new SmpClient({
      ...options,
      encoding: firstEncoding(this.#encoding),
      onNote: (level, text) => options.onNote(level, text),
      onPassage: passage => options.trace.record(traceMessage(passage, this.#label)),
    })
  }

  get retries(): number {
    return this.#client.retries + (this.#transfer?.retries ?? 0)
  }

  get touched(): boolean {
    return this.#transfer?.touched ?? false
  }

  get heldBytes(): number | null {
    return this.#transfer?.heldBytes ?? null
  }

  get slots(): readonly ListedSlot[] {
    return listedSlots(this.#facts)
  }

  close(): void {
    this.#client.close()
  }

  /** The image list is the probe. Whatever answers it, with a refusal perhaps, speaks SMP. */
  async identify(): Promise<Identity> {
    this.#label = '0:R2'
    const listing = await probe(this.#client, this.#encoding)
    if (listing.kind === 'silence') throw this.#nothingAnswers()
    if (listing.kind === 'senseless') throw this.#confused('identifying', listing.reason)
    this.#facts = {
      encoding: this.#client.encoding.name,
      slots: listing.kind === 'answered' ? listing.answer : undefined,
      parameters: await this.#askFor(readParameters),
      information: await this.#askFor(readInfo()),
      slotSizes: undefined,
    }
    return identityOf(this.#facts)
  }

  async measure(): Promise<Identity> {
    this.#facts = { ...this.#facts, slotSizes: await this.#askFor(readSlotInfo) }
    return identityOf(this.#facts)
  }

  async enterRestoreMode(): Promise<Identity> {
    await this.#reset(1)
    return this.identify()
  }

  heldBefore(image: RestoreImage): Holding {
    return holdingOf(this.#facts.slots, image.listedHash)
  }

  forecast(image: RestoreImage, from: number): Forecast {
    const { baud } = this.#options.link
    const { encoding } = this.#client
    return forecastUpload({ image, from, limits: this.#limits(image), encoding, baud })
  }

  /** Whoever receives an image answers a wrong offset with the one that it wants. */
  async wantedByte(image: RestoreImage): Promise<number | undefined> {
    const data = image.bytes.subarray(WRONG_OFFSET, WRONG_OFFSET + 1)
    if (data.length === 0) return undefined
    return (await this.#askFor(uploadImage({ offset: WRONG_OFFSET, data })))?.offset
  }

  async write(
    image: RestoreImage,
    onProgress: (doneBytes: number) => void,
    from = 0,
  ): Promise<boolean> {
    this.#label = '0:R4'
    const { link, clock } = this.#options
    const limits = this.#limits(image)
    const client = this.#client
    const transfer = new SmpTransfer({ client, clock, link, image, limits, from, onProgress })
    this.#transfer = transfer
    const end = await transfer.run()
    switch (end.kind) {
      case 'complete':
        if (end.match !== false) return end.match === true
        throw new CodedError(
          'VERIFY_FAILED',
          `${link.name}: at the end of writing, the device compared what it received with the ` +
            'digest and found a difference. Restore again; if that fails too, replace the cable.',
        )
      case 'refused':
        throw this.#refused(end.rc, end.reason)
      case 'silent': {
        const place = `byte ${transfer.doneBytes} of ${image.bytes.length}`
        throw new CodedError(
          'NO_ANSWER',
          `${link.name}: the device fell silent while writing, at ${place}. ${ADVICE}.`,
          { offset: transfer.doneBytes },
        )
      }
      case 'confused':
        throw this.#confused('writing', end.reason)
    }
  }

  async readBack(image: RestoreImage): Promise<Holding> {
    this.#label = '0:R5'
    const listing = await this.#client.ask(readImageState, READ_BACK)
    switch (listing.kind) {
      case 'answered':
        return holdingOf(listing.answer, image.listedHash)
      case 'refused':
        return holdingOf(undefined, image.listedHash)
      case 'senseless':
        throw this.#confused('verifying', listing.reason)
      case 'silence':
        throw new CodedError(
          'NO_ANSWER',
          `${this.#options.link.name}: the device fell silent while verifying. ${ADVICE}.`,
        )
    }
  }

  async reset(): Promise<void> {
    this.#label = '0:R6'
    await this.#reset()
  }

  /**
   * Software counts as running when it echoes a fresh text, gives information that is not restore
   * mode's, and lists the image as active. It may speak console lines although restore mode does
   * not.
   */
  async awaken(image: RestoreImage): Promise<Awakening> {
    this.#label = '0:R6'
    const { clock } = this.#options
    const { encoding } = this.#client
    const tried = encoding.name === 'console' ? [encoding] : [encoding, SMP_ENCODINGS.console]
    const deadline = clock.now() + AWAKENING_MS * tried.length
    for (let attempt = 1; clock.now() < deadline; attempt++) {
      const asked = clock.now()
      this.#client.speak(tried[(attempt - 1) % tried.length] ?? encoding)
      const sign = await this.#signOfLife(`${toHex(image.sha256.subarray(0, 8))}-${attempt}`)
      if (sign === 'restore-mode') return sign
      if (sign === 'software' && (await this.#runs(image))) return sign
      // An answer in no time must not turn into a storm of questions.
      const left = AFTER_RESET.timeoutMs - (clock.now() - asked)
      if (left > 0) await this.#client.pause(left)
    }
    return 'silence'
  }

  #limits(image: RestoreImage): UploadLimits {
    const { memory } = identityOf(this.#facts)
    return limitsFor(image.bytes.length, memory, this.#client.encoding)
  }

  async #reset(bootMode?: 1): Promise<void> {
    const outcome = await this.#client.ask(reset(bootMode), RESET)
    if (outcome.kind === 'refused') {
      const text = `The device would not reset (${outcome.failure.message}); do it by hand.`
      this.#options.onNote('warning', text)
    }
    await this.#client.pause(RESET_PAUSE_MS)
  }

  async #signOfLife(nonce: string): Promise<Awakening> {
    const echoed = await this.#client.ask(echo(nonce), AFTER_RESET)
    if (echoed.kind === 'silence' || echoed.kind === 'senseless') return 'silence'
    if (echoed.kind === 'refused' || echoed.answer !== nonce) return 'restore-mode'
    const information = await this.#client.ask(readInfo(), AFTER_RESET)
    if (information.kind === 'silence' || information.kind === 'senseless') return 'silence'
    const text = information.kind === 'answered' ? information.answer : undefined
    return modeOf(text) === 'software' ? 'software' : 'restore-mode'
  }

  async #runs(image: RestoreImage): Promise<boolean> {
    const listing = await this.#client.ask(readImageState, AFTER_RESET)
    if (listing.kind !== 'answered') return false
    const active = listing.answer.filter((slot: ImageSlotState) => slot.active)
    return holdingOf(active, image.listedHash).kind === 'this-image'
  }

  /** Asks what not every device can answer. */
  async #askFor<Answer>(command: SmpCommand<Answer>): Promise<Answer | undefined> {
    const outcome: AskOutcome<Answer> = await this.#client.ask(command, QUESTION)
    return outcome.kind === 'answered' ? outcome.answer : undefined
  }

  #nothingAnswers(): CodedError {
    const { name } = this.#options.link
    return new CodedError(
      'NO_ANSWER',
      `Nothing answers at ${name}: ${triedText(this.#encoding)}. ` +
        'Check cable and baud rate, and that the handset is on and in restore mode.',
      { link: name },
    )
  }

  #refused(rc: number, reason: string): CodedError {
    const { name } = this.#options.link
    const message = this.touched
      ? `${name}: the device refused to go on after ${this.#transfer?.doneBytes} bytes: ` +
        `${reason}. ${ADVICE}.`
      : `${name}: the device refused the image before anything was written: ${reason}. ` +
        'Check that the image is made for this device.'
    return new CodedError('DEVICE_REFUSED', message, { rc })
  }

  #confused(phase: string, reason: string): CodedError {
    return new CodedError(
      'DEVICE_CONFUSED',
      `${this.#options.link.name}: while ${phase}, the device answered with something that makes ` +
        `no sense: ${reason}. Switch it off and on, then try again.`,
    )
  }
}
