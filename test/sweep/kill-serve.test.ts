import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Random, seededRandom } from '../../src-main/base/random'
import { realClock } from '../../src-main/observe/real-clock'
import { openStorage, type Storage } from '../../src-main/storage/open-storage'
import { run, stop } from '../http/serve-process'
import { Facts, KillClient } from './kill-client'

const KILLS = 100
const SEED = 20_264
/** One kill in so many falls into the start, before anything is answered. */
const KILLS_PER_START = 6
const START_MS = 500
/** The others fall so many facts, and then so many milliseconds, after the start. */
const FACTS_BEFORE_KILL = 40
const MILLISECONDS_BEFORE_KILL = 15

test('kill -9 of serve at a hundred moments loses no acknowledged fact and doubles none', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kintsugi-kill-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const random = seededRandom(SEED)
  const facts = new Facts()
  for (let kill = 1; kill <= KILLS; kill++) {
    // oxlint-disable-next-line no-await-in-loop
    await serveAndKill(dataDir, facts, random)
    // oxlint-disable-next-line no-await-in-loop
    const findings = await findingsIn(dataDir, facts)
    expect({ seed: SEED, kill, findings }).toEqual({ seed: SEED, kill, findings: [] })
  }
  expect(facts.refusals).toEqual([])
  // The kills have hit a workbench at work, not one that was never reached.
  for (const { acknowledged } of [facts.images, facts.settings, facts.handsets]) {
    expect(acknowledged.size).toBeGreaterThan(KILLS / 2)
  }
  expect(facts.unanswered).toBeGreaterThan(KILLS / 2)

  const serve = startServe(dataDir)
  const client = new KillClient(await serve.ready, facts)
  const images = (await client.get('/api/images')) as { digest: string }[]
  const listed = new Set(images.map(image => image.digest))
  expect(facts.images.acknowledged.difference(listed)).toEqual(new Set())
  const actions = (await client.get('/api/actions?limit=5000')) as { input: ActionInput }[]
  const named = new Set(actions.map(action => nameOf(action.input)))
  expect(facts.settings.acknowledged.difference(named)).toEqual(new Set())
  expect(await stop(serve)).toBe(0)
}, 600_000)

async function serveAndKill(dataDir: string, facts: Facts, random: Random): Promise<void> {
  const { child, ready, ended } = startServe(dataDir)
  let working: Promise<void> = Promise.resolve()
  if (random.below(KILLS_PER_START) === 0) {
    await pause(random.below(START_MS))
  } else {
    const client = new KillClient(await ready, facts)
    const reached = client.reached(random.below(FACTS_BEFORE_KILL))
    working = client.untilKilled(random)
    await Promise.race([reached, working])
    await pause(random.below(MILLISECONDS_BEFORE_KILL))
  }
  child.kill('SIGKILL')
  await Promise.all([ended, working])
}

function startServe(dataDir: string) {
  const serve = run('out/main/cli.js', ['serve', '--no-open', '--port', '0', '--data', dataDir])
  onTestFinished(() => void serve.child.kill('SIGKILL'))
  return serve
}

/** Opens what the killed process left, which also proves that its lock has gone. */
async function findingsIn(dataDir: string, facts: Facts): Promise<string[]> {
  const storage = await openStorage({ dataDir, clock: realClock })
  try {
    const { rows } = await sql<object>`PRAGMA integrity_check`.execute(storage.db)
    const integrity = rows.flatMap(row => Object.values(row).map(String))
    const unfinished = [dataDir, join(dataDir, 'blobs')].flatMap(folder =>
      readdirSync(folder).filter(name => name.startsWith('.incoming-')),
    )
    return [
      ...storage.notices.map(notice => notice.message),
      ...integrity.filter(finding => finding !== 'ok'),
      ...unfinished.map(name => `unfinished: ${name}`),
      ...(await imageFindings(storage, facts)),
      ...settingsFindings(storage, facts),
      ...(await actionFindings(storage, facts)),
    ]
  } finally {
    await storage.close()
  }
}

/** Every acknowledged image is listed; every listed one was sent, and its bytes are whole. */
async function imageFindings({ db, blobs }: Storage, { images }: Facts): Promise<string[]> {
  const rows = await db.selectFrom('images').select('digest').execute()
  const listed = new Set(rows.map(row => row.digest))
  const findings = [
    ...[...images.acknowledged.difference(listed)].map(digest => `image lost: ${digest}`),
    ...[...listed.difference(images.asked)].map(digest => `image never sent: ${digest}`),
  ]
  for (const digest of listed) {
    // oxlint-disable-next-line no-await-in-loop
    const bytes = (await blobs.get(digest)) ?? new Uint8Array()
    if (createHash('sha256').update(bytes).digest('hex') !== digest) {
      findings.push(`bytes lost: ${digest}`)
    }
  }
  return findings
}

/** The settings hold the last value that was acknowledged, or one that was on its way. */
function settingsFindings(storage: Storage, { settings }: Facts): string[] {
  const value = storage.settings.current().layout['value'] ?? 0
  const last = Math.max(0, ...[...settings.acknowledged].map(Number))
  const isFound = value >= last && value <= settings.asked.size
  return isFound ? [] : [`settings hold ${value}, not ${last} to ${settings.asked.size}`]
}

/** Every acknowledged action is in the log, and none is there twice. */
async function actionFindings({ db }: Storage, facts: Facts): Promise<string[]> {
  // Uploads are known by their digest, which the image library has shown already.
  const rows = await db
    .selectFrom('actions')
    .select('input')
    .where('call', '!=', 'upload')
    .execute()
  const names = rows.map(row => nameOf(JSON.parse(row.input) as ActionInput))
  const named = new Set(names)
  const acknowledged = facts.settings.acknowledged.union(facts.handsets.acknowledged)
  return [
    ...[...acknowledged.difference(named)].map(name => `action lost: ${name}`),
    ...(named.size === names.length ? [] : ['an action is there twice']),
  ]
}

interface ActionInput {
  readonly name?: string
  readonly layout?: { readonly value: number }
}

/** The name that the ledgers know an action by. */
function nameOf({ name, layout }: ActionInput): string {
  return name ?? String(layout?.value)
}
