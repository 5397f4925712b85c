import type { Clock } from '../../base/clock'
import type { Report, Inquiry, SoftwareId } from '../../wire/update/messages'
import type { CatalogueRelease } from '../catalogue'
import type { KeptUpdate } from '../store'
import type { Assignments } from './assignments'
import type { DeliveryEnd, DeliveryOrder } from './ports'
import type { RolloutStore } from './rollout-store'
import type { TaskBook } from './task-book'
import { ACTIVE_TASKS } from './task-machine'
import type { KeptTask } from './task-row'
import type { TaskStore } from './task-store'

export interface TerminalTasksParts {
  readonly clock: Clock
  readonly tasks: TaskStore
  readonly rollouts: RolloutStore
  readonly book: TaskBook
  readonly catalogue: {
    release(id: number): Promise<CatalogueRelease | undefined>
    update(id: string): Promise<KeptUpdate | undefined>
  }
  /** What a device says that it holds goes into the customer table. */
  readonly remember: (deviceId: string, software: SoftwareId) => Promise<void>
}

/** A device without a task that gets a release all the same: a test device. */
interface Expected {
  readonly release: CatalogueRelease
  readonly onProgress: DeliveryOrder['onProgress']
  readonly end: (end: DeliveryEnd) => void
}

/** What a handset says that it holds. */
interface Held {
  readonly software: NonNullable<Inquiry['software']>
  /** As the end of an update, and not by the way. */
  readonly isReported: boolean
  /** In the middle of a rewrite. */
  readonly isCutOff: boolean
}

/** A download over the radio, the rewriting and the judgement of it take no longer. */
export const UPDATE_MS_MAX = 2 * 3_600_000

/** Brings what handsets ask and report together with the tasks of their customers (AMB-X.3). */
export class TerminalTasks implements Assignments {
  readonly #parts: TerminalTasksParts
  readonly #expected = new Map<string, Expected>()
  /** Terminals that need the file of a rewrite that was cut off. */
  readonly #rescued = new Set<string>()

  constructor(parts: TerminalTasksParts) {
    this.#parts = parts
  }

