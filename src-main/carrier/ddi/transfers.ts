import type { Clock } from '../../base/clock'
import type { ByteRange } from '../../site/byte-range'
import { nextTask } from '../rollout/task-machine'
import type { Artifact } from './artifact-shelf'
import type { BodyPart } from './byte-ranges'
import { Coverage } from './coverage'
import { SILENCE_MS_MAX } from './decide-feedback'
import type { PolledTask, PollingStore } from './polling-store'

const PIECE_BYTES = 64 * 1024
/** Progress is written down after so many bytes, and at every end. */
const NOTED_BYTES = 1024 * 1024
/** Lines that one task may hold open at once. */
const LINES_PER_TASK_MAX = 4
const LINES_MAX = 2000
const STALLED_MS = 60_000
const LOOK_MS = 15_000
/** Tasks whose parts are remembered; of others the first bytes without a hole are. */
const COVERAGES_MAX = 10_000

/** Notes what went out of a file: what went out of it, and how it ended. */
export interface Sent {
  readonly task: PolledTask
  readonly range: ByteRange
  readonly total: number
  readonly outcome: 'answered' | 'lost'
}

export interface TransferParts {
  readonly store: Pick<PollingStore, 'change' | 'progress' | 'task'>
  readonly clock: Clock
  readonly onSent: (sent: Sent) => void
  readonly onMoved: (rolloutId: number, isDue: boolean) => void
  readonly onDefect: (error: unknown) => void
}

export interface BodyOptions {
  readonly parts: readonly BodyPart[]
  readonly signal: AbortSignal
  /** Ends the line on which it goes out. */
  readonly cut: () => void
}

interface Line {
  readonly task: PolledTask
  readonly total: number
  readonly cut: () => void
  /** Notes what went out; it is out of use then. */
  readonly end: () => Promise<void>
  movedAt: number
  isStalled: boolean
}

/** Downloads that go on, and what of each file went out. */
export class Transfers {
  readonly #parts: TransferParts
  readonly #lines = new Set<Line>()
  readonly #coverages = new Map<number, Coverage>()
  #cancelLook: (() => void) | undefined
  #isClosed = false

  constructor(parts: TransferParts) {
    this.#parts = parts
  }

