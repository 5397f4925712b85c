/** What a long command reports while it runs. */
export interface Progress {
  readonly what: string
  readonly done: number
  readonly total: number
  /** What is counted; bytes where it is left out. */
  readonly unit?: 'points'
  /** Units a second; 0 while unknown. */
  readonly rate: number
  readonly secondsLeft: number | null
}

export interface ProgressSink {
  show(progress: Progress): void
  clear(): void
}

const BAR_CELLS = 24
const PLAIN_INTERVAL_MS = 3000
const TERMINAL_INTERVAL_MS = 100

/** A bar that redraws itself on a terminal, a line every few seconds elsewhere. */
export class ProgressLine implements ProgressSink {
  readonly #stream: NodeJS.WriteStream
  #shownAt = 0
  #onScreen = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  show(progress: Progress): void {
    const interval = this.#stream.isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS
    const now = performance.now()
    const isEnd = progress.done === progress.total
    if (now - this.#shownAt < interval && !(isEnd && this.#stream.isTTY)) return
    this.#shownAt = now
    const text = progressText(progress)
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001B[2K${text}`)
      this.#onScreen = true
    } else {
      this.#stream.write(`${text}\n`)
    }
  }

  clear(): void {
    if (this.#onScreen) this.#stream.write('\r\u001B[2K')
    this.#onScreen = false
  }
}

/** `writing [######------] 25 %  80.0 of 320.0 KiB  7.9 KiB/s  30 s left` */
export function progressText({ what, done, total, unit, rate, secondsLeft }: Progress): string {
  const share = total === 0 ? 1 : done / total
  const filled = Math.round(share * BAR_CELLS)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_CELLS - filled)
  const name = unit ?? 'KiB'
  const amount = (count: number) => (unit ? count.toFixed(0) : (count / 1024).toFixed(1))
  const parts = [
    `${what} [${bar}] ${Math.floor(share * 100)} %`,
    `${amount(done)} of ${amount(total)} ${name}`,
    rate > 0 ? `${amount(rate)} ${name}/s` : '',
    secondsLeft === null ? '' : `${Math.ceil(secondsLeft)} s left`,
  ]
  return parts.filter(part => part !== '').join('  ')
}
