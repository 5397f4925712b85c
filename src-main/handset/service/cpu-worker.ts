// The thread in which the CPUs of all handsets run: one slice for each message, so that none
// waits for longer than the slices of the others.
import { parentPort } from 'node:worker_threads'
import { CodedError } from '../../base/coded-error'
import type { SliceOutcome } from '../cpu/cpu-port'
import { CpuPlace } from '../cpu/in-process-cpu-host'
import { failureOf, readCpuMessage, type CpuAnswer, type CpuMessage } from './cpu-messages'

/** A place for a CPU, or why there is none. */
type Place = CpuPlace | { readonly error: unknown }

const port = parentPort
const places = new Map<number, Place>()

port?.on('message', (message: unknown) => take(readCpuMessage(message)))

function take(message: CpuMessage): void {
  switch (message.kind) {
    case 'open':
      return open(message.cpu, () => new CpuPlace(message.memory, message.board))
    case 'start':
      return open(message.cpu, () => {
        const place = placeOf(message.cpu)
        place.start(message.start)
        return place
      })
    case 'run':
      return answer(message.ticket, () => placeOf(message.cpu).run(message.order))
    case 'close':
      places.delete(message.cpu)
  }
}

/** Neither opening nor starting is answered: what went wrong is told to the next order. */
function open(cpu: number, make: () => CpuPlace): void {
  try {
    places.set(cpu, make())
  } catch (error) {
    places.set(cpu, { error })
  }
}

function answer(ticket: number, run: () => SliceOutcome): void {
  try {
    const outcome = run()
    send({ ticket, outcome }, [outcome.sent.buffer])
  } catch (error) {
    send({ ticket, failure: failureOf(error) }, [])
  }
}

function send(message: CpuAnswer, transfer: readonly ArrayBufferLike[]): void {
  port?.postMessage(
    message,
    transfer.filter(buffer => buffer instanceof ArrayBuffer),
  )
}

function placeOf(cpu: number): CpuPlace {
  const place = places.get(cpu)
  if (place instanceof CpuPlace) return place
  if (place) throw place.error
  throw new CodedError('CPU_NOT_STARTED', `There is no CPU number ${cpu} in this worker.`)
}
