import type { HandsetKey } from '../../../src-main/contract/handsets'

const NAMED: Readonly<Record<string, HandsetKey>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Enter: 'select',
  Escape: 'back',
  Backspace: 'back',
  PageUp: 'call',
  PageDown: 'end',
  '*': 'star',
  '#': 'hash',
}

/** What of a pressed key of the keyboard counts. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>

/** The key of the phone that a key of the keyboard stands for; undefined for all others. */
export function phoneKeyFor({ key, ctrlKey, metaKey, altKey }: KeyPress): HandsetKey | undefined {
  if (ctrlKey || metaKey || altKey) return undefined
  if (isDigit(key)) return key
  return Object.hasOwn(NAMED, key) ? NAMED[key] : undefined
}

type Digit = Extract<HandsetKey, `${number}`>

function isDigit(key: string): key is Digit {
  return /^[0-9]$/.test(key)
}

/** What stands on the keys of the number pad: the digit, and its letters. */
export const NUMBER_PAD: readonly { readonly key: HandsetKey; readonly letters: string }[] = [
  { key: '1', letters: '' },
  { key: '2', letters: 'abc' },
  { key: '3', letters: 'def' },
  { key: '4', letters: 'ghi' },
  { key: '5', letters: 'jkl' },
  { key: '6', letters: 'mno' },
  { key: '7', letters: 'pqrs' },
  { key: '8', letters: 'tuv' },
  { key: '9', letters: 'wxyz' },
  { key: 'star', letters: '' },
  { key: '0', letters: '+' },
  { key: 'hash', letters: '' },
]

export function signOf(key: HandsetKey): string {
  if (key === 'star') return '*'
  return key === 'hash' ? '#' : key
}