  async offered(terminalId: string): Promise<CatalogueRelease | null | undefined> {
    const expected = this.#expected.get(terminalId)
    if (expected) return expected.release
    const customer = await this.#parts.tasks.customerWithTerminal(terminalId)
    if (!customer) return undefined
    const task = (await this.#unfinished(customer.device_id)).findLast(isActive)
    return (task && (await this.#releaseOf(task))) ?? null
  }

  async seen({ terminalId, software, neededFile }: Inquiry): Promise<void> {
    // It is in the middle of no rewrite any more; who still is says so anew.
    if (neededFile === null) this.#rescued.delete(terminalId)
    if (!software) return
    const expected = this.#expected.get(terminalId)
    if (expected?.release.sha256 === software.sha256) expected.end({ outcome: 'downloaded' })
    await this.#holds(terminalId, { software, isReported: false, isCutOff: neededFile !== null })
  }

  rescued(terminalId: string): void {
    this.#rescued.add(terminalId)
  }

  async unfit({ terminalId, model, software }: Inquiry): Promise<void> {
    const held = software ? `${software.id.name} ${software.id.version}` : 'unknown software'
    const reason = `The handset cannot take it: it is a ${model} with ${held}.`
    this.#expected.get(terminalId)?.end({ outcome: 'failed', reason })
    const customer = await this.#parts.tasks.customerWithTerminal(terminalId)
    if (!customer) return
    const task = (await this.#unfinished(customer.device_id)).findLast(isActive)
    if (!task) return
    await this.#parts.book.apply({ taskId: task.id, input: { kind: 'failed' }, facts: { reason } })
  }

  async began(update: KeptUpdate): Promise<boolean> {
    const { terminalId, id, fileBytes, releaseId } = update
    if (this.#expected.get(terminalId)?.release.id === releaseId) return true
    const customer = await this.#parts.tasks.customerWithTerminal(terminalId)
    if (!customer) return true
    for (const task of (await this.#unfinished(customer.device_id)).filter(isActive)) {
      if ((await this.#releaseOf(task))?.id !== releaseId) continue
      const facts = { updateId: id, sentBytes: 0, totalBytes: fileBytes, nextAt: this.#giveUpAt() }
      const begun = { taskId: task.id, input: { kind: 'begun' } as const, facts }
      return (await this.#parts.book.apply(begun)) !== undefined
    }
    return this.#rescued.has(terminalId)
  }

  async sent({ terminalId, id, fileBytes }: KeptUpdate, sentBytes: number): Promise<void> {
    this.#expected.get(terminalId)?.onProgress(sentBytes, fileBytes)
    const task = await this.#taskWith(terminalId, id)
    if (task?.state !== 'downloading') return
    const facts = { sentBytes, nextAt: this.#giveUpAt() }
    await this.#parts.book.apply({ taskId: task.id, input: { kind: 'begun' }, facts })
  }

  async ended({ terminalId, id, to }: KeptUpdate, report: Report): Promise<void> {
    const { outcome, software } = report
    const reason = `The handset reported ${outcome} for ${to.name} ${to.version}.`
    const isUpdated = outcome === 'updated'
    if (isUpdated) this.#rescued.delete(terminalId)
    const end: DeliveryEnd = isUpdated ? { outcome: 'downloaded' } : { outcome: 'failed', reason }
    this.#expected.get(terminalId)?.end(end)
    if (isUpdated && software) {
      await this.#holds(terminalId, { software, isReported: true, isCutOff: false })
    }
    const task = await this.#taskWith(terminalId, id)
    if (!task || isUpdated) return
    await this.#parts.book.apply({ taskId: task.id, input: { kind: 'failed' }, facts: { reason } })
  }

  /** How the update of a test device ends. Resolves in any case. */
  async expected(
    terminalId: string,
    release: CatalogueRelease,
    { signal, onProgress }: Pick<DeliveryOrder, 'signal' | 'onProgress'>,
  ): Promise<DeliveryEnd> {
    const failed = (reason: string): DeliveryEnd => ({ outcome: 'failed', reason })
    return new Promise(resolve => {
      const end = (how: DeliveryEnd) => {
        cancel()
        signal.removeEventListener('abort', cut)
        if (this.#expected.get(terminalId) === expected) this.#expected.delete(terminalId)
        resolve(how)
      }
      const cut = () => end(failed('It was cut off.'))
      const late = () => end(failed('The handset took no update after the notice.'))
      const cancel = this.#parts.clock.after(UPDATE_MS_MAX, late)
      const expected = { release, onProgress, end }
      this.#expected.set(terminalId, expected)
      signal.addEventListener('abort', cut)
      if (signal.aborted) cut()
    })
  }

  /**
   * The software that a task was to bring ends it, whoever brought it. Where no update of ours was
   * reported as done it is taken for a wired restore (AMB-X.16): what a handset holds does not say
   * how it came there. Other software than before ends the attempt.
   */
  async #holds(terminalId: string, { software, isReported, isCutOff }: Held): Promise<void> {
    const { tasks, book, remember } = this.#parts
    const customer = await tasks.customerWithTerminal(terminalId)
    if (!customer) return
    const deviceId = customer.device_id
    const { name, version } = software.id
    if (customer.software_name !== name || customer.software_version !== version) {
      await remember(deviceId, software.id)
    }
    for (const task of await this.#unfinished(deviceId)) {
      const release = await this.#releaseOf(task)
      const update = task.updateId === null ? undefined : await this.#update(task.updateId)
      if (release?.sha256 === software.sha256) {
        const isRestored = !isReported || !update
        await book.apply({ taskId: task.id, input: { kind: 'downloaded', isRestored } })
      } else if (task.state === 'downloading' && update && !isCutOff) {
        await this.#mayHaveChanged(task, update, software.id)
      }
    }
  }

  async #mayHaveChanged(task: KeptTask, { from }: KeptUpdate, held: SoftwareId): Promise<void> {
    if (!from || (from.name === held.name && from.version === held.version)) return
    const reason = `The device holds ${held.name} ${held.version} now, which the rollout did not bring.`
    await this.#parts.book.apply({ taskId: task.id, input: { kind: 'failed' }, facts: { reason } })
  }

  async #taskWith(terminalId: string, updateId: string): Promise<KeptTask | undefined> {
    const customer = await this.#parts.tasks.customerWithTerminal(terminalId)
    if (!customer) return undefined
    const tasks = await this.#unfinished(customer.device_id)
    return tasks.findLast(task => task.updateId === updateId)
  }

  #unfinished(deviceId: string): Promise<KeptTask[]> {
    return this.#parts.tasks.unfinishedOf(deviceId)
  }

  #update(id: string): Promise<KeptUpdate | undefined> {
    return this.#parts.catalogue.update(id)
  }

  async #releaseOf({ rolloutId }: KeptTask): Promise<CatalogueRelease | undefined> {
    const rollout = await this.#parts.rollouts.rollout(rolloutId)
    const id = rollout?.catalogueId
    return id === null || id === undefined ? undefined : this.#parts.catalogue.release(id)
  }

  #giveUpAt(): number {
    return this.#parts.clock.now() + UPDATE_MS_MAX
  }
}

function isActive({ state }: KeptTask): boolean {
  return ACTIVE_TASKS.some(active => active === state)
}
