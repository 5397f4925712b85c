import type { MenuItemConstructorOptions } from 'electron'
import { COMMANDS, MENUS, type CommandDefinition, type MenuId } from '../contract/commands'
import { SHELL_TEXT, type ShellLanguage, type ShellText } from './shell-text'

export interface MenuOptions {
  readonly language: ShellLanguage
  readonly platform: NodeJS.Platform
  /** Called with a command's id when it is chosen. */
  readonly choose: (id: string) => void
}

/** The native menu: every command of the window, and what the system expects beside them. */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { language, platform } = options
  const text = SHELL_TEXT[language]
  const before: Partial<Record<MenuId, MenuItemConstructorOptions[]>> = {
    edit: editItems(text),
    view: viewItems(text),
  }
  const quit: MenuItemConstructorOptions[] = [SEPARATOR, { role: 'quit', label: text.quit }]
  const after: Partial<Record<MenuId, MenuItemConstructorOptions[]>> =
    platform === 'darwin' ? {} : { file: quit }
  const menus = MENUS.map(({ id, title }) => ({
    label: title[language],
    submenu: [...(before[id] ?? []), ...commandItems(id, options), ...(after[id] ?? [])],
  }))
  return platform === 'darwin' ? [{ role: 'appMenu' }, ...menus] : menus
}

/** `Mod+Shift+P` as Electron writes it. */
export function acceleratorOf(shortcut: string): string {
  return shortcut.replace(/^Mod\+/, 'CommandOrControl+')
}

function commandItems(menu: MenuId, { language, choose }: MenuOptions) {
  const commands: readonly CommandDefinition[] = COMMANDS
  return commands
    .filter(command => command.menu === menu)
    .map(({ id, title, shortcut }): MenuItemConstructorOptions => ({
      id,
      label: title[language],
      click: () => choose(id),
      // Shown here, obeyed by the page: it alone knows what has the focus.
      ...(shortcut === undefined
        ? {}
        : { accelerator: acceleratorOf(shortcut), registerAccelerator: false }),
    }))
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' }

function editItems(text: ShellText): MenuItemConstructorOptions[] {
  return [
    { role: 'undo', label: text.undo },
    { role: 'redo', label: text.redo },
    SEPARATOR,
    { role: 'cut', label: text.cut },
    { role: 'copy', label: text.copy },
    { role: 'paste', label: text.paste },
    { role: 'selectAll', label: text.selectAll },
    SEPARATOR,
  ]
}

function viewItems(text: ShellText): MenuItemConstructorOptions[] {
  return [
    { role: 'zoomIn', label: text.zoomIn },
    { role: 'zoomOut', label: text.zoomOut },
    { role: 'resetZoom', label: text.resetZoom },
    { role: 'togglefullscreen', label: text.fullScreen },
    SEPARATOR,
  ]
}
