import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { MenuItemConstructorOptions } from 'electron'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { WorkbenchClient } from '../../src-main/contract'
import { COMMANDS } from '../../src-main/contract/commands'
import { electron, ipcMain, recorded, WebContents, type BrowserWindow } from './stand-in'

const dataHome = vi.hoisted(() => {
  // The desktop keeps everything in the user's own folder, which no test may touch.
  const folder = process.getBuiltinModule('node:fs').mkdtempSync('/tmp/kintsugi-desktop-')
  process.env['XDG_DATA_HOME'] = folder
  return folder
})
vi.mock('electron', async () => (await import('./stand-in')).electron)

const fixture = resolve(import.meta.dirname, '../fixtures/firmware/micropython.bin')
const firmware = readFileSync(fixture).subarray(0, 16_384)
let window: BrowserWindow
let client: WorkbenchClient

beforeAll(async () => {
  await import(resolve(import.meta.dirname, '../../out/main/index.js'))
  await vi.waitUntil(() => recorded.windows[0]?.loaded[0] === 'app://workbench/')
  window = recorded.windows[0]!
  client = connect()
})

afterAll(() => rmSync(dataHome, { recursive: true, force: true }))

/** What the preload script does for the page: one end of a channel goes to the main process. */
function post(senderFrame: unknown, sender: object = window.webContents) {
  const { port1, port2 } = new MessageChannel()
  ipcMain.emit('kintsugi:port', { senderFrame, sender, ports: [port2] })
  return port1
}

function connect(): WorkbenchClient {
  const port = post(window.webContents.mainFrame)
  const link = new RPCLink({ port })
  port.start()
  return createORPCClient(link)
}

const serve = (address: string, init?: RequestInit) =>
  recorded.handlers.get('app')!(new Request(address, init))

