import type { Invoice } from '../../contract/settlement'

export interface DownloadNotice {
  readonly deviceId: string
  readonly software: { readonly name: string; readonly version: string }
  /** Null: it costs nothing. */
  readonly invoice: Pick<Invoice, 'id' | 'amount' | 'currency' | 'account' | 'dueAt'> | null
}

/** The notice after a download (S1-18, S1-19), in English and Japanese. */
export function noticeMail({ deviceId, software, invoice }: DownloadNotice): {
  readonly subject: string
  readonly text: string
} {
  const named = `${software.name} ${software.version}`
  const english = [`${named} was downloaded to your device ${deviceId}.`]
  const japanese = [`お使いの機器 ${deviceId} に ${named} をダウンロードしました。`]
  if (invoice) {
    const { id, account, amount, currency } = invoice
    const price = priceOf(amount, currency)
    // With its time: a day alone would be another one where the manager is.
    const due = `${new Date(invoice.dueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    english.push('Please pay the price into the account of the carrier.', '')
    english.push(`Invoice: ${id}`, `Account: ${account}`, `Price: ${price}`, `Due: ${due}`)
    japanese.push('下記の口座に代金をお支払いください。', '')
    japanese.push(`請求番号: ${id}`, `口座番号: ${account}`, `代金: ${price}`, `支払期限: ${due}`)
  } else {
    english.push('It costs nothing.')
    japanese.push('代金はかかりません。')
  }
  const text = [...english, '', '----', '', ...japanese, ''].join('\n')
  return { subject: `Software was downloaded / ダウンロード完了: ${named}`, text }
}

/** From the smallest unit of the currency: 1500 USD are `15.00 USD`, 1500 JPY `1500 JPY`. */
export function priceOf(amount: number, currency: string): string {
  return `${(amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency))} ${currency}`
}

function digitsOf(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.resolvedOptions().maximumFractionDigits ?? 2
}
