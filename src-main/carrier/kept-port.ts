import type { Kysely } from 'kysely'
import * as z from 'zod'
import { CodedError } from '../base/coded-error'
import type { RunningSite } from '../site/start-site'
import type { Schema } from '../storage/schema'
import { readStored } from '../storage/stored-json'

const NAME = 'server-port'
const port = z.number().int().min(1).max(65_535)

/**
 * Starts a server where it listened last, so that links in mails lead there after a restart too
 * (S52). Where that port is taken meanwhile, or there is none yet, at a free one.
 */
export async function startOnKeptPort(
  db: Kysely<Schema>,
  start: (port: number) => Promise<RunningSite>,
): Promise<RunningSite> {
  const kept = await keptPort(db)
  const site = kept === undefined ? await start(0) : await start(kept).catch(onlyIfTaken(start))
  if (site.port !== kept) await keep(db, site.port)
  return site
}

function onlyIfTaken(start: (port: number) => Promise<RunningSite>) {
  return (error: unknown): Promise<RunningSite> => {
    if (error instanceof CodedError && error.code === 'PORT_UNUSABLE') return start(0)
    throw error
  }
}

async function keptPort(db: Kysely<Schema>): Promise<number | undefined> {
  const row = await db
    .selectFrom('carrier_settings')
    .select('value')
    .where('name', '=', NAME)
    .executeTakeFirst()
  return row && readStored(port, row.value)
}

async function keep(db: Kysely<Schema>, value: number): Promise<void> {
  const row = { name: NAME, value: JSON.stringify(value) }
  await db
    .insertInto('carrier_settings')
    .values(row)
    .onConflict(conflict => conflict.column('name').doUpdateSet(row))
    .execute()
}
