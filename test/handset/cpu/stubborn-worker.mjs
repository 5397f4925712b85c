// A worker that answers a hundred orders at once and is then in a call that nothing interrupts.
import { spawnSync } from 'node:child_process'
import { parentPort } from 'node:worker_threads'

const tickets = []

parentPort.on('message', ({ kind, ticket }) => {
  if (kind !== 'run' || tickets.push(ticket) < 100) return
  for (const each of tickets) {
    const failure = { code: 'BUSY', message: 'Not now.', data: {} }
    parentPort.postMessage({ ticket: each, failure }, [])
  }
  spawnSync(process.execPath, ['-e', 'setTimeout(() => {}, 300)'])
})
