import { BrowserWindow, nativeTheme } from 'electron'
import { OWN_ORIGIN } from './own-page'

const BACKGROUND = { dark: '#16181d', light: '#ffffff' }

/** The only place that makes a window. It is shown once its page is drawn. */
export function makeWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    name: 'main',
    windowStatePersistence: true,
    width: 1280,
    height: 800,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'Kintsugi',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false },
  })
  window.once('ready-to-show', () => window.show())
  return window
}

export function showPage(window: BrowserWindow): Promise<void> {
  return window.loadURL(`${OWN_ORIGIN}/`)
}
