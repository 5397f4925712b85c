// Stands in for the worker of the CPUs: dies at the first order.
import { parentPort } from 'node:worker_threads'

parentPort.on('message', ({ kind }) => {
  if (kind === 'run') throw new Error('The lights went out.')
})
