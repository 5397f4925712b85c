import { CodedError } from '../../base/coded-error'
import type { Clock } from '../../base/clock'
import type { Answers } from '../rollout/ports'
import type { RolloutSettings } from '../../contract/rollouts'
import type { Message, TraceSink } from '../../observe/message'
import { type EmbodimentSteps, stepLabel } from '../rollout/steps'
import {
  cancelAnswer,
  deploymentAnswer,
  fileNameOf,
  type PollAnswer,
  type PollingPace,
  pollAnswer,
} from './answers'
import type { ArtifactShelf } from './artifact-shelf'
import { ended, judged, SILENCE_MS_MAX, type Verdict } from './decide-feedback'
import type { DownloadLinks } from './download-links'
import type { Gate } from './gate'
import { isRunning, softwareIn } from './held-software'
import type { LastSeen } from './last-seen'
import { type ConfigData, type Feedback, mergedAttributes } from './messages'
import type { Sent } from './transfers'
import type {
  ActionReport,
  PolledDevice,
  PolledTask,
  PollingChange,
  PollingStore,
} from './polling-store'

/** An agent that reports more is not heard, unless it says how it ended. */
const REPORTS_MAX = 1000
/** What takes note of a cancelling. */
const ENDS: readonly string[] = ['closed', 'canceled', 'rejected', 'downloaded']

export interface PollingDeskParts {
  readonly store: PollingStore
  readonly lastSeen: LastSeen
  readonly shelf: ArtifactShelf
  readonly links: DownloadLinks
  readonly gate: Gate
  readonly clock: Clock
  readonly trace: TraceSink
  readonly answers: Answers
  readonly stepsOf: (settings: RolloutSettings) => EmbodimentSteps
  readonly pace: PollingPace
  readonly onMoved: (rolloutId: number, isDue: boolean) => void
}

/** Decides what polling devices are told, and what comes of what they say (AMB-X.18). */
export class PollingDesk {
  readonly #parts: PollingDeskParts

  constructor(parts: PollingDeskParts) {
    this.#parts = parts
  }

