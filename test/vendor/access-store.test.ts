import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { realClock } from '../../src-main/observe/real-clock'
import { openStorage } from '../../src-main/storage/open-storage'
import { AccessStore } from '../../src-main/vendor/access-store'
import { VendorStore } from '../../src-main/vendor/store'

test('the newest 10,000 accesses of an outcome to each database are kept, and no others', async () => {
  const storage = await openStorage({ clock: realClock })
  onTestFinished(() => storage.close())
  const { db } = storage
  for (const name of ['A', 'B']) await new VendorStore(db).insertVendor(name, { at: 0, port: 1 })
  await sql`
    with recursive numbers(number) as (select 1 union all select number + 1 from numbers limit 20000)
    insert into vendor_accesses (vendor_name, at, outcome, message)
    select case number % 2 when 0 then 'A' else 'B' end, number, 'demanded', '' from numbers
  `.execute(db)
  const access = { accessorId: null, releaseId: null, outcome: 'demanded', message: '' } as const
  const store = new AccessStore(db)
  await store.note('A', { at: 20_001, ...access })
  const ofA = await store.accesses('A', 20_000)
  expect([ofA.length, ofA[0]?.at, ofA.at(-1)?.at]).toEqual([10_000, 20_001, 4])
  expect(await store.accesses('B', 20_000)).toHaveLength(10_000)
})

test('who knocks without end makes it forget nobody who was let in', async () => {
  const storage = await openStorage({ clock: realClock })
  onTestFinished(() => storage.close())
  const { db } = storage
  await new VendorStore(db).insertVendor('A', { at: 0, port: 1 })
  const store = new AccessStore(db)
  const fetched = { at: 1, accessorId: 'carrier-1', releaseId: 1, message: '' } as const
  await store.note('A', { ...fetched, outcome: 'handed-out' })
  await sql`
    with recursive numbers(number) as (select 2 union all select number + 1 from numbers limit 10000)
    insert into vendor_accesses (vendor_name, at, outcome, message)
    select 'A', number, 'demanded', '' from numbers
  `.execute(db)
  const knock = { accessorId: null, releaseId: null, outcome: 'demanded', message: '' } as const
  await store.note('A', { at: 10_002, ...knock })
  const kept = await store.accesses('A', 20_000)
  expect(kept).toHaveLength(10_001)
  expect(kept.at(-1)).toMatchObject({ ...fetched, outcome: 'handed-out' })
})
