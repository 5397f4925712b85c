import { CodedError, type ErrorData } from '../../base/coded-error'
import type { CpuBoard, CpuMemory, CpuStart, SliceOrder, SliceOutcome } from '../cpu/cpu-port'

/** What the worker is told. `cpu` numbers a CPU, `ticket` an order that is to be answered. */
export type CpuMessage =
  | { kind: 'open'; cpu: number; memory: CpuMemory; board: CpuBoard }
  | { kind: 'start'; cpu: number; start: CpuStart }
  | { kind: 'run'; cpu: number; ticket: number; order: SliceOrder }
  | { kind: 'close'; cpu: number }

/** What it answers to a `run`. */
export type CpuAnswer =
  | { ticket: number; outcome: SliceOutcome }
  | { ticket: number; failure: CpuFailure }

/** A CodedError on its way between threads. */
export interface CpuFailure {
  code: string
  message: string
  data: ErrorData
}

export function failureOf(error: unknown): CpuFailure {
  if (error instanceof CodedError) {
    return { code: error.code, message: error.message, data: error.data }
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'CPU_FAILED', message: `The emulated CPU failed: ${reason}`, data: {} }
}

const KINDS = ['open', 'start', 'run', 'close']

/** Throws a TypeError on what is no message; what is in it is checked where it is used. */
export function readCpuMessage(message: unknown): CpuMessage {
  const isMessage =
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    'cpu' in message &&
    KINDS.includes(String(message.kind)) &&
    Number.isInteger(message.cpu)
  if (!isMessage) throw new TypeError('The worker of the CPUs was sent something unknown.')
  return message as CpuMessage
}
