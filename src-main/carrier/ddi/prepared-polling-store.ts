import type { Connection, SqliteAccess } from '../../storage/sqlite'
import { GroupCommit } from './group-commit'
import type { Attributes } from './messages'
import {
  attributesIn,
  type DeviceRow,
  type ReportRow,
  type TaskRow,
  toDevice,
  toReport,
  toTask,
} from './polling-rows'
import { READ, WRITE } from './polling-sql'
import type {
  ActionReport,
  PolledDevice,
  PolledTask,
  PollingChange,
  PollingStore,
  ReportedAttributes,
  SeenDevice,
} from './polling-store'

type Reader = ReturnType<typeof preparedReads>
type Writer = ReturnType<typeof preparedWrites>

/**
 * The store on prepared statements, for thousands of polls a second. It reads on a connection that
 * sees only what was committed, and what comes at the same time is committed together.
 */
export class PreparedPollingStore implements PollingStore {
  readonly #sqlite: SqliteAccess
  readonly #readers = new WeakMap<Connection, Reader>()
  readonly #commits: GroupCommit
  readonly #writers = new WeakMap<Connection, Writer>()

  constructor(sqlite: SqliteAccess) {
    this.#sqlite = sqlite
    this.#commits = new GroupCommit(sqlite)
  }

  device(deviceId: string): PolledDevice | undefined {
    return toDevice(this.#read.device.all(deviceId))
  }

  task(id: number): PolledTask | undefined {
    const row = this.#read.task.get(id)
    return row && toTask(row)
  }

  attributes(deviceId: string): Attributes {
    return attributesIn(this.#read.attributes.get(deviceId)?.attributes)
  }

  reports(taskId: number): { count: number; newest: ActionReport | undefined } {
    const row = this.#read.reports.get(taskId)
    if (!row) return { count: 0, newest: undefined }
    const { count, ...newest } = row
    return { count, newest: toReport(newest) }
  }

  change(change: PollingChange): Promise<boolean> {
    return this.#write(writer => applied(writer, change))
  }

  progress({
    taskId,
    sentBytes,
    totalBytes,
    nextAt,
    reason,
  }: Parameters<PollingStore['progress']>[0]): Promise<void> {
    return this.#write(writer => {
      writer.progress.run({ taskId, sentBytes, totalBytes, nextAt, reason })
    })
  }

  reported(reported: ReportedAttributes): Promise<void> {
    const { deviceId, at, attributes, software, confirmedTaskId } = reported
    return this.#write(writer => {
      writer.attributes.run({ deviceId, at, attributes: JSON.stringify(attributes) })
      if (software) writer.software.run({ deviceId, at, ...software })
      if (confirmedTaskId !== undefined) writer.confirmed.run({ taskId: confirmedTaskId, at })
    })
  }

  seen(devices: readonly SeenDevice[]): Promise<void> {
    return this.#write(writer => {
      for (const { deviceId, at, toldTaskId = null } of devices) {
        writer.seen.run({ deviceId, at, toldTaskId })
      }
    })
  }

  setting(name: string): string | undefined {
    return this.#read.setting.get(name)?.value
  }

  keepSetting(name: string, value: string | null): Promise<void> {
    return this.#write(writer => {
      if (value === null) writer.removeSetting.run(name)
      else writer.keepSetting.run({ name, value })
    })
  }

  get #read(): Reader {
    const { reader: connection } = this.#sqlite
    const known = this.#readers.get(connection)
    const reader = known ?? preparedReads(connection)
    if (!known) this.#readers.set(connection, reader)
    return reader
  }

  #write<Result>(work: (writer: Writer) => Result): Promise<Result> {
    return this.#commits.do(connection => {
      const known = this.#writers.get(connection)
      const writer = known ?? preparedWrites(connection)
      if (!known) this.#writers.set(connection, writer)
      return work(writer)
    })
  }
}

function applied(writer: Writer, change: PollingChange): boolean {
  const { at, deviceId, task, report, outbox, closed } = change
  if (task) {
    const { state, attempts, nextAt, reason, downloadedAt } = task.now
    const { changes } = writer.task.run({
      id: task.id,
      wasState: task.was.state,
      wasAttempts: task.was.attempts,
      state,
      attempts,
      nextAt,
      reason,
      downloadedAt,
      at,
    })
    if (changes === 0) return false
  }
  if (report) writer.report.run({ ...report, details: JSON.stringify(report.details) })
  if (outbox) {
    const { key, kind, payload } = outbox
    writer.outbox.run({ key, kind, payload: JSON.stringify(payload), at })
  }
  if (closed) {
    const installed = closed.isInstalled ? closed.taskId : null
    writer.closed.run({ deviceId, at, taskId: closed.taskId, installed })
  }
  return true
}

function preparedReads(connection: Connection) {
  return {
    device: connection.prepare<[string], DeviceRow>(READ.device),
    task: connection.prepare<[number], TaskRow>(READ.task),
    attributes: connection.prepare<[string], { attributes: string }>(READ.attributes),
    reports: connection.prepare<[number], ReportRow & { count: number }>(READ.reports),
    setting: connection.prepare<[string], { value: string }>(READ.setting),
  }
}

function preparedWrites(connection: Connection) {
  return {
    task: connection.prepare(WRITE.task),
    progress: connection.prepare(WRITE.progress),
    report: connection.prepare(WRITE.report),
    outbox: connection.prepare(WRITE.outbox),
    closed: connection.prepare(WRITE.closed),
    attributes: connection.prepare(WRITE.attributes),
    software: connection.prepare(WRITE.software),
    confirmed: connection.prepare(WRITE.confirmed),
    seen: connection.prepare(WRITE.seen),
    keepSetting: connection.prepare(WRITE.keepSetting),
    removeSetting: connection.prepare(WRITE.removeSetting),
  }
}
