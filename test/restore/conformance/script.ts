import { asciiText, concatBytes } from '../../../src-main/base/bytes'
import { sleep, type Clock } from '../../../src-main/base/clock'
import type { ByteLink } from '../../../src-main/link/byte-link'
import type { Step, Trace } from './notebook'

type Speech = Exclude<Step, { from: 'nobody' }>

/** Longer than anybody of ours thinks about an answer. */
const PATIENCE_MS = 30_000

/** Plays one side of a trace at the end of a line, and compares the other one byte by byte. */
export class Script {
  readonly #link: ByteLink
  readonly #clock: Clock
  readonly #side: 'host' | 'device'
  #heard = new Uint8Array(0)
  #wake = () => {}
  /** When somebody said something last. */
  #saidAt: number

  constructor(side: 'host' | 'device', { link, clock }: { link: ByteLink; clock: Clock }) {
    this.#side = side
    this.#link = link
    this.#clock = clock
    this.#saidAt = clock.now()
    link.onData(bytes => {
      this.#saidAt = clock.now()
      this.#heard = Buffer.concat([this.#heard, bytes])
      this.#wake()
    })
  }

  /** Resolves with what went otherwise than written; undefined where nothing did. */
  async play({ steps }: Trace): Promise<string | undefined> {
    this.#saidAt = this.#clock.now()
    for (const [index, step] of steps.entries()) {
      const problem = await this.#play(step, steps[index + 1])
      if (problem !== undefined) return `step ${index + 1}: ${problem}`
    }
    return undefined
  }

  /** What was said beyond the trace. */
  get rest(): string {
    return asciiText(this.#heard)
  }

  async #play(step: Step, next: Step | undefined): Promise<string | undefined> {
    if (step.from === 'nobody') return this.#expectSilence(step.milliseconds, next)
    return step.from === this.#side ? this.#say(step) : this.#expect(step)
  }

  async #say({ reads }: Speech): Promise<undefined> {
    for (const bytes of reads) await this.#link.write(bytes)
    this.#saidAt = this.#clock.now()
  }

  async #expect({ reads, says }: Speech): Promise<string | undefined> {
    const wanted = concatBytes(reads)
    const patience = new AbortController()
    const cancel = this.#clock.after(PATIENCE_MS, () => {
      patience.abort()
      this.#wake()
    })
    const isLate = () => patience.signal.aborted
    while (this.#heard.length < wanted.length && !isLate() && this.#isOnTheWayTo(wanted)) {
      await new Promise<void>(heard => (this.#wake = heard))
    }
    cancel()
    const said = this.#heard.subarray(0, wanted.length)
    this.#heard = this.#heard.slice(said.length)
    if (Buffer.compare(said, wanted) === 0) return undefined
    return `${JSON.stringify(asciiText(said))} instead of ${says}`
  }

  #isOnTheWayTo(wanted: Uint8Array): boolean {
    return Buffer.compare(this.#heard, wanted.subarray(0, this.#heard.length)) === 0
  }

  /** Where the other side speaks next, it does so at the very end of the silence. */
  async #expectSilence(milliseconds: number, next: Step | undefined): Promise<string | undefined> {
    const end = this.#saidAt + milliseconds
    const isOurs = next === undefined || next.from === this.#side
    await sleep(this.#clock, end - this.#clock.now() - (isOurs ? 0 : 1))
    if (this.#heard.length > 0) return `${JSON.stringify(this.rest)} instead of silence`
    if (isOurs) return undefined
    await sleep(this.#clock, 2)
    return this.#saidAt === end ? undefined : `nothing came after ${milliseconds} ms`
  }
}
