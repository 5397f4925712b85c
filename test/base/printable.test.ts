import { expect, test } from 'vitest'
import { printableText } from '../../src-main/base/printable'

test.each([
  ['plain text, ümlaut and 手', 'plain text, ümlaut and 手'],
  ['\u001B]0;owned\u0007\u001B[2J', '\uFFFD]0;owned\uFFFD\uFFFD[2J'],
  ['a\r\nkintsugi: restored', 'a\uFFFD\uFFFDkintsugi: restored'],
  ['a\u2028b\u2029c\u0085d', 'a\uFFFDb\uFFFDc\uFFFDd'],
  ['\u202Egnp.exe\u2069', '\uFFFDgnp.exe\uFFFD'],
  ['\u009B31m', '\uFFFD31m'],
  ['half \uD800 pair', 'half \uFFFD pair'],
  ['a\tb', 'a b'],
])('%j is printed as %j', (text, printed) => {
  expect(printableText(text)).toBe(printed)
})

test('a long text is cut off, and shows that it was', () => {
  expect(printableText('x'.repeat(2000))).toBe(`${'x'.repeat(1023)}…`)
  expect(printableText('12345', 4)).toBe('123…')
  expect(printableText('1234', 4)).toBe('1234')
})
