import { EventEmitter } from 'node:events'
import type {
  BrowserWindowConstructorOptions,
  MenuItemConstructorOptions,
  MessageBoxOptions,
} from 'electron'

type OpenHandler = (details: { url: string }) => { action: string }
type PermissionRequestHandler = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void

/** What the shell did with Electron; the real thing needs a binary and a display. */
export const recorded = {
  schemes: [] as { scheme: string; privileges: object }[],
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  windows: [] as BrowserWindow[],
  menus: [] as MenuItemConstructorOptions[][],
  questions: [] as MessageBoxOptions[],
  /** Which button people press next. */
  answer: 0,
  errorBoxes: [] as string[],
  openedOutside: [] as string[],
  sleepBlockers: new Set<number>(),
  sleepBlockersEver: 0,
  isSandboxed: false,
  quits: 0,
  exitCode: undefined as number | undefined,
  permissionRequest: undefined as PermissionRequestHandler | undefined,
  permissionCheck: undefined as
    | ((contents: unknown, permission: string, origin: string) => boolean)
    | undefined,
  devicePermission: undefined as (() => boolean) | undefined,
}

const app = Object.assign(new EventEmitter(), {
  enableSandbox: () => void (recorded.isSandboxed = true),
  requestSingleInstanceLock: () => true,
  whenReady: () => Promise.resolve(),
  getLocale: () => 'en-GB',
  quit: () => void (recorded.quits += 1),
  exit: (code: number) => void (recorded.exitCode = code),
})

export class WebContents extends EventEmitter {
  readonly mainFrame = { origin: 'app://workbench' }
  readonly sent: unknown[][] = []
  openHandler: OpenHandler | undefined
  send(...message: unknown[]): void {
    this.sent.push(message)
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler
  }
}

export class BrowserWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions
  readonly webContents = new WebContents()
  readonly loaded: string[] = []
  readonly progress: number[] = []
  shows = 0
  focuses = 0
  isGone = false
  constructor(options: BrowserWindowConstructorOptions) {
    super()
    this.options = options
    recorded.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  async loadURL(address: string): Promise<void> {
    this.loaded.push(address)
    this.emit('ready-to-show')
  }
  show(): void {
    this.shows += 1
  }
  focus(): void {
    this.focuses += 1
  }
  isMinimized(): boolean {
    return false
  }
  isDestroyed(): boolean {
    return this.isGone
  }
  destroy(): void {
    this.isGone = true
  }
  setProgressBar(share: number): void {
    this.progress.push(share)
    this.emit('progress', share)
  }
}

export const ipcMain = new EventEmitter()

export const electron = {
  app,
  BrowserWindow,
  ipcMain,
  protocol: {
    registerSchemesAsPrivileged: (schemes: typeof recorded.schemes) =>
      void recorded.schemes.push(...schemes),
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
      void recorded.handlers.set(scheme, handler),
  },
  session: {
    defaultSession: {
      setPermissionRequestHandler: (handler: PermissionRequestHandler) =>
        void (recorded.permissionRequest = handler),
      setPermissionCheckHandler: (handler: NonNullable<typeof recorded.permissionCheck>) =>
        void (recorded.permissionCheck = handler),
      setDevicePermissionHandler: (handler: () => boolean) =>
        void (recorded.devicePermission = handler),
    },
  },
  dialog: {
    async showMessageBox(_window: unknown, question: MessageBoxOptions) {
      recorded.questions.push(question)
      return { response: recorded.answer }
    },
    showErrorBox: (title: string, content: string) =>
      void recorded.errorBoxes.push(`${title}: ${content}`),
  },
  shell: {
    openExternal: async (address: string) => void recorded.openedOutside.push(address),
  },
  Menu: {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (template: MenuItemConstructorOptions[]) =>
      void recorded.menus.push(template),
  },
  nativeTheme: { themeSource: 'system', shouldUseDarkColors: true },
  powerSaveBlocker: {
    start() {
      recorded.sleepBlockersEver += 1
      recorded.sleepBlockers.add(recorded.sleepBlockersEver)
      return recorded.sleepBlockersEver
    },
    stop: (id: number) => void recorded.sleepBlockers.delete(id),
  },
}
