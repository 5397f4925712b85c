import type { Kysely } from 'kysely'
import type { Clock } from '../../base/clock'
import { CodedError } from '../../base/coded-error'
import type { EventSink } from '../../observe/events'
import type { AuditSink, TraceSink } from '../../observe/message'
import type { DefectLog } from '../../site/refusal'
import type { Schema } from '../../storage/schema'
import type { SettlementNotice } from '../../wire/settlement/messages'
import { readImage } from '../../wire/image/read-image'
import { rememberSoftware } from '../customers/customer-store'
import { releaseFactsOf } from '../release-image'
import type { CarrierStore } from '../store'
import { AnswerDesk } from './answer-desk'
import { billedTask } from './completion'
import { DeviceDelivery } from './delivery'
import { DeviceAccess } from './device-access'
import { Distributor } from './distributor'
import { OutboxWorker } from './outbox-worker'
import type {
  Answers,
  Consent,
  Delivery,
  Returns,
  SoftwareStorage,
  StoredSoftware,
  Trial,
} from './ports'
import { recover } from './recovery'
import { RolloutEntry } from './rollout-book'
import { RolloutCommands } from './rollout-commands'
import { RolloutCourse } from './rollout-course'
import { RolloutLedger } from './rollout-ledger'
import { RolloutStore } from './rollout-store'
import { stepLabel, stepsOf } from './steps'
import type { CarrierSurroundings } from './surroundings'
import { TaskBook, type TaskMoved } from './task-book'
import { TaskSlices } from './task-slices'
import { TaskStore } from './task-store'
import { TerminalTasks } from './terminal-tasks'

export interface RolloutEngineParts {
  readonly db: Kysely<Schema>
  readonly clock: Clock
  readonly trace: TraceSink
  readonly audit: AuditSink
  readonly events: EventSink
  readonly logDefect: DefectLog
  readonly surroundings: CarrierSurroundings
  readonly catalogue: Pick<CarrierStore, 'release' | 'update' | 'assign'>
  readonly storage: SoftwareStorage
  readonly returns: Returns
  readonly trial: (delivery: Delivery) => Trial
  readonly consent: (answers: Answers) => Consent
  /** What else works at a rollout. */
  readonly others: {
    fetch(rolloutId: number): void
    stopFetching(rolloutId: number): Promise<void>
    recheck(rolloutId: number): Promise<void>
  }
}

/** Everything that rollouts do by themselves, put together. */
export class RolloutEngine {
  readonly rollouts: RolloutStore
  readonly tasks: TaskStore
  readonly ledger: RolloutLedger
  readonly entry: RolloutEntry
  readonly answers: AnswerDesk
  readonly terminals: TerminalTasks
  readonly commands: RolloutCommands
  readonly #parts: RolloutEngineParts
  readonly #slices: TaskSlices
  readonly #book: TaskBook
  readonly #distributor: Distributor
  readonly #outbox: OutboxWorker
  readonly #course: RolloutCourse

