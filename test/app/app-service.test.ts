import { expect, test } from 'vitest'
import { AppService } from '../../src-main/app/app-service'
import type { Hello, WorkbenchEvent } from '../../src-main/contract/app'
import { EventBus } from '../../src-main/observe/events'
import { VirtualClock } from '../../src-main/observe/virtual-clock'
import { type RaisedNotice, RaisedNotices } from '../../src-main/storage/notices'
import { DEFAULT_SETTINGS, SettingsFile } from '../../src-main/storage/settings-file'

const HELLO: Hello = {
  product: 'kintsugi',
  version: '0.1.0',
  contract: 1,
  host: 'in-process',
  dataDir: null,
  startedAt: 1000,
}
const DAMAGED: RaisedNotice = { severity: 'error', code: 'DATABASE_DAMAGED', message: 'Aside.' }
const ROTTEN: RaisedNotice = { severity: 'error', code: 'BLOB_DAMAGED', message: 'Rotten.' }

test('what was raised while opening is there from the start; later ones are told', () => {
  const { app, raised, heard } = newApp([DAMAGED])
  expect(app.notices()).toEqual([{ id: 1, at: 1000, ...DAMAGED }])
  raised.raise(ROTTEN)
  expect(app.notices().map(notice => notice.id)).toEqual([1, 2])
  expect(heard).toEqual([{ kind: 'notice-raised', notice: { id: 2, at: 1000, ...ROTTEN } }])
})

test('a dismissed notice is gone for every window, and dismissing it again does nothing', () => {
  const { app, raised, heard } = newApp([DAMAGED, ROTTEN])
  app.dismissNotice({ id: 1 })
  app.dismissNotice({ id: 1 })
  app.dismissNotice({ id: 99 })
  expect(app.notices().map(notice => notice.id)).toEqual([2])
  expect(heard).toEqual([{ kind: 'notice-dismissed', id: 1 }])
  raised.raise(DAMAGED)
  expect(app.notices().map(notice => notice.id)).toEqual([2, 3])
})

test('a change of settings is answered whole and told to every window', async () => {
  const { app, heard } = newApp()
  expect(app.settings()).toEqual(DEFAULT_SETTINGS)
  const settings = { ...DEFAULT_SETTINGS, language: 'ja' as const }
  expect(await app.changeSettings({ language: 'ja' })).toEqual(settings)
  expect(app.settings()).toEqual(settings)
  expect(heard).toEqual([{ kind: 'settings-changed', settings }])
})

test('a change that is refused is told to nobody', async () => {
  const { app, heard } = newApp()
  const recentLinks = Array.from({ length: 21 }, () => 'tcp:127.0.0.1:1')
  await expect(app.changeSettings({ recentLinks })).rejects.toThrow(/recentLinks/)
  expect(app.settings()).toEqual(DEFAULT_SETTINGS)
  expect(heard).toEqual([])
})

test('hello says who is there', () => {
  expect(newApp().app.hello()).toEqual(HELLO)
})

function newApp(atOpening: readonly RaisedNotice[] = []) {
  const raised = new RaisedNotices()
  for (const notice of atOpening) raised.raise(notice)
  const events = new EventBus()
  const storage = {
    settings: SettingsFile.inMemory(),
    notices: raised.list(),
    onNotice: raised.subscribe.bind(raised),
  }
  const app = new AppService({ storage, clock: new VirtualClock(1000), events, hello: HELLO })
  const heard: WorkbenchEvent[] = []
  events.subscribe(event => void heard.push(event))
  return { app, raised, heard }
}
