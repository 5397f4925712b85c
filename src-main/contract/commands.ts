/** What the native menu, the in-page menubar, the palette and the shortcuts are generated from. */
export interface CommandDefinition {
  readonly id: string
  readonly title: { readonly en: string; readonly ja: string }
  /** Keys joined by `+`; `Mod` is Command on macOS and Control elsewhere. */
  readonly shortcut?: string
  readonly menu: MenuId
}

export type MenuId = 'file' | 'edit' | 'view' | 'go' | 'restore' | 'help'

/** Menus in the order of the menubar, each with its title. */
export const MENUS = [
  { id: 'file', title: { en: 'File', ja: 'ファイル' } },
  { id: 'edit', title: { en: 'Edit', ja: '編集' } },
  { id: 'view', title: { en: 'View', ja: '表示' } },
  { id: 'go', title: { en: 'Go', ja: '移動' } },
  { id: 'restore', title: { en: 'Restore', ja: '復旧' } },
  { id: 'help', title: { en: 'Help', ja: 'ヘルプ' } },
] as const satisfies readonly { id: MenuId; title: CommandDefinition['title'] }[]

/**
 * Every command of the window, in menu order. None depends on keys that a browser keeps for
 * itself (Ctrl+W, T, N, Tab, Shift+N, F11).
 */
export const COMMANDS = [
  command(
    'file.add-image',
    'file',
    ['Add firmware image…', 'ファームウェアイメージを追加…'],
    'Mod+O',
  ),
  command('file.export-trace-svg', 'file', ['Export trace as SVG', 'トレースを SVG で書き出す']),
  command('file.export-trace-text', 'file', [
    'Export trace as text',
    'トレースをテキストで書き出す',
  ]),
  command('file.export-trace-mermaid', 'file', [
    'Export trace as Mermaid',
    'トレースを Mermaid で書き出す',
  ]),
  command('file.settings', 'file', ['Settings…', '設定…'], 'Mod+,'),
  command('edit.find', 'edit', ['Find in trace', 'トレース内を検索'], 'Mod+F'),
  command('edit.clear-trace', 'edit', ['Clear trace…', 'トレースを消去…']),
  command('view.palette', 'view', ['Command palette…', 'コマンドパレット…'], 'Mod+Shift+P'),
  command('view.follow-trace', 'view', [
    'Follow or pause the trace',
    'トレースの追従・一時停止を切り替え',
  ]),
  command('view.theme-system', 'view', ['System theme', 'テーマ: システムに合わせる']),
  command('view.theme-light', 'view', ['Light theme', 'テーマ: ライト']),
  command('view.theme-dark', 'view', ['Dark theme', 'テーマ: ダーク']),
  command('view.reset-layout', 'view', ['Reset layout', 'レイアウトを初期状態に戻す']),
  command('go.restore', 'go', ['Restore bench', '復旧ベンチ'], 'Alt+1'),
  command('go.trace', 'go', ['Trace', 'トレース'], 'Alt+2'),
  command('restore.identify', 'restore', ['Identify device', '端末を識別'], 'Mod+I'),
  command('restore.start', 'restore', ['Start restore', '復旧を開始'], 'Mod+Enter'),
  command('restore.cancel', 'restore', ['Cancel restore', '復旧を中止'], 'Mod+.'),
  command('restore.save-log', 'restore', ['Save log', 'ログを保存'], 'Mod+S'),
  command('restore.refresh-ports', 'restore', [
    'Refresh serial ports',
    'シリアルポートの一覧を更新',
  ]),
  command('restore.new-handset', 'restore', ['New virtual handset…', '仮想端末を作成…']),
  command('help.shortcuts', 'help', ['Help and shortcuts', 'ヘルプとショートカット'], 'F1'),
] as const

export type CommandId = (typeof COMMANDS)[number]['id']

function command<Id extends string>(
  id: Id,
  menu: MenuId,
  [en, ja]: readonly [en: string, ja: string],
  shortcut?: string,
): CommandDefinition & { readonly id: Id } {
  return { id, menu, title: { en, ja }, ...(shortcut === undefined ? {} : { shortcut }) }
}
