import type { Clock } from '../base/clock'
import type { NetworkDevice } from '../contract/network'
import type { TestAnswer } from '../wire/device/messages'
import { DeviceAccess } from './access'
import { SoftwareDevice } from './software-device'

type Fault = NetworkDevice['fault']

const NO_ANSWER: TestAnswer = { isPending: false, answer: null, software: null }

/** What the network can do with a virtual handset. */
export interface HandsetFace {
  readonly terminalId: string
  readonly software: { readonly name: string; readonly version: string } | null
  /** Power is on and a radio cell is in reach. */
  readonly isReachable: boolean
  /** There is an update: the handset asks for it itself. */
  notice(): void
  /** Sends a test signal to the running software; null: it does not answer (decision 11). */
  testSignal(
    signal: string,
  ): Promise<{ readonly answer: string | null; readonly software: HandsetFace['software'] }>
}

/** What stands at an IP address: something that takes software, or a handset that asks for it. */
export type NodeBody =
  | { readonly takes: 'software'; readonly device: SoftwareDevice }
  | {
      readonly takes: 'notice'
      /** Its name; null for one of a fleet. */
      readonly handset: string | null
      /** Undefined where the handset is not there any more. */
      readonly face: () => HandsetFace | undefined
    }

export interface NetworkNodeParts {
  readonly ipAddress: string
  readonly deviceClass: NetworkDevice['deviceClass']
  readonly access: DeviceAccess
  readonly body: NodeBody
  readonly onChange: (node: NetworkNode) => void
}

/** A device of the emulated IP network, with its link and how it goes wrong. */
export class NetworkNode {
  readonly ipAddress: string
  readonly access: DeviceAccess
  readonly body: NodeBody
  readonly #parts: NetworkNodeParts
  #isLinked = true
  #fault: Fault = null
  #lastAccessAt: number | null = null
  #told = ''
  /** Of the newest test signal. */
  #testAnswer: TestAnswer = NO_ANSWER

  constructor(parts: NetworkNodeParts) {
    const { ipAddress, access, body } = parts
    this.ipAddress = ipAddress
    this.access = access
    this.body = body
    this.#parts = parts
  }

  get fault(): Fault {
    return this.#fault
  }

  get isReachable(): boolean {
    const { body } = this
    if (!this.#isLinked) return false
    return body.takes === 'software' || body.face()?.isReachable === true
  }

  get software(): NetworkDevice['software'] {
    const { body } = this
    return body.takes === 'software' ? body.device.running : (body.face()?.software ?? null)
  }

  change({ password, isReachable, fault }: NodeChange): void {
    if (password !== undefined) this.access.changePassword(password)
    if (isReachable !== undefined) this.#isLinked = isReachable
    if (fault !== undefined) this.#fault = fault
    this.#changed()
  }

  /** What its software has answered to the newest test signal so far. */
  get testAnswer(): TestAnswer {
    return this.#testAnswer
  }

  /** A test signal goes to its software; {@link testAnswer} is pending until that has answered. */
  signalled(signal: string): void {
    const pending = { ...NO_ANSWER, isPending: true }
    this.#testAnswer = pending
    const answer = (given: TestAnswer) => {
      // A newer signal wants its own answer.
      if (this.#testAnswer === pending) this.#testAnswer = given
    }
    this.#answerTo(signal).then(answer, () => answer(NO_ANSWER))
  }

  /** Somebody has reached it. */
  accessed(clock: Pick<Clock, 'now'>): void {
    this.#lastAccessAt = clock.now()
    this.#changed()
  }

  /** Its handset is not what it was; told only where the view shows that. */
  handsetChanged(): void {
    if (this.#shown() !== this.#told) this.#changed()
  }

  view(): NetworkDevice {
    const { ipAddress, access, body, isReachable, software, fault } = this
    return {
      ipAddress,
      deviceId: access.deviceId,
      deviceClass: this.#parts.deviceClass,
      handset: body.takes === 'notice' ? body.handset : null,
      isReachable,
      software,
      recorded: body.takes === 'software' ? body.device.recorded : null,
      fault,
      lastAccessAt: this.#lastAccessAt,
    }
  }

  async #answerTo(signal: string): Promise<TestAnswer> {
    const { body, software, fault } = this
    if (fault === 'silence') return NO_ANSWER
    const answered =
      body.takes === 'software'
        ? { answer: body.device.answerTo(signal), software }
        : await body.face()?.testSignal(signal)
    if (!answered) return NO_ANSWER
    const isOther = fault === 'wrong-answer' && answered.answer !== null
    const answer = isOther ? `not ${signal}` : answered.answer
    return { ...answered, answer, isPending: false }
  }

  #shown(): string {
    return JSON.stringify([this.isReachable, this.software])
  }

  #changed(): void {
    this.#told = this.#shown()
    this.#parts.onChange(this)
  }
}

export interface NodeChange {
  readonly password?: string | undefined
  readonly isReachable?: boolean | undefined
  readonly fault?: Fault | undefined
}
