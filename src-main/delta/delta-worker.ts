import { parentPort, workerData } from 'node:worker_threads'
import { CodedError } from '../base/coded-error'
import type { DeltaAnswer, DeltaOrder } from './delta-messages'
import { packInside } from './lzma-encoder'
import { makeDelta } from './make-delta'
import { NativeGate } from './native-gate'

const tell = (answer: DeltaAnswer) => parentPort?.postMessage(answer, [])

try {
  const { gateMemory, ...order }: DeltaOrder = workerData
  packInside(new NativeGate(gateMemory))
  const made = await makeDelta(order, (step, share) => tell({ kind: 'step', step, share }))
  tell({ kind: 'made', made })
} catch (error) {
  // A defect ends the worker, with its stack; what a user can act on is an answer.
  if (!(error instanceof CodedError)) throw error
  const { code, message, data } = error
  tell({ kind: 'failed', code, message, data })
}
