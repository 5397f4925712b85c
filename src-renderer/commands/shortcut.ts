import { COMMANDS, type CommandDefinition, type CommandId } from '../../src-main/contract/commands'

/** What a shortcut compares of a pressed key. */
export type Press = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'
>

const MAC_SIGNS: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩' }

export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent)
}

/** The keys of a shortcut as this system writes them. */
export function keysOf(shortcut: string, mac = isMac()): string[] {
  return shortcut.split('+').map(part => {
    if (mac) return MAC_SIGNS[part] ?? part
    return part === 'Mod' ? 'Ctrl' : part
  })
}

/** For `aria-keyshortcuts`. */
export function ariaKeysOf(shortcut: string, mac = isMac()): string {
  return shortcut.replace('Mod', mac ? 'Meta' : 'Control')
}

/** The command whose shortcut was pressed. */
export function commandFor(press: Press, mac = isMac()): CommandId | undefined {
  const all: readonly (CommandDefinition & { id: CommandId })[] = COMMANDS
  return all.find(({ shortcut }) => shortcut !== undefined && matches(shortcut, press, mac))?.id
}

function matches(shortcut: string, press: Press, mac: boolean): boolean {
  const parts = shortcut.split('+')
  const key = parts.at(-1) ?? ''
  const [mod, other] = mac ? [press.metaKey, press.ctrlKey] : [press.ctrlKey, press.metaKey]
  return (
    mod === parts.includes('Mod') &&
    press.shiftKey === parts.includes('Shift') &&
    press.altKey === parts.includes('Alt') &&
    !other &&
    // With Alt, some keyboards type another character, so digits go by their place.
    (press.key.toLowerCase() === key.toLowerCase() || press.code === `Digit${key}`)
  )
}
