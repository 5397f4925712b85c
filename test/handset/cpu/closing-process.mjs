// A process that does nothing but wait until its CPUs are taken out of a worker that is slow to end.
import { join } from 'node:path'
import { WorkerCpuHost } from '../../../src-main/handset/service/worker-cpu-host.ts'
import { SampleCpu } from './sample-cpu.ts'

const file = join(import.meta.dirname, 'stubborn-worker.mjs')
const host = new WorkerCpuHost(() => ({ file, execArgv: [] }))
const cpu = new SampleCpu({ code: [0xe7fe] }, host).start()
const runs = Array.from({ length: 100 }, () => cpu.run().catch(error => error.code))
process.stdout.write(`${await runs[0]}\n`)
// The answers to the other orders are on their way.
await host.close()
process.stdout.write(`${await runs[99]}\n`)
process.stdout.write('closed\n')
