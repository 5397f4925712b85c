import type { DeviceTask } from '../../contract/rollouts'
import type { Language, Standing } from './question'

interface PageTexts {
  readonly title: string
  readonly question: string
  readonly labels: Readonly<Record<'software' | 'vendor' | 'device' | 'manager', string>> &
    Readonly<Record<'price' | 'deadline', string>>
  readonly free: string
  readonly noDeadline: string
  readonly answers: Readonly<Record<NonNullable<DeviceTask['answer']>, string>>
  readonly answered: (answer: string) => string
  readonly unanswered: string
  readonly changeable: string
  readonly standings: Readonly<Record<Exclude<Standing, 'open'>, string>>
  /** An answer came too late to count. */
  readonly ineffective: string
  readonly unknown: string
}

export const PAGE_TEXTS: Readonly<Record<Language, PageTexts>> = {
  en: {
    title: 'Software update',
    question: 'Do you want this update?',
    labels: {
      software: 'Software',
      vendor: 'Vendor',
      device: 'Device',
      manager: 'Manager',
      price: 'Price',
      deadline: 'Answers count until',
    },
    free: 'Free of charge',
    noDeadline: 'No deadline',
    answers: { yes: 'Yes, update', no: 'No, do not update' },
    answered: answer => `Your answer: ${answer}`,
    unanswered: 'You have not answered yet.',
    changeable: 'You can change your answer until the download begins.',
    standings: {
      late: 'The time to answer is over.',
      begun: 'The download has begun. Your answer can no longer be changed.',
      cancelled: 'The update was cancelled. You need not answer.',
    },
    ineffective: 'Your answer came too late and has no effect.',
    unknown: 'There is no such question. Open the link of the mail once more, as a whole.',
  },
  ja: {
    title: 'ソフトウェアの更新',
    question: 'この更新を希望されますか。',
    labels: {
      software: 'ソフトウェア',
      vendor: '提供ベンダ',
      device: '機器',
      manager: '管理者',
      price: '代金',
      deadline: '回答期限',
    },
    free: '無料',
    noDeadline: '期限なし',
    answers: { yes: 'はい、更新します', no: 'いいえ、更新しません' },
    answered: answer => `お客様の回答: ${answer}`,
    unanswered: 'まだ回答されていません。',
    changeable: 'ダウンロードが始まるまで回答を変更できます。',
    standings: {
      late: '回答の受付は終了しました。',
      begun: 'ダウンロードが始まったため、回答は変更できません。',
      cancelled: 'この更新は中止されました。回答は不要です。',
    },
    ineffective: '期限を過ぎていたため、回答は反映されませんでした。',
    unknown: 'この質問は見つかりません。メールのリンク全体をもう一度開いてください。',
  },
}

/** Japanese where the browser wants it before English (RFC 9110, 12.5.4). */
export function languageOf(acceptLanguage: string | null): Language {
  const weights = { en: 0, ja: 0 }
  for (const part of (acceptLanguage ?? '').slice(0, 256).split(',')) {
    const [, tag, weight = '1'] = /^\s*(en|ja)(?:-[^;]*)?(?:;\s*q=([\d.]+))?/i.exec(part) ?? []
    const language = tag?.toLowerCase()
    if (language !== 'en' && language !== 'ja') continue
    weights[language] = Math.max(weights[language], Number(weight) || 0)
  }
  return weights.ja > weights.en ? 'ja' : 'en'
}
