/** What the native menu, the in-page menubar, the palette and the shortcuts are generated from. */
export interface CommandDefinition {
  readonly id: string
  readonly title: { readonly en: string; readonly ja: string }
  /** Keys joined by `+`; `Mod` is Command on macOS and Control elsewhere. */
  readonly shortcut?: string
  readonly menu: MenuId
}

export type MenuId = 'file' | 'edit' | 'view' | 'go' | 'restore' | 'handset' | 'help'

/** Menus in the order of the menubar, each with its title. */
export const MENUS = [
  { id: 'file', title: { en: 'File', ja: 'ファイル' } },
  { id: 'edit', title: { en: 'Edit', ja: '編集' } },
  { id: 'view', title: { en: 'View', ja: '表示' } },
  { id: 'go', title: { en: 'Go', ja: '移動' } },
  { id: 'restore', title: { en: 'Restore', ja: '復旧' } },
  { id: 'handset', title: { en: 'Handset', ja: '仮想端末' } },
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
  command('go.handset', 'go', ['Handset', '仮想端末'], 'Alt+2'),
  command('go.carrier', 'go', ['Carrier', 'キャリア'], 'Alt+3'),
  command('go.trace', 'go', ['Trace', 'トレース'], 'Alt+4'),
  command('restore.identify', 'restore', ['Identify device', '端末を識別'], 'Mod+I'),
  command('restore.plan', 'restore', ['Plan restore', '復旧の計画を立てる'], 'Mod+Shift+Enter'),
  command('restore.start', 'restore', ['Start restore', '復旧を開始'], 'Mod+Enter'),
  command('restore.cancel', 'restore', ['Cancel restore', '復旧を中止'], 'Mod+.'),
  command('restore.save-log', 'restore', ['Save log', 'ログを保存'], 'Mod+S'),
  command('restore.refresh-ports', 'restore', [
    'Refresh serial ports',
    'シリアルポートの一覧を更新',
  ]),
  command('handset.new', 'handset', ['New virtual handset…', '仮想端末を作成…']),
  command('handset.power', 'handset', ['Switch power on or off', '電源のオン・オフを切り替え']),
  command('handset.restore-mode', 'handset', [
    'Power on in restore mode',
    '復旧モードで電源を入れる',
  ]),
  command('handset.restart', 'handset', ['Power off and on again', '電源を入れ直す']),
  command('handset.cut-now', 'handset', ['Cut power now', '今すぐ電源断']),
  command('handset.cut-at', 'handset', [
    'Cut power at a flash operation…',
    'フラッシュ操作を指定して電源断…',
  ]),
  command('handset.plant-fault', 'handset', ['Plan a fault…', '故障を予約…']),
  command('handset.update', 'handset', ['Ask for an update', '更新を問い合わせる'], 'Mod+U'),
  command('handset.cancel-update', 'handset', ['Cancel the update', '更新を中止']),
  command('handset.power-cuts', 'handset', [
    'Try power cuts on two images…',
    '2 つのイメージで電源断を試す…',
  ]),
  command('handset.next', 'handset', ['Next handset', '次の端末']),
  command('handset.previous', 'handset', ['Previous handset', '前の端末']),
  command('handset.focus-phone', 'handset', ['Operate the phone', '端末を操作'], 'Mod+Shift+H'),
  command('handset.focus-terminal', 'handset', ['Type in the terminal', 'ターミナルに入力']),
  command('handset.clear-terminal', 'handset', ['Clear terminal', 'ターミナルを消去']),
  command('handset.save-terminal', 'handset', ['Save terminal text', 'ターミナルの内容を保存']),
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
