/** What the native menu, the in-page menubar, the palette and the shortcuts are generated from. */
export interface CommandDefinition {
  readonly id: string
  readonly title: { readonly en: string; readonly ja: string }
  /** Keys joined by `+`; `Mod` is Command on macOS and Control elsewhere. */
  readonly shortcut?: string
  readonly menu: MenuId
}

export type MenuId =
  | 'file'
  | 'edit'
  | 'view'
  | 'go'
  | 'restore'
  | 'handset'
  | 'vendor'
  | 'carrier'
  | 'help'

/** Menus in the order of the menubar, each with its title. */
export const MENUS = [
  { id: 'file', title: { en: 'File', ja: 'ファイル' } },
  { id: 'edit', title: { en: 'Edit', ja: '編集' } },
  { id: 'view', title: { en: 'View', ja: '表示' } },
  { id: 'go', title: { en: 'Go', ja: '移動' } },
  { id: 'restore', title: { en: 'Restore', ja: '復旧' } },
  { id: 'handset', title: { en: 'Handset', ja: '仮想端末' } },
  { id: 'vendor', title: { en: 'Vendor', ja: 'ベンダ' } },
  { id: 'carrier', title: { en: 'Carrier', ja: 'キャリア' } },
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
  command('go.vendor', 'go', ['Vendor', 'ベンダ'], 'Alt+3'),
  command('go.carrier', 'go', ['Carrier', 'キャリア'], 'Alt+4'),
  command('go.trace', 'go', ['Trace', 'トレース'], 'Alt+5'),
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
  command('vendor.create', 'vendor', ['New vendor…', 'ベンダを追加…']),
  command('vendor.register', 'vendor', ['Register a release…', 'リリースを登録…'], 'Mod+Shift+E'),
  command('vendor.notify', 'vendor', ['Tell the carrier of the release', 'キャリアに通知']),
  command('vendor.notify-by-mail', 'vendor', [
    'Tell the carrier of the release by mail',
    'キャリアにメールで通知',
  ]),
  command('vendor.upload', 'vendor', [
    'Send the release to the carrier',
    'リリースをキャリアに送信',
  ]),
  command('vendor.set-accessor', 'vendor', ['Register an accessor…', 'アクセス者を登録…']),
  command('vendor.carrier-access', 'vendor', ['Access to the carrier…', 'キャリアへのアクセス…']),
  command('vendor.rotate-root', 'vendor', ['Replace the root key…', 'ルート鍵を交換…']),
  command('vendor.rotate-targets', 'vendor', [
    'Replace the signing key of releases…',
    'リリースの署名鍵を交換…',
  ]),
  command('carrier.show-rollouts', 'carrier', ['Rollouts', '展開'], 'Alt+Shift+1'),
  command('carrier.show-customers', 'carrier', ['Customers', '顧客テーブル'], 'Alt+Shift+2'),
  command(
    'carrier.show-updates',
    'carrier',
    ['Catalogue and updates', 'カタログと更新'],
    'Alt+Shift+3',
  ),
  command('carrier.show-invoices', 'carrier', ['Invoices', '請求'], 'Alt+Shift+4'),
  command('carrier.show-mailbox', 'carrier', ['Mailbox', 'メールボックス'], 'Alt+Shift+5'),
  command(
    'carrier.show-registry',
    'carrier',
    ['Vendors and addresses', 'ベンダとアドレス'],
    'Alt+Shift+6',
  ),
  command('carrier.show-network', 'carrier', ['Network', 'ネットワーク'], 'Alt+Shift+7'),
  command('carrier.show-refusals', 'carrier', ['Refusals', '拒否の記録'], 'Alt+Shift+8'),
  command('carrier.notice', 'carrier', ['Record a notice by hand…', '通知を手で記録…']),
  command('carrier.fetch', 'carrier', ['Fetch the release again', 'リリースを取得し直す']),
  command('carrier.pause', 'carrier', ['Pause the rollout', '展開を一時停止']),
  command('carrier.resume', 'carrier', ['Resume the rollout', '展開を再開']),
  command('carrier.cancel-rollout', 'carrier', ['Cancel the rollout…', '展開を中止…']),
  command('carrier.retry', 'carrier', ['Retry failed devices', '失敗した機器を再試行']),
  command('carrier.settings', 'carrier', ['Settings of the rollout…', '展開の設定…']),
  command('carrier.defaults', 'carrier', ['Settings of new rollouts…', '新しい展開の設定…']),
  command('carrier.add-customer', 'carrier', ['Enter a customer…', '顧客を追加…']),
  command('carrier.import-customers', 'carrier', [
    'Import customers from CSV…',
    '顧客を CSV から読み込む…',
  ]),
  command('carrier.register-vendor', 'carrier', ['Register a vendor…', 'ベンダを登録…']),
  command('carrier.set-address', 'carrier', [
    'Set where an address is reached…',
    'アドレスの接続先を設定…',
  ]),
  command('carrier.connect-handset', 'carrier', [
    'Put a handset into the network…',
    '仮想端末をネットワークに接続…',
  ]),
  command('carrier.add-device', 'carrier', [
    'Put another device into the network…',
    'ほかの機器をネットワークに追加…',
  ]),
  command('carrier.add-fleet', 'carrier', ['Make a fleet…', '端末群を作成…']),
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