describe('the window', () => {
  test('is sandboxed, isolated and without Node, and shows when it is drawn', () => {
    expect(recorded.isSandboxed).toBe(true)
    expect(recorded.windows).toHaveLength(1)
    const { webPreferences, show } = window.options
    expect(webPreferences).toEqual({
      preload: resolve(import.meta.dirname, '../../out/preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    })
    expect(show).toBe(false)
    expect(window.shows).toBe(1)
  })

  test('its page comes from a secure scheme of its own', () => {
    expect(recorded.schemes).toEqual([
      { scheme: 'app', privileges: expect.objectContaining({ standard: true, secure: true }) },
    ])
    expect(recorded.schemes[0]?.privileges).not.toHaveProperty('bypassCSP')
  })

  test('its files come with the security headers', async () => {
    const page = await serve('app://workbench/')
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<div id="app">')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    'app://other/',
    'app://workbench.evil/',
    'app://workbench/..%2f..%2fpackage.json',
    'app://workbench/%2e%2e/%2e%2e/package.json',
    'app://workbench/%00',
    'app://workbench/%',
    'app://workbench/nothing.js',
  ])('%s is not served', async address => {
    const answer = await serve(address)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test.each([
    'https://evil.example/',
    'app://workbench.evil/',
    'app://other/',
    'app://user@workbench/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://server/share',
    'data:text/html,x',
    'about:blank',
    '',
  ])('no page at "%s" takes its place', address => {
    const contents = new WebContents()
    electron.app.emit('web-contents-created', {}, contents)
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const preventDefault = vi.fn<() => void>()
      contents.emit(event, { url: address, preventDefault })
      expect(preventDefault).toHaveBeenCalledOnce()
      const allowed = vi.fn<() => void>()
      contents.emit(event, { url: 'app://workbench/index.html#x', preventDefault: allowed })
      expect(allowed).not.toHaveBeenCalled()
    }
  })

  test('it opens no other window; pages on this machine open in the browser', () => {
    const answer = 'http://127.0.0.1:40123/answer?token=x'
    for (const url of [answer, 'https://evil.example/', 'http://u@127.0.0.1/', 'file:///etc']) {
      expect(window.webContents.openHandler?.({ url })).toEqual({ action: 'deny' })
    }
    expect(recorded.openedOutside).toEqual([answer])
    const preventDefault = vi.fn<() => void>()
    window.webContents.emit('will-attach-webview', { preventDefault })
    expect(preventDefault).toHaveBeenCalledOnce()
  })

  test('it may write to the clipboard and nothing else, and no other page may', () => {
    const asked = (permission: string, requestingUrl: string) => {
      const answers: boolean[] = []
      recorded.permissionRequest?.({}, permission, granted => answers.push(granted), {
        requestingUrl,
      })
      return answers
    }
    expect(asked('clipboard-sanitized-write', 'app://workbench/')).toEqual([true])
    expect(asked('clipboard-sanitized-write', 'https://evil.example/')).toEqual([false])
    for (const permission of ['serial', 'usb', 'hid', 'media', 'geolocation', 'openExternal']) {
      expect(asked(permission, 'app://workbench/')).toEqual([false])
      expect(recorded.permissionCheck?.({}, permission, 'app://workbench')).toBe(false)
    }
    expect(recorded.permissionCheck?.({}, 'clipboard-sanitized-write', 'app://workbench')).toBe(
      true,
    )
    expect(recorded.devicePermission?.()).toBe(false)
  })
})

describe('the line to the main process', () => {
  test('a port of the own page carries the contract', async () => {
    expect(await client.app.hello()).toMatchObject({ product: 'kintsugi', host: 'electron' })
  })

  test.each([
    ['a frame that has gone', null],
    ['a page elsewhere', { origin: 'https://evil.example' }],
    ['a page that only looks alike', { origin: 'app://workbench.evil' }],
    ['a frame in the page', { origin: 'app://workbench' }],
    ['an origin that Node would call null', { origin: 'null' }],
  ])('a port of %s is closed', async (_what, frame) => {
    const port = post(frame)
    port.start()
    port.postMessage('{"i":"1","p":{"u":"/app/hello"}}')
    await once(port, 'close')
    expect(() => ipcMain.emit('kintsugi:port', { senderFrame: frame, ports: [] })).not.toThrow()
  })

  test('an upload over the scheme reaches the library', async () => {
    const answer = await serve('app://workbench/upload?name=fw.bin', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: firmware,
    })
    expect(await answer.json()).toMatchObject({ name: 'fw.bin', fileBytes: firmware.length })
    expect(await client.images.list()).toMatchObject([{ name: 'fw.bin' }])
    expect((await serve('app://other/upload?name=x', { method: 'POST', body: 'x' })).status).toBe(
      404,
    )
  })
})

describe('the desktop', () => {
  const itemsOf = (menu: MenuItemConstructorOptions[]) =>
    menu.flatMap(({ submenu }) => submenu as MenuItemConstructorOptions[])
  const commandsOf = (menu: MenuItemConstructorOptions[]) =>
    itemsOf(menu).filter(item => item.id !== undefined)

  test('the menu holds every command once, with its shortcut, and sends it to the page', async () => {
    await expect.poll(() => recorded.menus).not.toEqual([])
    const items = commandsOf(recorded.menus.at(-1)!)
    expect(items).toHaveLength(COMMANDS.length)
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set(COMMANDS.map(({ id }) => id)))
    const palette = items.find(item => item.id === 'view.palette')
    expect(palette).toMatchObject({
      label: 'Command palette…',
      accelerator: 'CommandOrControl+Shift+P',
      registerAccelerator: false,
    })
    palette?.click?.(undefined as never, undefined, undefined as never)
    expect(window.webContents.sent).toEqual([['kintsugi:command', 'view.palette']])
  })

  test('menu and theme follow the settings', async () => {
    await client.app.changeSettings({ language: 'ja', theme: 'dark' })
    await expect.poll(() => recorded.menus.length).toBeGreaterThan(1)
    const menu = recorded.menus.at(-1)!
    expect(menu.map(({ label }) => label)).toContain('ファイル')
    const missing = itemsOf(menu).filter(({ type, label }) => type !== 'separator' && !label)
    expect(missing).toEqual([])
    expect(electron.nativeTheme.themeSource).toBe('dark')
  })

  test('while a device is written the machine stays awake and the window asks before it closes', async () => {
    const closing = () => {
      const preventDefault = vi.fn<() => void>()
      window.emit('close', { preventDefault })
      return preventDefault.mock.calls.length > 0
    }
    const whileWriting: { blockers: number; isHeld: boolean }[] = []
    window.on('progress', share => {
      if (share < 0 || whileWriting.length > 0) return
      // The shell notes the writing right after it has shown it.
      queueMicrotask(() => {
        whileWriting.push({ blockers: recorded.sleepBlockers.size, isHeld: closing() })
      })
    })
    expect(closing()).toBe(false)
    const [image] = await client.images.list()
    await client.handsets.create({ name: 'h1' })
    await client.handsets.power({ name: 'h1', on: true })
    const { id } = await client.restore.start({ link: 'virtual:h1', digest: image!.digest })
    let last
    for await (const view of await client.restore.watch({ id })) last = view
    expect(last).toMatchObject({ stage: 'ended', verified: true })
    await expect.poll(() => recorded.sleepBlockers.size).toBe(0)
    expect(whileWriting).toEqual([{ blockers: 1, isHeld: true }])
    expect(recorded.questions).toMatchObject([
      { buttons: ['書き込みを続ける', '終了する'], defaultId: 0 },
    ])
    expect(window.isGone).toBe(false)
    expect(window.progress.at(-1)).toBe(-1)
    expect(closing()).toBe(false)
  })

  test('a second start brings the window to the front', () => {
    electron.app.emit('second-instance')
    expect(window.focuses).toBe(1)
  })

  test('a page that dies is loaded again, one that always dies is not', () => {
    const before = window.loaded.length
    const die = (reason: string) =>
      window.webContents.emit('render-process-gone', {}, { reason, exitCode: 1 })
    die('clean-exit')
    expect(window.loaded).toHaveLength(before)
    for (let count = 0; count < 4; count++) die('crashed')
    expect(window.loaded).toHaveLength(before + 3)
    expect(recorded.errorBoxes).toHaveLength(1)
    expect(recorded.quits).toBe(1)
  })

  test('the end waits until everything is on the disk', async () => {
    electron.app.emit('window-all-closed')
    expect(recorded.quits).toBe(2)
    const preventDefault = vi.fn<() => void>()
    electron.app.emit('will-quit', { preventDefault })
    expect(preventDefault).toHaveBeenCalledOnce()
    await expect.poll(() => recorded.exitCode).toBe(0)
  })
})
