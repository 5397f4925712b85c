import { expect, onTestFinished, test } from 'vitest'
import { ActionLog } from '../../src-main/observe/actions'
import { Audit } from '../../src-main/observe/audit'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { openStorage } from '../../src-main/storage/open-storage'

test('refusals are kept in the order and at the time in which they happened', async () => {
  const { audit, clock } = await newLogs()
  const refuse = (code: string) => audit.refuse({ actor: 'handset', code, message: `${code}.` })
  refuse('FIRST')
  await clock.advance(1.5)
  refuse('SECOND')
  refuse('THIRD')
  expect(await audit.list({ limit: 10 })).toEqual([
    { id: 1, at: 0, actor: 'handset', code: 'FIRST', message: 'FIRST.' },
    { id: 2, at: 1.5, actor: 'handset', code: 'SECOND', message: 'SECOND.' },
    { id: 3, at: 1.5, actor: 'handset', code: 'THIRD', message: 'THIRD.' },
  ])
  const earlier = await audit.list({ limit: 1, before: 3 })
  expect(earlier.map(entry => entry.code)).toEqual(['SECOND'])
})

test('a refusal that cannot be written is told when the audit settles', async () => {
  const { audit, storage } = await newLogs()
  await storage.close()
  audit.refuse({ actor: 'handset', code: 'LATE', message: 'Too late.' })
  await expect(audit.settle()).rejects.toThrow(/not open/)
})

test('one refusal that cannot be written does not keep back those after it', async () => {
  const { audit, storage } = await newLogs()
  audit.refuse({ actor: 'handset', code: 'BROKEN', message: undefined as unknown as string })
  audit.refuse({ actor: 'handset', code: 'SOUND', message: 'Kept.' })
  await expect(audit.settle()).rejects.toThrow(/audit\.message/)
  const rows = await storage.db.selectFrom('audit').select('code').execute()
  expect(rows).toEqual([{ code: 'SOUND' }])
})

test('actions are kept with their input and outcome', async () => {
  const { actions } = await newLogs()
  await actions.record({ call: 'restore.cancel', input: { id: 7 }, outcome: 'RESTORE_UNKNOWN' })
  await actions.record({ call: 'observe.clearTrace', input: undefined, outcome: 'ok' })
  expect(await actions.list({ limit: 10 })).toEqual([
    { id: 1, at: 0, call: 'restore.cancel', input: { id: 7 }, outcome: 'RESTORE_UNKNOWN' },
    { id: 2, at: 0, call: 'observe.clearTrace', input: null, outcome: 'ok' },
  ])
  expect(await actions.list({ limit: 1 })).toMatchObject([{ id: 2 }])
  expect(await actions.list({ limit: 5, before: 2 })).toMatchObject([{ id: 1 }])
})

test('passwords and tokens are never kept, however deep they lie', async () => {
  const { actions } = await newLogs()
  const input = {
    mailServer: { host: 'mail.example', password: 'secret-1' },
    rows: [{ deviceId: 'ABC-123', password: 'secret-2' }],
    accessorPassword: 'secret-3',
    token: 'secret-4',
    vendorPassword: null,
    databaseAddress: 'http://carrier:secret-5@127.0.0.1:8080/x@y',
  }
  await actions.record({ call: 'x.y', input, outcome: 'ok' })
  const long = { ...input, text: 'z'.repeat(20_000) }
  await actions.record({ call: 'x.y', input: long, outcome: 'ok' })
  const entries = await actions.list({ limit: 2 })
  expect(entries[0]?.input).toEqual({
    mailServer: { host: 'mail.example', password: '***' },
    rows: [{ deviceId: 'ABC-123', password: '***' }],
    accessorPassword: '***',
    token: '***',
    vendorPassword: null,
    databaseAddress: 'http://***@127.0.0.1:8080/x@y',
  })
  expect(JSON.stringify(entries)).not.toContain('secret')
})

test('of an input too long for the log its start and its length are kept', async () => {
  const { actions } = await newLogs()
  await actions.record({ call: 'x.y', input: { text: 'z'.repeat(20_000) }, outcome: 'ok' })
  const [entry] = await actions.list({ limit: 1 })
  expect(entry?.input).toEqual({
    shortened: true,
    characters: 20_011,
    start: `{"text":"${'z'.repeat(1015)}`,
  })
})

async function newLogs() {
  const clock = new VirtualClock(0)
  const storage = await openStorage({ clock })
  onTestFinished(() => storage.close())
  const { db } = storage
  return { clock, storage, audit: new Audit({ db, clock }), actions: new ActionLog({ db, clock }) }
}
