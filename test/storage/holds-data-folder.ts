import { realClock } from '../../src-main/observe/real-clock'
import { openStorage } from '../../src-main/storage/open-storage'
import { writeServeFile } from '../../src-main/storage/serve-file'

/** Run as a process of its own: opens the data folder it is given and stays until it is killed. */
const dataDir = process.argv[2] ?? ''
await openStorage({ dataDir, clock: realClock })
await writeServeFile(dataDir, {
  pid: process.pid,
  address: 'http://127.0.0.1:4711',
  token: 'of-the-child',
})
process.stdout.write('open\n')
setInterval(() => {}, 60_000)