  constructor(parts: RolloutEngineParts) {
    const { db, clock, audit, catalogue, others, storage, surroundings } = parts
    this.#parts = parts
    const now = () => clock.now()
    const moved = (change: TaskMoved) => this.#moved(change)
    const rollouts = new RolloutStore(db)
    const tasks = new TaskStore(db)
    const slices = new TaskSlices(db, now)
    const book = new TaskBook(db, { now, moved })
    const ledger = new RolloutLedger({ ...parts, rollouts })
    const stored = { rollouts, tasks, slices, book, ledger }
    const remember = (deviceId: string, software: { name: string; version: string }) =>
      rememberSoftware(db, { deviceId, software, at: now() })
    const terminals = new TerminalTasks({ clock, tasks, rollouts, book, catalogue, remember })
    const { networkAddress } = surroundings
    const access = new DeviceAccess({ ...parts, storage, networkAddress })
    const distributor = new Distributor({ ...parts, ...stored, access })
    const outbox = new OutboxWorker({ ...parts, rollouts, moved })
    const releaseOf = (id: number) => this.#releaseOf(id)
    const trial = parts.trial(new DeviceDelivery({ access, terminals, releaseOf }))
    const answers = new AnswerDesk({ db, clock, audit, ledger, tasks, moved })
    const consent = parts.consent(answers)
    const cutOthers = async (id: number) => {
      await others.stopFetching(id)
      await others.recheck(id)
    }
    const working = { distributor, outbox, trial, consent, cutOthers }
    const course = new RolloutCourse({ ...parts, ...stored, ...working })
    const assign = (id: number, software: StoredSoftware) => this.#assign(id, software)
    const fetch = (id: number) => others.fetch(id)
    const recheck = (id: number) => others.recheck(id)
    this.rollouts = rollouts
    this.tasks = tasks
    this.ledger = ledger
    this.answers = answers
    this.terminals = terminals
    this.entry = new RolloutEntry({ clock, rollouts, ledger, course, assign })
    this.commands = new RolloutCommands({
      audit,
      ledger,
      course,
      slices,
      fetch,
      recheck,
    })
    this.#slices = slices
    this.#book = book
    this.#distributor = distributor
    this.#outbox = outbox
    this.#course = course
  }

  /** Goes on with what a stop interrupted. */
  async start(): Promise<void> {
    const { rollouts, ledger } = this
    const course = this.#course
    const fetch = (id: number) => this.#parts.others.fetch(id)
    await recover({ rollouts, ledger, course, slices: this.#slices, fetch })
    this.#outbox.wake()
    this.#distributor.wake()
  }

  async close(): Promise<void> {
    await this.#distributor.close()
    await this.#course.close()
    await this.#outbox.close()
  }

  /** A task of it was changed; `isDue`: something is due at another time than before. */
  touch(rolloutId: number, isDue: boolean): void {
    if (isDue) this.#distributor.wake()
    this.#outbox.wake()
    this.#course.touch(rolloutId)
  }

  /** What became of an invoice; the same again changes nothing. Rejects with `INVOICE_UNKNOWN`. */
  async settled({ id, state }: SettlementNotice): Promise<void> {
    const place = billedTask(id)
    const task = place && (await this.tasks.ofDevice(place.rolloutId, place.deviceId))
    if (!task) {
      throw new CodedError('INVOICE_UNKNOWN', `No download was billed under ${id.slice(0, 64)}.`)
    }
    if (state === 'open') return
    const facts = { invoiceId: id }
    await this.#book.apply({ taskId: task.id, input: { kind: 'billed', state }, facts })
  }

  #moved({ rollout, task, effects }: TaskMoved): void {
    if (effects.includes('bill')) {
      this.#parts.trace.record({
        from: 'carrier',
        to: 'carrier',
        type: 'normal end',
        outcome: 'answered',
        label: stepLabel(stepsOf(rollout.settings).end),
        fields: { rollout: rollout.id, deviceId: task.deviceId },
      })
    }
    if (task.nextAt !== null) this.#distributor.due(task.nextAt)
    this.touch(rollout.id, false)
  }

  async #assign(rolloutId: number, software: StoredSoftware) {
    const { catalogue, clock, storage } = this.#parts
    const { digest, softwareName, version } = software
    const image = readImage(await storage.read(digest))
    const facts = releaseFactsOf(`${softwareName} ${version}`, image)
    if (facts.software.name !== softwareName || facts.software.version !== version) {
      const { name, version: said } = facts.software
      const message = `The image says that it is ${name} ${said}, and it came as ${softwareName} ${version}.`
      throw new CodedError('RELEASE_UNFIT', message, { digest })
    }
    return catalogue.assign(rolloutId, { digest, ...facts, publishedAt: clock.now() })
  }

  async #releaseOf(rolloutId: number) {
    const id = (await this.rollouts.rollout(rolloutId))?.catalogueId
    return id === null || id === undefined ? undefined : this.#parts.catalogue.release(id)
  }
}
