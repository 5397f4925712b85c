import type { Customer, DeviceTask, Rollout, TaskState } from '../../contract/rollouts'
import type { OutboxEntry } from '../rollout/outbox-message'
import type { Attributes } from './messages'

type Awaitable<Value> = Value | Promise<Value>

/** A task that a device may be told of. */
export type ShownTask = Pick<DeviceTask, 'id' | 'rolloutId' | 'state' | 'attempts'>

/** What one poll needs of a device. */
export interface PolledDevice {
  readonly deviceId: string
  readonly tokenDigest: string | null
  readonly reach: Customer['reach']
  /** Null: never. */
  readonly seenAt: number | null
  /** When it reported its attributes last; null: they are wanted. */
  readonly reportedAt: number | null
  /** The task that it was told of last, and what became of that. */
  readonly toldTaskId: number | null
  readonly toldState: TaskState | null
  readonly installedTaskId: number | null
  /** Tasks that it may be told of now (connecting, downloading, awaiting-answer), oldest first. */
  readonly shown: readonly ShownTask[]
}

/** A task with what its device is to get. */
export interface PolledTask
  extends
    ShownTask,
    Pick<DeviceTask, 'deviceId' | 'sentBytes' | 'totalBytes' | 'reason' | 'confirmedAt'> {
  readonly customer: Pick<
    Customer,
    'deviceId' | 'ipAddress' | 'managerName' | 'managerEmail' | 'timeZone'
  >
  readonly rollout: Pick<Rollout, 'id' | 'softwareName' | 'version' | 'settings' | 'additional'> & {
    readonly digest: string
  }
}

export interface ActionReport {
  readonly taskId: number
  readonly at: number
  readonly execution: string
  readonly finished: string
  readonly details: readonly string[]
}

/** What is written down together; nothing of it where the task is not any more as it was. */
export interface PollingChange {
  readonly at: number
  readonly deviceId: string
  readonly task?: {
    readonly id: number
    readonly was: Pick<DeviceTask, 'state' | 'attempts'>
    readonly now: Pick<DeviceTask, 'state' | 'attempts' | 'nextAt' | 'reason' | 'downloadedAt'>
  }
  readonly report?: ActionReport
  readonly outbox?: OutboxEntry
  /** The device is done with its task: nothing more is to be told of it. */
  readonly closed?: { readonly taskId: number; readonly isInstalled: boolean }
}

/** What a device said of itself. */
export interface ReportedAttributes {
  readonly deviceId: string
  readonly at: number
  readonly attributes: Attributes
  /** For the customer table; undefined: the device does not say. */
  readonly software: { readonly name: string | null; readonly version: string } | undefined
  /** The task whose software it runs, as it says. */
  readonly confirmedTaskId: number | undefined
}

export interface SeenDevice {
  readonly deviceId: string
  readonly at: number
  /** Undefined: it was told of nothing. */
  readonly toldTaskId: number | undefined
}

/** What the server keeps of devices that poll. What resolves is on the disk. */
export interface PollingStore {
  device(deviceId: string): Awaitable<PolledDevice | undefined>
  task(id: number): Awaitable<PolledTask | undefined>
  attributes(deviceId: string): Awaitable<Attributes>
  /** How many reports there are of a task, and the newest. */
  reports(
    taskId: number,
  ): Awaitable<{ readonly count: number; readonly newest: ActionReport | undefined }>
  /** False: the task has changed meanwhile, and nothing was written. */
  change(change: PollingChange): Promise<boolean>
  /** Never takes bytes back, and changes no state. */
  progress(progress: {
    readonly taskId: number
    readonly sentBytes: number
    readonly totalBytes: number
    readonly nextAt: number
    readonly reason: string | null
  }): Promise<void>
  reported(reported: ReportedAttributes): Promise<void>
  seen(devices: readonly SeenDevice[]): Promise<void>
  setting(name: string): Awaitable<string | undefined>
  /** Null removes it. */
  keepSetting(name: string, value: string | null): Promise<void>
}
