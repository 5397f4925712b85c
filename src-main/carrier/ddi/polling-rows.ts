import * as z from 'zod'
import { invariant } from '../../base/assert'
import { rolloutSettings } from '../../contract/rollouts'
import { additionalInformation } from '../../contract/vendor'
import { readStored } from '../../storage/stored-json'
import { type Attributes, attributes } from './messages'
import type { ActionReport, PolledDevice, PolledTask, ShownTask } from './polling-store'

/** A device joined with the tasks that it may be told of: one row for each, or one without. */
export interface DeviceRow extends Omit<PolledDevice, 'shown'> {
  readonly shownId: number | null
  readonly shownRolloutId: number | null
  readonly shownState: ShownTask['state'] | null
  readonly shownAttempts: number | null
}

/** A task joined with its customer and its rollout. */
export interface TaskRow
  extends
    Omit<PolledTask, 'customer' | 'rollout'>,
    Omit<PolledTask['customer'], 'deviceId'>,
    Pick<PolledTask['rollout'], 'softwareName' | 'version' | 'digest'> {
  /** JSON. */
  readonly settings: string
  /** JSON. */
  readonly additional: string | null
}

export interface ReportRow extends Omit<ActionReport, 'details'> {
  /** JSON. */
  readonly details: string
}

/** Undefined: there is no such device. */
export function toDevice(rows: readonly DeviceRow[]): PolledDevice | undefined {
  const [first] = rows
  if (!first) return undefined
  const shown: ShownTask[] = []
  for (const { shownId: id, shownRolloutId: rolloutId, shownState: state, ...row } of rows) {
    if (id === null || rolloutId === null || state === null) continue
    shown.push({ id, rolloutId, state, attempts: row.shownAttempts ?? 0 })
  }
  const { deviceId, tokenDigest, reach, seenAt, reportedAt } = first
  const { toldTaskId, toldState, installedTaskId } = first
  const told = { toldTaskId, toldState, installedTaskId }
  return { deviceId, tokenDigest, reach, seenAt, reportedAt, ...told, shown }
}

/** What the columns of a few rollouts hold, which thousands of tasks share. */
class StoredTexts<Value> {
  readonly #schema: z.ZodType<Value>
  readonly #read = new Map<string, Value | undefined>()

  constructor(schema: z.ZodType<Value>) {
    this.#schema = schema
  }

  read(text: string): Value | undefined {
    const known = this.#read.get(text)
    if (known !== undefined) return known
    if (this.#read.size >= TEXTS_MAX) this.#read.clear()
    const value = readStored(this.#schema, text)
    this.#read.set(text, value)
    return value
  }
}

const TEXTS_MAX = 64
const settingsIn = new StoredTexts(rolloutSettings)
const additionalIn = new StoredTexts(additionalInformation)

export function toTask(row: TaskRow): PolledTask {
  const { deviceId, ipAddress, managerName, managerEmail, timeZone, ...rest } = row
  const { softwareName, version, digest, settings: stored, additional, ...task } = rest
  const settings = settingsIn.read(stored)
  invariant(settings, 'the settings of a rollout are what was checked when they were kept')
  return {
    ...task,
    deviceId,
    customer: { deviceId, ipAddress, managerName, managerEmail, timeZone },
    rollout: {
      id: task.rolloutId,
      softwareName,
      version,
      digest,
      settings,
      additional: additional === null ? null : (additionalIn.read(additional) ?? null),
    },
  }
}

export function attributesIn(stored: string | undefined): Attributes {
  return stored === undefined ? {} : (readStored(attributes, stored) ?? {})
}

export function toReport({ details, ...row }: ReportRow): ActionReport {
  return { ...row, details: readStored(z.array(z.string()), details) ?? [] }
}