  /** Whether another line for this task can be taken. */
  hasRoom(taskId: number): boolean {
    if (this.#isClosed) return false
    const own = [...this.#lines].filter(({ task }) => task.id === taskId).length
    return own < LINES_PER_TASK_MAX && this.#lines.size < LINES_MAX
  }

  /** S5, S22: from now on it downloads. False where it may not any more. */
  async begin(task: PolledTask): Promise<boolean> {
    if (task.state === 'downloading') return true
    const step = nextTask(task, { kind: 'begun' }, task.rollout.settings.attemptsMax)
    if (!step) return false
    const at = this.#parts.clock.now()
    const { state, attempts } = step
    const isWritten = await this.#parts.store.change({
      at,
      deviceId: task.deviceId,
      task: {
        id: task.id,
        was: task,
        now: { state, attempts, nextAt: at + SILENCE_MS_MAX, reason: null, downloadedAt: null },
      },
    })
    if (isWritten) this.#parts.onMoved(task.rolloutId, false)
    // Another line of the same device may have been quicker.
    return isWritten || (await this.#parts.store.task(task.id))?.state === 'downloading'
  }

  /** A body that gives as much as is taken, and notes what went out. */
  body(
    task: PolledTask,
    artifact: Artifact,
    { parts, signal, cut }: BodyOptions,
  ): ReadableStream<Uint8Array> {
    const pieces = this.#pieces(task, artifact, parts)
    const end = async () => {
      this.#lines.delete(line)
      await pieces.return(undefined)
    }
    const line: Line = {
      task,
      total: artifact.bytes.length,
      cut,
      end,
      movedAt: this.#parts.clock.now(),
      isStalled: false,
    }
    this.#lines.add(line)
    this.#look()
    signal.addEventListener('abort', () => void end())
    return new ReadableStream<Uint8Array>(
      {
        pull: async controller => {
          const { done, value } = await pieces.next()
          if (!this.#lines.has(line)) return
          this.#moved(line)
          if (value) controller.enqueue(value)
          if (!done) return
          this.#lines.delete(line)
          controller.close()
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    )
  }

  /** Ends what goes out for tasks of a rollout that may not be given their software any more. */
  async recheck(rolloutId: number): Promise<void> {
    const lines = [...this.#lines].filter(({ task }) => task.rolloutId === rolloutId)
    for (const line of lines) {
      const now = await this.#parts.store.task(line.task.id)
      if (now?.state !== 'downloading' && now?.state !== 'connecting') line.cut()
    }
  }

  /** Resolves when what went out is on the disk. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelLook?.()
    const lines = [...this.#lines]
    for (const line of lines) line.cut()
    await Promise.all(lines.map(line => line.end()))
  }

  async *#pieces(task: PolledTask, artifact: Artifact, parts: readonly BodyPart[]) {
    for (const part of parts) {
      if ('text' in part) yield Buffer.from(part.text, 'latin1')
      else yield* this.#range(task, artifact.bytes, part)
    }
  }

  async *#range(task: PolledTask, bytes: Uint8Array, { from, to }: ByteRange) {
    let [at, noted] = [from, from]
    try {
      while (at < to) {
        const end = Math.min(to, at + PIECE_BYTES)
        // Before the last byte: the device's next message may come at once.
        if (end === to || end - noted >= NOTED_BYTES) {
          await this.#note(task, { from: noted, to: end }, bytes.length)
          noted = end
        }
        yield bytes.slice(at, end)
        at = end
      }
    } finally {
      if (at > noted) {
        await this.#note(task, { from: noted, to: at }, bytes.length).catch(this.#parts.onDefect)
      }
      const range = { from, to: at }
      const outcome = at === to ? ('answered' as const) : ('lost' as const)
      this.#parts.onSent({ task, range, total: bytes.length, outcome })
    }
  }

  async #note(task: PolledTask, range: ByteRange, totalBytes: number): Promise<void> {
    const coverage = this.#coverageOf(task)
    coverage.add(range)
    await this.#keep(task, { sentBytes: coverage.prefix, totalBytes, reason: null })
  }

  #keep(
    { id: taskId }: PolledTask,
    kept: {
      readonly sentBytes: number
      readonly totalBytes: number
      readonly reason: string | null
    },
  ): Promise<void> {
    const nextAt = this.#parts.clock.now() + SILENCE_MS_MAX
    return this.#parts.store.progress({ taskId, nextAt, ...kept })
  }

  #coverageOf({ id, sentBytes }: PolledTask): Coverage {
    const coverage = this.#coverages.get(id) ?? new Coverage(sentBytes)
    this.#coverages.delete(id)
    this.#coverages.set(id, coverage)
    if (this.#coverages.size > COVERAGES_MAX) {
      const [oldest] = this.#coverages.keys()
      if (oldest !== undefined) this.#coverages.delete(oldest)
    }
    return coverage
  }

  #moved(line: Line): void {
    line.movedAt = this.#parts.clock.now()
    if (line.isStalled) this.#tell(line, null)
    line.isStalled = false
  }

  /** Says of a task that its download stands still, until it moves again. */
  #look(): void {
    this.#cancelLook ??= this.#parts.clock.after(LOOK_MS, () => {
      this.#cancelLook = undefined
      const before = this.#parts.clock.now() - STALLED_MS
      for (const line of this.#lines) if (line.movedAt <= before) this.#stalled(line)
      if (this.#lines.size > 0) this.#look()
    })
  }

  #stalled(line: Line): void {
    if (line.isStalled) return
    line.isStalled = true
    const { prefix } = this.#coverageOf(line.task)
    this.#tell(
      line,
      `Stalled: the device has taken ${prefix} of ${line.total} bytes, and none for a minute.`,
    )
  }

  #tell({ task, total: totalBytes }: Line, reason: string | null): void {
    const { prefix: sentBytes } = this.#coverageOf(task)
    void this.#keep(task, { sentBytes, totalBytes, reason }).then(
      () => this.#parts.onMoved(task.rolloutId, false),
      this.#parts.onDefect,
    )
  }
}
