// The carrier's edge for polling devices in a process of its own: FOLDER DEVICES [plain].
// Prints its address; answers each line on its input with one of its own; ends with its input.
import { hash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { DdiEdge } from '../../src-main/carrier/ddi/edge'
import { FIRST_DEFAULTS } from '../../src-main/carrier/rollout/rollout-settings'
import { Audit } from '../../src-main/observe/audit'
import { EventBus } from '../../src-main/observe/events'
import { realClock } from '../../src-main/observe/real-clock'
import { Trace } from '../../src-main/observe/trace'
import { startSite } from '../../src-main/site/start-site'
import { openStorage } from '../../src-main/storage/open-storage'
import type { Connection } from '../../src-main/storage/sqlite'

/** What the process took so far. */
export interface ServerUse {
  readonly cpuSeconds: number
  readonly rssBytes: number
}

const SOFTWARE = Buffer.alloc(4096, 'software')
const DIGEST = hash('sha256', SOFTWARE, 'hex')
const [dataDir = '', devices = '1000', sort = ''] = process.argv.slice(2)

const storage = await openStorage({ dataDir, clock: realClock })
const { db, sqlite } = storage
await sqlite.write(connection => fill(connection, Number(devices)))
const audit = new Audit({ db, clock: realClock })
const logDefect = (error: unknown) => console.error(error)
const edge = new DdiEdge({
  db,
  sqlite: sort === 'plain' ? undefined : sqlite,
  clock: realClock,
  trace: new Trace({ clock: realClock, events: new EventBus() }),
  audit,
  logDefect,
  software: { read: async () => SOFTWARE },
  answers: { answered: async () => undefined },
  onMoved: () => undefined,
})
const site = await startSite({
  actor: 'carrier',
  statusOfCode: {},
  audit,
  clock: realClock,
  logDefect,
  port: 0,
  connectionsMax: 1000,
  mount(paths) {
    paths.get('/constant', () => Response.json({ config: { polling: { sleep: '00:05:00' } } }))
    edge.mount(paths)
  },
})
process.stdout.write(`${site.address}\n`)
for await (const line of createInterface(process.stdin)) {
  if (line.startsWith('tasks '))
    await sqlite.write(writer => addTasks(writer, Number(line.slice(6))))
  const { user, system } = process.cpuUsage()
  const use = { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() }
  process.stdout.write(`${JSON.stringify(use)}\n`)
}
await site.close()
await edge.close()
await storage.close()

function fill(connection: Connection, count: number): void {
  const insert = connection.prepare(
    `insert into carrier_customers values (?, '10.0.0.1', 'x', 'Vendor A', 'Minato-ku K.K.',
      'minato@shiba.co.jp', 'update', null, 'network-device', 0, '[]', null, null, null,
      'Asia/Tokyo', 'poll', ?, '{}', 0)`,
  )
  for (let at = 0; at < count; at++) {
    insert.run(`DEV-${at}`, hash('sha256', `token-of-DEV-${at}`, 'hex'))
  }
}

/** A rollout that hands out to the first so many devices. */
function addTasks(connection: Connection, count: number): void {
  const settings = JSON.stringify({ ...FIRST_DEFAULTS, window: null })
  const additional = { deviceTypes: [], fromVersions: [], price: 300, currency: 'JPY', trial: null }
  const { lastInsertRowid } = connection
    .prepare(
      `insert into carrier_rollouts (vendor_name, software_name, version, revision,
        vendor_release_id, kind, digest, bytes, additional, settings, state, is_paused, groups,
        notified_at, changed_at)
      select 'Vendor A', 'bench', '2.0.0', 1, count(*) + 1, 'package', ?, ?, ?, ?,
        'distributing', 0, '[]', 0, 0 from carrier_rollouts`,
    )
    .run(DIGEST, SOFTWARE.length, JSON.stringify(additional), settings)
  connection
    .prepare(
      `insert into carrier_tasks (rollout_id, device_id, manager_name, state, group_number,
        attempts, sent_bytes, is_restored, changed_at)
      select ?, device_id, manager_name, 'connecting', 1, 0, 0, 0, 0
      from carrier_customers where rowid <= ?`,
    )
    .run(lastInsertRowid, count)
}
