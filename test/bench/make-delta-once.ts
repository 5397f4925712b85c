// Makes one differential file in a process of its own, so that its peak memory can be told:
// OLD NEW OUTPUT plain|in-place. Prints a MakeRun as JSON.
import { readFileSync, writeFileSync } from 'node:fs'
import { makeDelta } from '../../src-main/delta/make-delta'

export interface MakeRun {
  readonly fullBytes: number
  readonly sectorErases: number
  /** Seconds of CPU, without the start of the process. */
  readonly seconds: number
  /** Of the whole process. */
  readonly peakBytes: number
}

const [old = '', fresh = '', output = '', sort] = process.argv.slice(2)
const read = (path: string) => new Uint8Array(readFileSync(path))
const order = { old: read(old), fresh: read(fresh), ramBytes: 65_536, sectorBytes: 4096 }
const startedAt = process.cpuUsage()
const made = await makeDelta({ ...order, inPlace: sort === 'in-place' }, () => undefined)
const { user, system } = process.cpuUsage(startedAt)
writeFileSync(output, made.file)
const run: MakeRun = {
  fullBytes: made.fullBytes,
  sectorErases: made.sectorErases,
  seconds: (user + system) / 1e6,
  peakBytes: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(JSON.stringify(run))