  async poll(known: PolledDevice, origin: string): Promise<PollAnswer> {
    const { store, lastSeen } = this.#parts
    const device = await this.#withNewer(known)
    lastSeen.note(device.deviceId)
    const { answer, deployed } = pollAnswer(device, { origin, pace: this.#parts.pace })
    if (deployed?.state === 'connecting') {
      const task = await store.task(deployed.id)
      if (task) this.#trace(task, 'access', { type: 'polled', fields: {} })
    }
    return answer
  }

  /** Rejects with `ACTION_UNKNOWN`, `ACTION_ENDED` and `BLOB_DAMAGED`. */
  async deployment(device: PolledDevice, taskId: number, origin: string) {
    const task = await this.activeTask(device.deviceId, taskId)
    const artifact = await this.#parts.shelf.artifact(task.rollout.digest)
    const fileName = fileNameOf(task, artifact)
    const path = await this.#parts.links.pathFor({ deviceId: device.deviceId, taskId }, fileName)
    const { toldTaskId } = await this.#withNewer(device)
    this.#parts.lastSeen.note(device.deviceId, taskId)
    // Agents ask twice for the same.
    if (task.state === 'connecting' && toldTaskId !== taskId) {
      const fields = { bytes: artifact.bytes.length, file: artifact.sha256 }
      this.#trace(task, 'authenticate', { type: 'deployment', fields, isAnswer: true })
    }
    return deploymentAnswer(task, artifact, { key: 'deployment', href: origin + path })
  }

  /** What it finished last. Rejects with `ACTION_UNKNOWN` and `BLOB_DAMAGED`. */
  async installed(device: PolledDevice, taskId: number) {
    const task = await this.#ownTask(device.deviceId, taskId)
    if (device.installedTaskId !== taskId) throw unknownAction(taskId)
    const artifact = await this.#parts.shelf.artifact(task.rollout.digest)
    return deploymentAnswer(task, artifact, { key: 'deployment', href: undefined })
  }

  /**
   * What there would be, without a way to it. Rejects with `ACTION_UNKNOWN`, `ACTION_ENDED` and
   * `BLOB_DAMAGED`.
   */
  async question(device: PolledDevice, taskId: number) {
    const task = await this.#ownTask(device.deviceId, taskId)
    if (task.state !== 'awaiting-answer') throw endedAction(taskId, task.state)
    const artifact = await this.#parts.shelf.artifact(task.rollout.digest)
    return deploymentAnswer(task, artifact, { key: 'confirmation', href: undefined })
  }

  /** Rejects with `ACTION_UNKNOWN` and with what {@link Answers} rejects. */
  async confirm(device: PolledDevice, taskId: number, answer: 'yes' | 'no'): Promise<void> {
    const { rolloutId, deviceId } = await this.#ownTask(device.deviceId, taskId)
    await this.#parts.answers.answered({ rolloutId, deviceId }, answer)
  }

  /** Rejects with `ACTION_UNKNOWN`, `ACTION_ENDED` and `REPORTS_FULL`. */
  async feedback(device: PolledDevice, taskId: number, said: Feedback): Promise<void> {
    mustName(said, taskId)
    for (;;) {
      const task = await this.#ownTask(device.deviceId, taskId)
      if (!isActive(task)) return this.#mustBeRepeated(task, said)
      const reports = await this.#parts.store.reports(taskId)
      const verdict = judged(task, said, reports.newest?.details ?? [])
      const isEnd = verdict.kind !== 'noted'
      if (!isEnd && reports.count >= REPORTS_MAX) throw reportsFull(taskId)
      const change = this.#changeFor(task, verdict, this.#report(said, taskId))
      if (!(await this.#parts.store.change(change))) continue
      this.#tellFeedback(task, said, verdict)
      const { nextAt = null } = change.task?.now ?? {}
      if (isEnd) this.#parts.onMoved(task.rolloutId, nextAt !== null)
      return
    }
  }

  /** Rejects with `ACTION_UNKNOWN` and `ACTION_ENDED`. */
  async cancelling(device: PolledDevice, taskId: number) {
    const task = await this.#ownTask(device.deviceId, taskId)
    if (task.state !== 'cancelled') throw endedAction(taskId, task.state)
    return cancelAnswer(taskId)
  }

  /**
   * The device takes note of a cancelling; where it refuses to, it goes on by itself and is heard no
   * more. Rejects with `ACTION_UNKNOWN`, `ACTION_ENDED` and `REPORTS_FULL`.
   */
  async cancelFeedback(device: PolledDevice, taskId: number, said: Feedback): Promise<void> {
    mustName(said, taskId)
    const { deviceId } = device
    const task = await this.#ownTask(deviceId, taskId)
    if (task.state !== 'cancelled') throw endedAction(taskId, task.state)
    const { execution } = said.status
    const isEnd = ENDS.includes(execution)
    const { count } = await this.#parts.store.reports(taskId)
    const isFull = count >= REPORTS_MAX
    if (isFull && !isEnd) throw reportsFull(taskId)
    const report = this.#report(said, taskId)
    const closed = isEnd ? { closed: { taskId, isInstalled: false } } : {}
    if (isEnd) this.#parts.lastSeen.forget(deviceId)
    // A cancelled action stays cancelled, so its end can be told for ever.
    const noted = isFull ? {} : { report }
    await this.#parts.store.change({ at: report.at, deviceId, ...noted, ...closed })
    this.#trace(task, undefined, { type: 'cancel feedback', fields: { execution } })
    if (execution !== 'rejected') return
    const message = `${deviceId} goes on with action ${taskId}, which was cancelled.`
    this.#parts.gate.refuse(deviceId, { status: 409, code: 'CANCEL_REJECTED', message })
  }

  /** What a device says of itself; what runs is told apart from what was installed (Q3). */
  async configData(device: PolledDevice, said: ConfigData): Promise<void> {
    const { store, clock, gate } = this.#parts
    const { deviceId, installedTaskId } = device
    const attributes = mergedAttributes(await store.attributes(deviceId), said)
    const task = installedTaskId === null ? undefined : await store.task(installedTaskId)
    const runs = task && isRunning(attributes, task.rollout)
    const confirmed = runs === true ? task : undefined
    await store.reported({
      deviceId,
      at: clock.now(),
      attributes,
      software: confirmed
        ? { name: confirmed.rollout.softwareName, version: confirmed.rollout.version }
        : softwareIn(attributes),
      confirmedTaskId: confirmed?.id,
    })
    const from = { from: 'device', to: 'carrier', label: '', outcome: 'sent' } as const
    const fields = { deviceId, attributes: Object.keys(attributes).length, confirmed: runs ?? null }
    this.#parts.trace.record({ ...from, type: 'attributes', fields })
    if (confirmed) this.#parts.onMoved(confirmed.rolloutId, false)
    if (!task || runs !== false || task.confirmedAt !== null) return
    const { softwareName, version, settings } = task.rollout
    // What is only recorded is not meant to run yet (S1-15).
    if (settings.delivery === 'record') return
    const message = `${deviceId} reported ${softwareName} ${version} as installed, but runs other software.`
    gate.refuse(deviceId, { status: 409, code: 'SOFTWARE_OTHER', message })
  }

  /** S5, S22: what went out of the software, also where the line broke. */
  sent({ task, range, total, outcome }: Sent): void {
    const fields = { from: range.from, to: range.to, of: total, file: task.rollout.digest }
    this.#trace(task, 'download', { type: 'software', fields, isAnswer: true, outcome })
  }

  /** The device may have its software now. Rejects with `ACTION_UNKNOWN` and `ACTION_ENDED`. */
  async activeTask(deviceId: string, taskId: number): Promise<PolledTask> {
    const task = await this.#ownTask(deviceId, taskId)
    if (isActive(task)) return task
    throw endedAction(taskId, task.state)
  }

  /** What is another device's is as unknown as what never was. */
  async #ownTask(deviceId: string, taskId: number): Promise<PolledTask> {
    const task = await this.#parts.store.task(taskId)
    if (task?.deviceId === deviceId) return task
    throw unknownAction(taskId)
  }

  async #withNewer(device: PolledDevice): Promise<PolledDevice> {
    const newer = this.#parts.lastSeen.newer(device.deviceId)
    if (!newer) return device
    const { at: seenAt, toldTaskId } = newer
    if (toldTaskId === undefined || toldTaskId === device.toldTaskId) return { ...device, seenAt }
    const told = await this.#parts.store.task(toldTaskId)
    return { ...device, seenAt, toldTaskId, toldState: told?.state ?? null }
  }

  #changeFor(task: PolledTask, verdict: Verdict, report: ActionReport): PollingChange {
    const { deviceId } = task
    const end = ended(task, verdict, report.at)
    if (verdict.kind !== 'noted' && end) {
      this.#parts.lastSeen.forget(deviceId)
      return { at: report.at, deviceId, report, ...end }
    }
    if (task.state === 'connecting') return { at: report.at, deviceId, report }
    // It is alive: it is given up later.
    const { id, state, attempts, reason } = task
    const now = { state, attempts, reason, nextAt: report.at + SILENCE_MS_MAX, downloadedAt: null }
    return { at: report.at, deviceId, report, task: { id, was: task, now } }
  }

  #report({ status }: Feedback, taskId: number): ActionReport {
    const { execution, result, details } = status
    const at = this.#parts.clock.now()
    return { taskId, at, execution, finished: result.finished, details }
  }

