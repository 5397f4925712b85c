import { resolve } from 'node:path'
import { app, dialog, protocol, session, shell as desktop } from 'electron'
import { APP_SCHEME, createAppHandler } from './electron/app-protocol'
import { restrictContents, restrictSession } from './electron/doors'
import { Shell } from './electron/shell'
import { createLog } from './observe/log'
import type { DefectLog } from './rpc/call-errors'
import { defaultDataFolder } from './storage/data-folder'
import { openWorkbench } from './workbench'

const rendererDir = resolve(import.meta.dirname, '../renderer')
const preload = resolve(import.meta.dirname, '../preload/index.cjs')

// What must happen before "ready" happens here, at once. Nothing here may await: Electron is ready
// only when this module has been evaluated, so a top-level await of that never ends.
protocol.registerSchemesAsPrivileged([APP_SCHEME])
app.enableSandbox()
app.on('web-contents-created', (_event, contents) => restrictContents(contents, openOutside))

if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => {
      dialog.showErrorBox('Kintsugi', error instanceof Error ? error.message : String(error))
      app.exit(1)
    })
} else {
  app.quit()
}

function openOutside(address: string): void {
  // Where no browser is set up, nothing opens; the page lets the address be copied.
  desktop.openExternal(address).catch(() => {})
}

async function start(): Promise<void> {
  const log = createLog({ level: 'warn' })
  const logDefect: DefectLog = (error, call) => log.error({ err: error, call }, 'failed')
  const { workbench, router } = await openWorkbench({
    dataDir: defaultDataFolder(),
    host: 'electron',
    logDefect,
  })
  restrictSession(session.defaultSession)
  const store = workbench.upload.bind(workbench)
  const storePackage = workbench.uploadPackage.bind(workbench)
  protocol.handle(
    APP_SCHEME.scheme,
    createAppHandler({ rendererDir, store, storePackage, logDefect }),
  )

  const shell = new Shell({ router, client: workbench, preload, logDefect })
  app.on('second-instance', () => shell.focus())
  app.on('window-all-closed', () => app.quit())
  app.once('will-quit', event => {
    event.preventDefault()
    void workbench.close().finally(() => app.exit(0))
  })
  await shell.open()
}
