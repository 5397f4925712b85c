import type { Settings } from '../contract/app'

export type ShellLanguage = 'en' | 'ja'

/** What the shell says outside the page: the menu's own entries and its questions. */
export const SHELL_TEXT = {
  en: {
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select all',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    resetZoom: 'Actual size',
    fullScreen: 'Full screen',
    quit: 'Quit',
    writing: 'A device is being written.',
    doNotLeave:
      'If Kintsugi ends now, the device stays in restore mode until it is restored again.',
    stay: 'Keep writing',
    leave: 'End anyway',
    crashed: 'The window keeps failing.',
    crashedDetail: 'What you did is kept. Kintsugi ends now; start it again.',
  },
  ja: {
    undo: '元に戻す',
    redo: 'やり直す',
    cut: '切り取り',
    copy: 'コピー',
    paste: '貼り付け',
    selectAll: 'すべて選択',
    zoomIn: '拡大',
    zoomOut: '縮小',
    resetZoom: '実際のサイズ',
    fullScreen: '全画面表示',
    quit: '終了',
    writing: '端末に書き込んでいます。',
    doNotLeave: '今 Kintsugi を終了すると、端末は再び復旧するまで復旧モードのままになります。',
    stay: '書き込みを続ける',
    leave: '終了する',
    crashed: 'ウィンドウが繰り返し異常終了しました。',
    crashedDetail: '作業内容は保存されています。Kintsugi を終了します。もう一度起動してください。',
  },
} as const satisfies Record<ShellLanguage, Record<string, string>>

export type ShellText = Readonly<Record<keyof (typeof SHELL_TEXT)['en'], string>>

export function shellLanguage(chosen: Settings['language'], locale: string): ShellLanguage {
  if (chosen !== 'system') return chosen
  return locale.toLowerCase().startsWith('ja') ? 'ja' : 'en'
}
