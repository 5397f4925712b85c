import { app, dialog, ipcMain, Menu, nativeTheme, powerSaveBlocker } from 'electron'
import type { BrowserWindow } from 'electron'
import type { WorkbenchClient } from '../contract'
import type { DefectLog } from '../rpc/call-errors'
import { FrameHandler } from '../rpc/frame-line'
import { serveMessagePort } from '../rpc/message-port'
import type { WorkbenchRouter } from '../rpc/router'
import { isOwnSender } from './doors'
import { follow, type Followed } from './following'
import { menuTemplate } from './menu'
import { RendererCrashes } from './renderer-crashes'
import { SHELL_TEXT, shellLanguage, type ShellLanguage } from './shell-text'
import { makeWindow, showPage } from './window'
import { writtenShare } from './writing'

/** The preload script names the same two. */
const PORT_CHANNEL = 'kintsugi:port'
const COMMAND_CHANNEL = 'kintsugi:command'

export interface ShellOptions {
  readonly router: WorkbenchRouter
  readonly client: Pick<WorkbenchClient, 'app'>
  readonly preload: string
  readonly logDefect: DefectLog
}

/** The window and what belongs to it of the desktop: menu, progress, sleep, questions. */
export class Shell {
  readonly #options: ShellOptions
  readonly #window: BrowserWindow
  readonly #crashes = new RendererCrashes()
  #language: ShellLanguage | undefined
  #isWriting = false
  #sleepBlocker: number | undefined

  constructor(options: ShellOptions) {
    this.#options = options
    this.#window = makeWindow(options.preload)
    this.#window.on('close', event => {
      if (!this.#isWriting) return
      event.preventDefault()
      void this.#askWhetherToLeave()
    })
    this.#window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason !== 'clean-exit') this.#reload()
    })
  }

  async open(): Promise<void> {
    const frames = new FrameHandler(this.#options.router)
    ipcMain.on(PORT_CHANNEL, event => {
      const [port] = event.ports
      if (!port) return
      // From here on the port itself is the authority, so this is the place to look at its sender.
      if (isOwnSender(event)) serveMessagePort(frames, port)
      else port.close()
    })
    const { client, logDefect } = this.#options
    follow(client, followed => this.#adapt(followed)).catch((error: unknown) =>
      logDefect(error, 'shell'),
    )
    await showPage(this.#window)
  }

  focus(): void {
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.focus()
  }

  #adapt({ settings, restores }: Followed): void {
    nativeTheme.themeSource = settings.theme
    const language = shellLanguage(settings.language, app.getLocale())
    if (language !== this.#language) this.#setMenu(language)
    if (this.#window.isDestroyed()) return
    const share = writtenShare(restores.values())
    this.#window.setProgressBar(share ?? -1)
    this.#setWriting(share !== undefined)
  }

  #setMenu(language: ShellLanguage): void {
    this.#language = language
    const choose = (id: string) => this.#window.webContents.send(COMMAND_CHANNEL, id)
    const template = menuTemplate({ language, platform: process.platform, choose })
    Menu.setApplicationMenu(Menu.buildFromTemplate(template))
  }

  /** The machine must not fall asleep while a device is half written. */
  #setWriting(isWriting: boolean): void {
    this.#isWriting = isWriting
    if (isWriting) {
      this.#sleepBlocker ??= powerSaveBlocker.start('prevent-app-suspension')
    } else if (this.#sleepBlocker !== undefined) {
      powerSaveBlocker.stop(this.#sleepBlocker)
      this.#sleepBlocker = undefined
    }
  }

  async #askWhetherToLeave(): Promise<void> {
    const text = SHELL_TEXT[this.#language ?? 'en']
    const { response } = await dialog.showMessageBox(this.#window, {
      type: 'warning',
      message: text.writing,
      detail: text.doNotLeave,
      buttons: [text.stay, text.leave],
      defaultId: 0,
      cancelId: 0,
    })
    if (response === 1) this.#window.destroy()
  }

  /** What people did is in the main process: a page that died loses nothing. */
  #reload(): void {
    if (this.#crashes.mayReload(Date.now())) {
      void showPage(this.#window)
      return
    }
    const text = SHELL_TEXT[this.#language ?? 'en']
    dialog.showErrorBox(text.crashed, text.crashedDetail)
    app.quit()
  }
}
