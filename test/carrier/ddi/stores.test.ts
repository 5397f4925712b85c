import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GroupCommit } from '../../../src-main/carrier/ddi/group-commit'
import { READ } from '../../../src-main/carrier/ddi/polling-sql'
import { realClock } from '../../../src-main/observe/real-clock'
import { openStorage } from '../../../src-main/storage/open-storage'
import { openToInspect } from '../../../src-main/storage/sqlite'
import { scratchFolder } from '../../storage/scratch'
import { ddiBench, softwareOf } from './ddi-bench'
import { DdiDevice } from './ddi-device'

test('what is committed together fails apart', async () => {
  const storage = await openStorage({ clock: realClock })
  const { sqlite } = storage
  const commits = new GroupCommit(sqlite)
  const put = (name: string) =>
    commits.do(connection => {
      connection.prepare('insert into carrier_settings values (?, 1)').run(name)
      if (name === 'b') throw new Error('b is wrong')
      return name
    })
  const ends = await Promise.allSettled(['a', 'b', 'c', 'a'].map(put))
  expect(ends.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
  ])
  const names = sqlite.reader.prepare('select name from carrier_settings order by name').pluck()
  expect(names.all()).toEqual(['a', 'c'])
  await storage.close()
})

test('nobody writes between the statements of a transaction, and its end is seen by all', async () => {
  const dataDir = scratchFolder()
  const storage = await openStorage({ clock: realClock, dataDir })
  const { db, sqlite } = storage
  const put = (name: string) => db.insertInto('carrier_settings').values({ name, value: '1' })
  const count = () => sqlite.reader.prepare('select count(*) from carrier_settings').pluck().get()
  const open = db.transaction().execute(async transaction => {
    await transaction.insertInto('carrier_settings').values({ name: 'a', value: '1' }).execute()
    // Not committed, so not seen.
    expect(count()).toBe(0)
    throw new Error('it is taken back')
  })
  const written = sqlite.write(connection =>
    connection.prepare(`insert into carrier_settings values ('b', '1')`).run(),
  )
  await expect(open).rejects.toThrow('it is taken back')
  await written
  await put('c').execute()
  expect(count()).toBe(2)
  await storage.close()
})

test('a report that was answered is on the disk', async () => {
  const dataDir = scratchFolder()
  const bench = await ddiBench({ dataDir })
  await bench.addDevice('gw-1')
  const id = await bench.addTask(await bench.addRollout(softwareOf(5000)), 'gw-1')
  const device = new DdiDevice(bench.address, 'gw-1')
  await device.software(id)
  expect((await device.report(id, 'closed', 'success')).status).toBe(200)
  const look = openToInspect(join(dataDir, 'kintsugi.db'))
  expect(look.prepare('select state from carrier_tasks').pluck().get()).toBe('downloaded')
  expect(look.prepare('select kind from carrier_outbox').pluck().all()).toEqual(['invoice'])
  look.close()
})

test('every statement finds its rows by an index', async () => {
  const storage = await openStorage({ clock: realClock })
  const { sqlite } = storage
  for (const statement of Object.values(READ)) {
    const plan = sqlite.reader.prepare(`explain query plan ${statement}`).all('x')
    expect(JSON.stringify(plan)).not.toContain('"SCAN')
  }
  await storage.close()
})
