import { expect, test } from 'vitest'
import { isOwnPage } from '../../src-main/electron/own-page'
import { acceleratorOf } from '../../src-main/electron/menu'
import { shellLanguage } from '../../src-main/electron/shell-text'

test.each(['app://workbench/', 'app://workbench', 'app://workbench/index.html?x#y'])(
  '%s is the own page',
  address => {
    expect(isOwnPage(address)).toBe(true)
  },
)

test.each([
  'app://workbench.evil/',
  'app://other/',
  'app://workbench:80/',
  'app://a:b@workbench/',
  'app:workbench',
  'apps://workbench/',
  'https://workbench/',
  'file:///index.html',
  'javascript:alert(1)',
  'null',
  '',
])('%s is not', address => {
  expect(isOwnPage(address)).toBe(false)
})

test('shortcuts are written as Electron reads them', () => {
  expect(acceleratorOf('Mod+Shift+P')).toBe('CommandOrControl+Shift+P')
  expect(acceleratorOf('F1')).toBe('F1')
  expect(acceleratorOf('Alt+1')).toBe('Alt+1')
})

test('the shell speaks the chosen language, else the one of the system', () => {
  expect(shellLanguage('ja', 'en-GB')).toBe('ja')
  expect(shellLanguage('en', 'ja')).toBe('en')
  expect(shellLanguage('system', 'ja-JP')).toBe('ja')
  expect(shellLanguage('system', 'fr')).toBe('en')
})