  /** An agent that lost the answer says the same again. */
  async #mustBeRepeated(task: PolledTask, { status }: Feedback): Promise<void> {
    const { newest } = await this.#parts.store.reports(task.id)
    const { execution, result } = status
    if (newest?.execution === execution && newest.finished === result.finished) return
    throw endedAction(task.id, task.state)
  }

  #tellFeedback(task: PolledTask, { status }: Feedback, verdict: Verdict): void {
    const { execution, result } = status
    const fields = { execution, finished: result.finished, verdict: verdict.kind }
    const outcome = verdict.kind === 'unproved' ? { outcome: 'refused' as const } : {}
    this.#trace(task, undefined, { type: 'feedback', fields, ...outcome })
    if (verdict.kind === 'downloaded') this.#trace(task, 'end', { type: 'normal end', fields: {} })
    if (verdict.kind !== 'unproved') return
    const message = `${task.deviceId}, action ${task.id}: ${verdict.reason}`
    const { deviceId } = task
    this.#parts.gate.refuse(deviceId, { status: 409, code: 'SUCCESS_UNPROVED', message })
  }

  #trace(
    { id, deviceId, customer, rollout }: PolledTask,
    step: keyof EmbodimentSteps | undefined,
    passage: Pick<Message, 'type' | 'fields'> & {
      readonly isAnswer?: boolean
      readonly outcome?: Message['outcome']
    },
  ): void {
    const { type, fields, isAnswer = false, outcome = isAnswer ? 'answered' : 'sent' } = passage
    const [from, to] = isAnswer ? ['carrier', 'device'] : ['device', 'carrier']
    const label = step === undefined ? '' : stepLabel(this.#parts.stepsOf(rollout.settings)[step])
    const { ipAddress } = customer
    const shown = { rollout: rollout.id, deviceId, ipAddress, action: id, ...fields }
    this.#parts.trace.record({ from, to, label, type, fields: shown, outcome })
  }
}

function isActive({ state }: Pick<PolledTask, 'state'>): boolean {
  return state === 'connecting' || state === 'downloading'
}

function mustName({ id }: Feedback, taskId: number): void {
  if (id === undefined || id === taskId) return
  const message = `The report is on action ${id}, but was sent for action ${taskId}.`
  throw new CodedError('BAD_REQUEST', message, { id, taskId })
}

function reportsFull(taskId: number): CodedError {
  const message = `Action ${taskId} has ${REPORTS_MAX} reports. Only its end is still heard.`
  return new CodedError('REPORTS_FULL', message, { limit: REPORTS_MAX })
}

function unknownAction(taskId: number): CodedError {
  return new CodedError('ACTION_UNKNOWN', `The device has no action ${taskId}.`, { taskId })
}

function endedAction(taskId: number, state: string): CodedError {
  const message = `Action ${taskId} is ${state}, and nothing more can be done with it now.`
  return new CodedError('ACTION_ENDED', message, { taskId, state })
}
